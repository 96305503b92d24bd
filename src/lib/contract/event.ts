import * as z from 'zod'
import { ORDERS } from '../core/control.js'
import { WsctlError } from '../core/error.js'
import type { RolloutEvent } from '../core/event.js'
import { RESUME_POLICIES, ROLLBACK_CAUSES } from '../core/rollout.js'
import { WAITING_REASONS } from '../core/waiting.js'
import { checkSchema, failureSchema, statusSchema } from './readings.js'
import { planSchema, tallySchema } from './recorded-plan.js'
import { modeSchema, outcomeSchema, percentage, pinsSchema, targetSchema, time } from './shared.js'

/** The `schema` field of each line of a journal and of `--events`. */
const EVENT_SCHEMA = 'wsctl/event@1'

const monotonic = z.number().describe('monotonic ms of the process that ran')
const step = z.int().nonnegative().describe('index of the step, from 0')

const failure = failureSchema.nullable().describe('null: it was accepted')
const servers = z.array(z.string()).readonly()

const commandSchema = z
  .object({
    id: z.string(),
    order: z.enum(ORDERS),
    step: step.nullable().describe('index of the step that a promotion means'),
    by: z.string(),
    reason: z.string().nullable(),
  })
  .readonly()

const lacking = servers.exactOptional().describe('of a fleet: those that do not show it yet')
const server = z.string().exactOptional().describe('which of a fleet')
const configurationSchema = z.object({ ...targetSchema.unwrap().shape, ...pinsSchema.unwrap().shape }).readonly()

const envelope = {
  schema: z.literal(EVENT_SCHEMA),
  rolloutId: z.string(),
  seq: z.int().positive().describe('number within the run, from 1'),
  atMs: monotonic,
  time,
}

/** Names of the events, in the order of their lines. */
const TYPES: string[] = []

function line<T extends string, S extends z.core.$ZodLooseShape>(type: T, shape: S) {
  TYPES.push(type)
  return z.object({ ...envelope, type: z.literal(type), ...shape })
}

const LINES = [
  line('started', { plan: planSchema, operator: z.string() }),
  line('resumed', {
    operator: z.string(),
    policy: z.enum(RESUME_POLICIES),
    backgroundPid: z.int().positive().exactOptional().describe('of a process in the background that goes on with it'),
  }),
  line('measured', { status: statusSchema.nullable(), failure, begunMs: monotonic }),
  line('throttled', { failure: failureSchema }),
  line('baseline-taken', { tally: tallySchema, observedMs: z.number().describe('ms') }),
  line('step-started', { step, percentage, again: z.boolean() }),
  line('write-cleared', { step, status: statusSchema, lacking }),
  line('write-answered', { step, failure }),
  line('read-back', { step, status: statusSchema.nullable(), failure, shown: z.boolean(), lacking }),
  line('apply-failed', { step, reason: z.string() }),
  line('step-applied', {
    step,
    percentage,
    status: statusSchema,
    rejoined: servers.exactOptional().describe('of a fleet: these alone had to be brought to the step'),
  }),
  line('checked', { step, status: statusSchema.nullable(), failure, check: checkSchema, begunMs: monotonic }),
  line('doubted', { step, status: statusSchema }),
  line('restart-detected', { step, status: statusSchema, settingsKept: z.boolean() }),
  line('foreign-change-detected', { step, status: statusSchema, server }),
  line('several-processes-detected', { step, readings: z.array(statusSchema).readonly(), server }),
  line('fleet-changed', {
    step,
    status: statusSchema,
    restarted: servers,
    joined: servers,
    left: servers,
    behind: servers.describe('those that are brought to the step'),
  }),
  line('revert-started', { step, reason: z.string(), configuration: configurationSchema }),
  line('revert-called', { failure }),
  line('revert-read', { status: statusSchema.nullable(), failure }),
  line('step-extended', { step, byMs: z.number().describe('ms'), reason: z.string() }),
  line('waiting', { step, for: z.enum(WAITING_REASONS), reason: z.string() }),
  line('gate-asked', { step, attempt: z.int().positive() }),
  line('gate-answered', { step, attempt: z.int().positive(), open: z.boolean(), message: z.string() }),
  line('commanded', { command: commandSchema, objection: z.string().nullable().describe('null: it is followed') }),
  line('step-passed', { step, percentage, proven: z.boolean() }),
  line('breached', { step, reason: z.string() }),
  line('interrupted', { signal: z.string(), ignored: z.boolean() }),
  line('rollback-started', { cause: z.enum(ROLLBACK_CAUSES), reason: z.string() }),
  line('rollback-called', { call: z.enum(['emergency-rollback', 'configure']), attempt: z.int().positive(), failure }),
  line('rollback-read', { status: statusSchema.nullable(), failure }),
  line('rollback-verified', { status: statusSchema }),
  line('rollback-abandoned', { reason: z.string() }),
  line('cache-cleared', { offered: z.boolean(), failure }),
  line('percentage-reset', { failure: z.string().nullable() }),
  line('environment-recorded', { path: z.string(), mode: modeSchema, percentage, failure: z.string().nullable() }),
  line('journal-failed', { message: z.string() }),
  line('finished', { outcome: outcomeSchema, code: z.string(), reason: z.string() }),
] as const

/** One line of a journal or of `--events`. Keys that a later version adds are let pass. */
export const eventSchema = z.discriminatedUnion('type', LINES)

/** An event as it is written: numbered, dated, and with the run that it belongs to. */
export type EventLine = RolloutEvent & { readonly schema: typeof EVENT_SCHEMA; readonly rolloutId: string }

/** One line, without its end. */
export function encodeEvent(event: RolloutEvent, rolloutId: string): string {
  return JSON.stringify({ schema: EVENT_SCHEMA, rolloutId, ...event })
}

/**
 * Reads one line.
 *
 * @throws WsctlError `journal-newer` when a later wsctl wrote it, `journal-unreadable` when it is none
 */
export function decodeEvent(text: string): EventLine {
  const json = parseJson(text)
  const written =
    isObject(json) && typeof json['schema'] === 'string' ? /^wsctl\/event@(\d+)$/.exec(json['schema']) : null
  if (written && Number(written[1]) > 1) {
    throw new WsctlError(
      'journal-newer',
      `the journal was written by a newer wsctl (format ${written[1]}, this one reads 1)`,
      {
        outcome: 'refused',
        suggestions: ['use the wsctl that wrote it, or a newer one'],
      },
    )
  }
  // A schema is made when it is looked into: that of one kind, not those of all.
  const schema = LINES[isObject(json) ? TYPES.indexOf(String(json['type'])) : -1] ?? eventSchema
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data satisfies EventLine
  throw new WsctlError(
    'journal-unreadable',
    `the journal holds a line that is no event: ${whatIsWrong(json, parsed.error)}`,
    {
      outcome: 'failed',
      suggestions: ['was the file edited, or its disk damaged? Each line is one event, as wsctl wrote it'],
    },
  )
}

/** What was found, and what was expected in its place. */
function whatIsWrong(json: unknown, { issues: [issue] }: z.ZodError): string {
  if (!isObject(json)) return `it is no JSON object; expected {"schema":"${EVENT_SCHEMA}", ... }`
  const key = issue?.path.join('.') ?? ''
  return `${key === '' ? '' : `${key}: `}${issue?.message ?? 'not as expected'}`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
