import * as z from 'zod'
import { exitCodeOf, type Outcome } from '../core/outcome.js'
import type { RolloutPlan, RolloutState } from '../core/rollout.js'
import { effectivePercentage } from '../core/server.js'
import { resultSchema, toProgress } from './result.js'
import { exitCodeSchema, outcomeSchema, percentage, time } from './shared.js'
import { takenOver, type TakenOver } from './takeover.js'

/** What a run may be whose journal holds no end. */
const UNFINISHED_STATES = ['running', 'left', 'incomplete'] as const
export type UnfinishedState = (typeof UNFINISHED_STATES)[number]
export const runStateSchema = z
  .enum(['ended', ...UNFINISHED_STATES])
  .describe(
    'left: without a process before its end; incomplete: its end was not recorded, but it has let go of the server',
  )

/**
 * @param claim what was found of the run's claim on its server: a run that ends gives it back even when its journal
 *   cannot be written, and one that a later run settled has none either
 */
export function unfinishedStateOf(claim: { readonly isAlive: boolean } | undefined): UnfinishedState {
  if (claim === undefined) return 'incomplete'
  return claim.isAlive ? 'running' : 'left'
}

/** `history`, without an id. */
export const historyDocumentSchema = z.object({
  schema: z.literal('wsctl/history@1'),
  runs: z.array(
    z.object({
      rolloutId: z.string(),
      command: z.string(),
      server: z.string(),
      state: runStateSchema,
      outcome: outcomeSchema.nullable().describe('null: it has not ended'),
      exitCode: exitCodeSchema.nullable(),
      startedAt: time,
      endedAt: time.nullable(),
      from: percentage.nullable().describe('share of users on unified before, whole per cent'),
      to: percentage.nullable().describe('share of users on unified after, whole per cent'),
      reason: z.string().nullable(),
    }),
  ),
  unrecorded: z
    .array(z.object({ rolloutId: z.string(), journal: z.string().describe('path of its file') }))
    .describe('runs whose beginning could not be recorded'),
})
export type HistoryDocument = z.output<typeof historyDocumentSchema>

/** A run as a list tells it. */
interface ListedRun {
  readonly plan: RolloutPlan
  readonly startedAt: string
  /** When its last event was recorded. */
  readonly seenAt: string
  readonly end: { readonly outcome: Outcome; readonly reason: string } | null
  readonly percentage: number | null
}

/** @param stateOf what is known of a run whose journal holds no end */
export function toHistoryDocument(
  runs: readonly ListedRun[],
  stateOf: (rolloutId: string) => UnfinishedState,
  unrecorded: HistoryDocument['unrecorded'] = [],
): HistoryDocument {
  return {
    schema: 'wsctl/history@1',
    runs: runs.map(({ plan, startedAt, seenAt, end, percentage }) => ({
      rolloutId: plan.id,
      command: plan.command,
      server: plan.server,
      state: end ? 'ended' : stateOf(plan.id),
      outcome: end?.outcome ?? null,
      exitCode: end && exitCodeOf(end.outcome),
      startedAt,
      endedAt: end && seenAt,
      from: plan.before && effectivePercentage(plan.before),
      to: percentage,
      reason: end?.reason ?? null,
    })),
    unrecorded,
  }
}

/** `history` with the id of a run that has not ended; of one that has, it is the document of its result. */
export const unfinishedDocumentSchema = z.object({
  schema: z.literal('wsctl/unfinished@1'),
  state: runStateSchema.exclude(['ended']),
  outcome: z.null().describe('it has not ended'),
  exitCode: z.null(),
  takenOver,
  ...resultSchema.omit({ schema: true, outcome: true, exitCode: true, reason: true, error: true }).shape,
  suggestions: z.array(z.string()).readonly().describe('what to type next'),
})

export function toUnfinishedDocument(
  run: RolloutState,
  state: UnfinishedState,
  suggestions: readonly string[],
  companion: TakenOver | null = null,
): z.output<typeof unfinishedDocumentSchema> {
  const base = { schema: 'wsctl/unfinished@1', state, outcome: null, exitCode: null, takenOver: companion } as const
  return { ...base, ...toProgress(run), suggestions }
}
