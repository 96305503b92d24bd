import * as z from 'zod'
import { THRESHOLD_NAMES, VERDICTS } from '../core/analysis.js'
import { ORDERS } from '../core/control.js'
import { FAILURE_KINDS, WsctlError } from '../core/error.js'
import type { RolloutEvent } from '../core/event.js'
import { PARTIAL_POLICIES } from '../core/fleet.js'
import { LIMIT_POLICIES } from '../core/gate.js'
import { COUNTED } from '../core/judging.js'
import {
  BREACH_POLICIES,
  CRASH_POLICIES,
  INCONCLUSIVE_POLICIES,
  INTENTS,
  INTERRUPT_POLICIES,
  NO_INCREASES,
  RESUME_POLICIES,
  ROLLBACK_CAUSES,
} from '../core/rollout.js'
import { WAITING_REASONS } from '../core/waiting.js'
import { analysisSchema } from './analysis.js'
import {
  count,
  modeSchema,
  outcomeSchema,
  percentage,
  pinsSchema,
  rate,
  snapshotSchema,
  targetSchema,
  thresholdValuesSchema,
  time,
} from './shared.js'

/** The `schema` field of each line of a journal and of `--events`. */
const EVENT_SCHEMA = 'wsctl/event@1'

const monotonic = z.number().describe('monotonic ms of the process that ran')
const step = z.int().nonnegative().describe('index of the step, from 0')

const failureSchema = z
  .object({
    kind: z.enum(FAILURE_KINDS),
    status: z.int().nullable().describe('HTTP status; null without an answer'),
    message: z.string(),
    retryAfterMs: z.number().exactOptional(),
    servers: z.array(z.string()).readonly().exactOptional().describe('of a fleet: where it failed, when not on all'),
  })
  .readonly()
const failure = failureSchema.nullable().describe('null: it was accepted')

const settingsSchema = z
  .object({
    mode: modeSchema,
    percentage,
    unifiedEnabled: z.boolean(),
    gradualRolloutEnabled: z.boolean(),
    explicitRolloutUsers: count,
    forcedLegacyUsers: count,
    legacyFallback: z.boolean(),
    cachedAssignments: count,
  })
  .readonly()
const countersSchema = z.object({ legacy: count, unified: count, errors: count, fallbacks: count }).readonly()
const servers = z.array(z.string()).readonly()

const statusSchema = z
  .object({
    settings: settingsSchema.describe('of a fleet: those that send the most users to the unified system'),
    counters: countersSchema.describe('of a fleet: added up'),
    open: z.object({ legacy: count.nullable(), unified: count.nullable() }).readonly(),
    members: z
      .array(
        z
          .object({
            server: z.string(),
            settings: settingsSchema.exactOptional().describe('left out: those of the fleet'),
            counters: countersSchema.nullable().describe('null: it was never read'),
            failure: failureSchema.exactOptional().describe('why it did not answer; the rest is from before'),
          })
          .readonly(),
      )
      .readonly()
      .exactOptional()
      .describe('of a fleet: each server by itself'),
  })
  .readonly()

const checkSchema = z
  .object({
    verdict: z.enum(VERDICTS),
    reason: z.string(),
    findings: z
      .array(
        z
          .object({
            threshold: z.enum(THRESHOLD_NAMES),
            broken: z.boolean(),
            value: z.number(),
            limit: z.number(),
            text: z.string(),
            odds: z
              .number()
              .exactOptional()
              .describe('for 1, against chance, that the rate is above its limit; only of sequential analysis'),
          })
          .readonly(),
      )
      .readonly(),
    attempts: count,
    errorRate: rate,
    fallbackRate: rate,
    successRate: rate,
    failing: z.array(z.string()).readonly().exactOptional().describe('of a fleet: the servers that are at fault'),
    together: z.boolean().exactOptional().describe('of a fleet: whether the whole of it is at fault'),
  })
  .readonly()

const listSourcesSchema = z
  .array(z.object({ origin: z.string(), users: z.array(z.string()).readonly() }).readonly())
  .readonly()

const factor = z.number().nullable().describe('times the rate of the baseline; null: not limited by it')
const minuteOfWeek = z.int().nonnegative().describe('minutes since Monday 00:00')

const tallySchema = z
  .object({ legacy: count, unified: count, errors: count, fallbacks: count, attempts: count })
  .readonly()
const baselineSchema = z.object({ tally: tallySchema, observedMs: z.number().describe('ms') }).readonly()

const gateLimit = {
  limitMs: z.number().nullable().describe('ms; null: as long as it takes'),
  onLimit: z.enum(LIMIT_POLICIES),
}
const gatePace = { everyMs: z.number().describe('ms'), timeoutMs: z.number().describe('ms'), ...gateLimit }
const gateSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('approval'), ...gateLimit }).readonly(),
  z.object({ kind: z.literal('command'), command: z.string(), ...gatePace }).readonly(),
  z.object({ kind: z.literal('url'), url: z.string(), ...gatePace }).readonly(),
])

const commandSchema = z
  .object({
    id: z.string(),
    order: z.enum(ORDERS),
    step: step.nullable().describe('index of the step that a promotion means'),
    by: z.string(),
    reason: z.string().nullable(),
  })
  .readonly()

const fleetSchema = z
  .object({
    servers: servers.describe('as known when the run began'),
    from: z.string().nullable().describe('where they are looked up anew, such as dns:NAME:PORT; null: they are fixed'),
    quorum: z.number().describe('how many of them must answer, %'),
    onPartial: z.enum(PARTIAL_POLICIES),
    canaries: servers.describe('on which each step comes first'),
    before: z.record(z.string(), snapshotSchema).nullable().describe('null: they agreed when the run began'),
  })
  .readonly()

const planSchema = z
  .object({
    id: z.string(),
    command: z.string(),
    name: z.string().nullable().default(null),
    server: z.string(),
    fleet: fleetSchema.exactOptional().describe('left out: it is one server'),
    intent: z.enum(INTENTS),
    before: snapshotSchema.nullable(),
    pins: pinsSchema.nullable(),
    pinSources: z
      .object({ rolloutUsers: listSourcesSchema, forceLegacyUsers: listSourcesSchema })
      .readonly()
      .nullable(),
    steps: z
      .array(
        z
          .object({
            percentage,
            target: targetSchema.nullable(),
            durationMs: z.number().nullable().describe('ms; 0: not observed; null: until stopped'),
            thresholds: thresholdValuesSchema.exactOptional().describe('limits of its own'),
            gate: gateSchema.exactOptional().describe('what has to open before it is left'),
            wave: z.literal('canary').exactOptional().describe('it comes to the canaries of a fleet alone'),
          })
          .readonly(),
      )
      .readonly(),
    thresholds: thresholdValuesSchema,
    // Journals from before there was a choice do not name it.
    analysis: analysisSchema.default(COUNTED),
    increases: z.object({ maxErrorRate: factor, maxFallbackRate: factor }).readonly().default(NO_INCREASES),
    baseline: z
      .union([z.object({ durationMs: z.number().describe('ms') }).readonly(), baselineSchema])
      .nullable()
      .default(null),
    freeze: z
      .array(
        z
          .object({ text: z.string(), timeZone: z.string(), fromMinute: minuteOfWeek, toMinute: minuteOfWeek })
          .readonly(),
      )
      .readonly()
      .default([]),
    monitoring: z.boolean(),
    onBreach: z.enum(BREACH_POLICIES),
    onInconclusive: z.enum(INCONCLUSIVE_POLICIES),
    onInterrupt: z.enum(INTERRUPT_POLICIES),
    // Journals from before it was kept do not name it.
    onCrash: z.enum(CRASH_POLICIES).nullable().default('hold'),
    environmentFile: z.string().nullable(),
    rollbackTimeoutMs: z.number().describe('ms'),
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

function line<T extends string, S extends z.core.$ZodLooseShape>(type: T, shape: S) {
  return z.object({ ...envelope, type: z.literal(type), ...shape })
}

/** One line of a journal or of `--events`. Keys that a later version adds are let pass. */
export const eventSchema = z.discriminatedUnion('type', [
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
])

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
  const parsed = eventSchema.safeParse(json)
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
