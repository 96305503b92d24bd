/** The plan of a gradual rollout as a file: what may be typed, and what it comes to. */
import * as z from 'zod'
import { PARTIAL_POLICIES } from '../core/fleet.js'
import { LIMIT_POLICIES, type Gate } from '../core/gate.js'
import { firstNotRising } from '../core/gradual-steps.js'
import { INCONCLUSIVE_POLICIES } from '../core/rollout.js'
import { DEFAULT_THRESHOLDS } from '../core/thresholds.js'
import { fileAnalysisKeys } from './analysis.js'
import { fileDuration, fileJsonSchema, fileNumber } from './file-values.js'
import { quorumSchema } from './fleet-options.js'
import { freezeWindowSchema } from './freeze-window.js'
import { contactsSchema, notificationsSchema } from './notification.js'
import { describeDuration, factorSchema, notRising, stepPercentageSchema } from './options.js'
import { fileThresholdsSchema, type FileThresholds } from './thresholds.js'

const PLAN_SCHEMA = 'wsctl/plan@1'

const stepDuration = fileDuration({ bareNumber: 'minutes' })
const duration = fileDuration({ bareNumber: 'refused' })
const factor = fileNumber(factorSchema, { sign: '[xX]' })
const percentage = fileNumber(stepPercentageSchema, { sign: '%' }).describe('whole per cent, 1-100')

function oneOf<const T extends readonly string[]>(values: T) {
  return z.enum(values, { error: `expected one of ${values.join(', ')}` })
}

const limit = {
  limit: duration.optional().describe('how long it may stay shut; without: for ever'),
  'on-limit': oneOf(LIMIT_POLICIES).optional().describe('what follows when it is still shut then (hold)'),
}

const GATE_KINDS = ['approval', 'command', 'url'] as const
const ONE_KIND = `expected one of ${GATE_KINDS.join(', ')}`

const gateSchema = z
  .union(
    [
      z.literal('approval').describe('wait until somebody approves, for as long as it takes'),
      z
        .strictObject({
          approval: z
            .strictObject(limit, { error: 'expected {}, or a limit such as {limit: 2h}' })
            .optional()
            .describe('somebody has to approve'),
          command: text('a command').optional().describe('a command has to exit with 0'),
          url: z
            .url({ protocol: /^https?$/, error: 'expected a URL that starts with http:// or https://' })
            .optional()
            .describe('an address has to answer with 2xx'),
          every: duration.optional().describe('how long after a no it is asked again (30s)'),
          timeout: duration.optional().describe('for one answer (30s)'),
          ...limit,
        })
        .superRefine((gate, context) => {
          const kinds = GATE_KINDS.filter((kind) => gate[kind] !== undefined)
          if (kinds.length !== 1) {
            const found = kinds.length === 0 ? 'none of them' : kinds.join(' and ')
            context.addIssue({ code: 'custom', message: `${ONE_KIND}, found ${found}` })
          }
          if (gate.approval === undefined) return
          for (const key of ['every', 'timeout', 'limit', 'on-limit'] as const) {
            if (gate[key] === undefined) continue
            const where = key === 'limit' || key === 'on-limit' ? `: give it within, as approval: {${key}: …}` : ''
            context.addIssue({ code: 'custom', path: [key], message: `there is no such key beside approval${where}` })
          }
        }),
    ],
    { error: 'expected approval, {approval: …}, {command: …} or {url: …}' },
  )
  .transform((typed): Gate => {
    const { approval, command, url, ...rest } = typed === 'approval' ? { approval: {} } : typed
    const { limit: limitMs = null, 'on-limit': onLimit = 'hold' } = { ...rest, ...approval }
    const asked = { everyMs: rest.every ?? ASK_MS, timeoutMs: rest.timeout ?? ASK_MS, limitMs, onLimit }
    if (command !== undefined) return { kind: 'command', command, ...asked }
    return url === undefined ? { kind: 'approval', limitMs, onLimit } : { kind: 'url', url, ...asked }
  })

const ASK_MS = 30_000

function text(what: string) {
  const error = `expected ${what}, as a line of text`
  return z
    .string({ error })
    .trim()
    .regex(/^[^\u0000-\u001F\u007F-\u009F]+$/, { error })
}

const stepSchema = z
  .union(
    [
      percentage,
      z.strictObject({
        percentage,
        duration: stepDuration.optional().describe('observation of this step; a bare number is minutes'),
        thresholds: fileThresholdsSchema.optional().describe('limits of this step, where they differ from those below'),
        gate: gateSchema.optional().describe('what has to say yes at the end of this step'),
      }),
    ],
    { error: 'expected a whole number from 1 to 100 (per cent), or a step such as {percentage: 5, duration: 10m}' },
  )
  .transform((typed) => {
    const step = typeof typed === 'number' ? { percentage: typed } : typed
    const { percentage: at, duration: durationMs = null, thresholds = null, gate = null } = step
    return { percentage: at, durationMs, thresholds, gate }
  })

/** A file in the language of the flags: what it does not say is left to them, and to their defaults. */
export const planFileSchema = z
  .strictObject(
    {
      $schema: z.string().optional().describe('for editors'),
      schema: z
        .literal(PLAN_SCHEMA, { error: `expected ${PLAN_SCHEMA}, the only form that this wsctl reads` })
        .optional()
        .describe('the form of this file'),
      name: text('a name')
        .max(100, { error: 'expected a name of up to 100 characters' })
        .optional()
        .describe('for people'),
      steps: z
        .array(stepSchema, { error: 'expected a list of steps, such as [1, 5, 25, 100]' })
        .min(1, { error: 'expected at least one step, such as [1, 5, 25, 100]' })
        .describe('rising percentages'),
      'step-duration': stepDuration.optional().describe('of steps without a duration; a bare number is minutes (30m)'),
      thresholds: fileThresholdsSchema.optional().describe('when a rollout is going wrong'),
      ...fileAnalysisKeys,
      'on-inconclusive': oneOf(INCONCLUSIVE_POLICIES)
        .optional()
        .describe('when a step ends with too little traffic to judge (extend)'),
      'on-interrupt': oneOf(LIMIT_POLICIES).optional().describe('what Ctrl-C or SIGTERM does (hold)'),
      'on-crash': oneOf(LIMIT_POLICIES).optional().describe('what a companion does when the process dies (hold)'),
      'rollback-timeout': duration.optional().describe('how long a rollback is tried (2m)'),
      servers: z
        .array(text('a URL'), {
          error: 'expected a list of URLs, such as [http://10.0.0.5:8000, http://10.0.0.6:8000]',
        })
        .min(1, { error: 'expected at least one URL' })
        .optional()
        .describe('base URLs of the servers that are moved as one'),
      'servers-from': text('a file or dns:NAME:PORT')
        .optional()
        .describe('a file with one address a line, or dns:NAME:PORT'),
      quorum: fileNumber(quorumSchema, { sign: '%' }).optional().describe('how many servers have to answer, % (100)'),
      'on-partial': oneOf(PARTIAL_POLICIES).optional().describe('when some of the servers do not take a step (revert)'),
      'canary-servers': z
        .union([z.int().positive(), text('how many servers')], {
          error: 'expected how many servers, a share, or addresses',
        })
        .optional()
        .describe('on which servers each step comes first: how many, a share such as 10%, or addresses'),
      freeze: z
        .array(freezeWindowSchema, { error: 'expected a list of windows, such as ["Fri 16:00-Mon 08:00"]' })
        .optional()
        .describe('stretches of the week in which nothing is raised'),
      baseline: duration.optional().describe('observation before the first step'),
      'max-error-rate-increase': factor.optional().describe('error rate, times that of the baseline'),
      'max-fallback-rate-increase': factor.optional().describe('fallback rate, times that of the baseline'),
      contacts: contactsSchema.optional().describe('whom to call, by role'),
      notifications: notificationsSchema.optional().describe('who is told what happens'),
    },
    { error: 'expected a plan, at least its steps, such as {steps: [1, 5, 25, 100]}' },
  )
  .superRefine(({ steps, thresholds = {}, ...file }, context) => {
    if (file.servers !== undefined && file['servers-from'] !== undefined) {
      const message = 'the servers are named in one place, not servers and servers-from'
      context.addIssue({ code: 'custom', path: ['servers-from'], message })
    }
    const percentages = steps.map((step) => step.percentage)
    const index = firstNotRising(percentages)
    if (index !== null) {
      const message = notRising(percentages[index] ?? 0, percentages[index - 1] ?? 0)
      context.addIssue({ code: 'custom', path: ['steps', index, 'percentage'], message })
    }
    const refuse = (path: readonly (string | number)[], message: string | null): void => {
      if (message !== null) context.addIssue({ code: 'custom', path: [...path, 'window'], message })
    }
    refuse(['thresholds'], narrowWindow(thresholds))
    steps.forEach((step, at) => {
      if (step.thresholds) refuse(['steps', at, 'thresholds'], narrowWindow({ ...thresholds, ...step.thresholds }))
    })
  })
  .transform((file) => ({
    name: file.name ?? null,
    steps: file.steps,
    stepDurationMs: file['step-duration'] ?? null,
    thresholds: file.thresholds ?? {},
    analysis: {
      analysis: file.analysis ?? null,
      confidence: file.confidence ?? null,
      'design-effect': file['design-effect'] ?? null,
    },
    onInconclusive: file['on-inconclusive'] ?? null,
    onInterrupt: file['on-interrupt'] ?? null,
    onCrash: file['on-crash'] ?? null,
    rollbackTimeoutMs: file['rollback-timeout'] ?? null,
    fleet: {
      server: file.servers ?? null,
      'servers-from': file['servers-from'] ?? null,
      quorum: file.quorum === undefined ? null : `${file.quorum}%`,
      'on-partial': file['on-partial'] ?? null,
      'canary-servers': file['canary-servers'] === undefined ? null : String(file['canary-servers']),
    },
    freeze: file.freeze ?? [],
    baseline: file.baseline === undefined ? null : { durationMs: file.baseline },
    increases: {
      maxErrorRate: file['max-error-rate-increase'] ?? null,
      maxFallbackRate: file['max-fallback-rate-increase'] ?? null,
    },
    contacts: file.contacts ?? null,
    notifications: file.notifications ?? [],
  }))
export type PlanFile = z.output<typeof planFileSchema>

/** Why no two checks fit into the window; null when they do. */
function narrowWindow(thresholds: FileThresholds): string | null {
  const { window = DEFAULT_THRESHOLDS.windowMs, 'poll-interval': poll = DEFAULT_THRESHOLDS.pollIntervalMs } = thresholds
  if (window >= poll) return null
  return `expected a window of at least ${describeDuration(poll)}, the poll-interval, not ${describeDuration(window)}`
}

/** For editors. */
export const planJsonSchema = () => fileJsonSchema(planFileSchema)
