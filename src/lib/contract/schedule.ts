import * as z from 'zod'
import { attemptsToNotice } from '../core/analysis.js'
import { usageError } from '../core/error.js'
import { thawsAt, type FreezeWindow } from '../core/freeze.js'
import { LIMIT_POLICIES } from '../core/gate.js'
import type { GradualStep } from '../core/gradual-steps.js'
import { certaintyOf, type Analysis } from '../core/judging.js'
import { moveUsers } from '../core/moved-users.js'
import type { GradualOptions } from '../core/plan.js'
import { NO_INCREASES } from '../core/rollout.js'
import { attemptsToFindDoubling } from '../core/sequential.js'
import type { Pins } from '../core/server.js'
import type { Thresholds } from '../core/thresholds.js'
import { analysisSchema } from './analysis.js'
import { count, percentage, thresholdValuesSchema, time } from './shared.js'

const limit = {
  limitMs: z.number().nullable().describe('how long it may stay shut, ms; null: for ever'),
  onLimit: z.enum(LIMIT_POLICIES),
}
const question = { everyMs: z.number().describe('ms'), timeoutMs: z.number().describe('ms') }

const gateSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('approval'), ...limit }),
  z.object({ kind: z.literal('command'), command: z.string(), ...question, ...limit }),
  z.object({ kind: z.literal('url'), url: z.string(), ...question, ...limit }),
])

/** `plan`: what a gradual rollout would do, were it to begin now. */
export const scheduleDocumentSchema = z.object({
  schema: z.literal('wsctl/schedule@1'),
  name: z.string().nullable(),
  beginsAt: time.describe('now, or when nothing is frozen any more: before that a run is refused'),
  frozenUntil: time
    .nullable()
    .describe('when the freeze window ends that nothing may begin in now; null: there is none'),
  endsAt: time.describe('with what freeze windows add, without what gates and extensions do'),
  longestEndsAt: time.describe('the same with every step extended'),
  baselineMs: z.number().nullable().describe('observation before the first step, ms'),
  monitoring: z.boolean().describe('false: nothing is judged'),
  thresholds: thresholdValuesSchema,
  analysis: analysisSchema,
  traffic: z
    .object({ attemptsPerSecond: z.number(), rolloutId: z.string().describe('the run that saw it') })
    .nullable()
    .describe('what the last run against this server saw; null: there is no record of one'),
  freeze: z.array(z.string()).readonly().describe('windows in which nothing is raised'),
  steps: z.array(
    z.object({
      percentage,
      mode: z.enum(['gradual', 'full']),
      beginsAt: time,
      durationMs: z.number().describe('observation, ms'),
      attempts: count.nullable().describe('that a rate needs before it means anything; null: nothing is judged'),
      attemptsToNotice: count
        .nullable()
        .describe('until users who are turned away without an error are noticed; null: never'),
      attemptsToFindDoubling: count
        .nullable()
        .describe('about how many, until twice the limit of errors is told from chance; null: never'),
      findsDoublingMs: z.number().nullable().describe('about how long that takes, ms; null: the traffic is not known'),
      thresholds: thresholdValuesSchema.nullable().describe('null: those of the plan'),
      gate: gateSchema.nullable().describe('what has to say yes at the end of the step'),
      users: z
        .object({ moved: count.describe('by this step'), unified: count.describe('during this step') })
        .nullable()
        .describe('null: no users were given'),
    }),
  ),
  users: z
    .object({
      total: count,
      forcedLegacy: count.describe('who never move'),
    })
    .nullable(),
})
export type ScheduleDocument = z.output<typeof scheduleDocumentSchema>

export interface ScheduleFacts {
  readonly options: GradualOptions
  readonly thresholds: Thresholds
  readonly analysis: Analysis
  /** Null where it is not known. */
  readonly traffic: ScheduleDocument['traffic']
  readonly pins: Pins
  /** Null when none were given. */
  readonly users: readonly string[] | null
  readonly begins: Date
}

/** @throws WsctlError (usage) for freeze windows that never end */
export function toScheduleDocument({
  options,
  thresholds,
  analysis,
  traffic,
  pins,
  users,
  begins,
}: ScheduleFacts): ScheduleDocument {
  const { monitoring, onInconclusive, safeguards = {} } = options
  const { name = null, baseline = null, freeze = [], increases = NO_INCREASES } = safeguards
  const last = options.steps.at(-1)
  const full = { percentage: 100, durationMs: 0, mode: 'full' as const }
  const rising: readonly (GradualStep & { readonly mode: 'gradual' | 'full' })[] = [
    ...options.steps.map((step) => ({ ...step, mode: 'gradual' as const })),
    ...(last?.percentage === 100 ? [full] : []),
  ]
  const shares = users && moveUsers(users, pins, rising)
  const baselineMs = baseline !== null && 'durationMs' in baseline ? baseline.durationMs : null
  const nowMs = begins.getTime()
  const beginMs = earliest(freeze, nowMs, baselineMs ?? 0)
  const durations = rising.map(({ durationMs }) => durationMs)
  const course = courseOf(freeze, beginMs + (baselineMs ?? 0), durations)
  const extended = courseOf(
    freeze,
    beginMs + (baselineMs ?? 0),
    onInconclusive === 'extend' ? durations.map((ms) => ms * 2) : durations,
  )
  const certainty = certaintyOf(analysis)
  const steps = rising.map((step, index): ScheduleDocument['steps'][number] => {
    const isJudged = monitoring && step.durationMs > 0
    const own = step.thresholds ?? null
    const { minAttempts, minAdoption } = own ?? thresholds
    const doubling = attemptsToFindDoubling(own ?? thresholds, { thresholds, steps: rising, increases }, certainty)
    const isFound = isJudged && Number.isFinite(doubling)
    const noticed = attemptsToNotice(step.percentage, minAdoption)
    return {
      percentage: step.percentage,
      mode: step.mode,
      beginsAt: toTime(course.beginsMs[index] ?? beginMs),
      durationMs: step.durationMs,
      attempts: isJudged ? minAttempts : null,
      attemptsToNotice: isJudged && Number.isFinite(noticed) ? noticed : null,
      attemptsToFindDoubling: isFound ? doubling : null,
      findsDoublingMs: isFound && traffic !== null ? (doubling / traffic.attemptsPerSecond) * 1000 : null,
      thresholds: own,
      gate: step.gate ?? null,
      users: shares?.[index] ?? null,
    }
  })
  return {
    schema: 'wsctl/schedule@1',
    name,
    beginsAt: toTime(beginMs),
    frozenUntil: beginMs === nowMs ? null : toTime(beginMs),
    endsAt: toTime(course.endMs),
    longestEndsAt: toTime(extended.endMs),
    baselineMs,
    monitoring,
    thresholds,
    analysis,
    traffic,
    freeze: freeze.map(({ text }) => text),
    steps,
    users: users && { total: users.length, forcedLegacy: countForced(users, pins) },
  }
}

/** The first moment at which a run is not refused: neither when it begins, nor when its baseline is over. */
function earliest(freeze: readonly FreezeWindow[], nowMs: number, baselineMs: number): number {
  const beginMs = thaw(freeze, nowMs)
  const raiseMs = thaw(freeze, beginMs + baselineMs)
  return raiseMs === beginMs + baselineMs ? beginMs : earliest(freeze, raiseMs, baselineMs)
}

/** When each step begins, and the last one ends. A step that ends within a freeze window is kept until that is over. */
function courseOf(
  freeze: readonly FreezeWindow[],
  firstMs: number,
  durations: readonly number[],
): { readonly beginsMs: readonly number[]; readonly endMs: number } {
  const beginsMs: number[] = []
  let endMs = firstMs
  for (const durationMs of durations) {
    const beginMs = thaw(freeze, endMs)
    beginsMs.push(beginMs)
    endMs = beginMs + durationMs
  }
  return { beginsMs, endMs }
}

/** @throws WsctlError (usage) for windows in which everything is frozen, always */
function thaw(freeze: readonly FreezeWindow[], wallMs: number): number {
  const atMs = thawsAt(freeze, wallMs)
  if (atMs !== null) return atMs
  throw usageError(
    `the freeze windows leave no moment of the week in which anything is raised: ${freeze.map(({ text }) => text).join('; ')}`,
    'leave one of them out, or make it shorter: --freeze WINDOW',
  )
}

function toTime(ms: number): string {
  return new Date(ms).toISOString()
}

function countForced(users: readonly string[], { forceLegacyUsers }: Pins): number {
  const forced = new Set(forceLegacyUsers)
  return users.filter((user) => forced.has(user)).length
}
