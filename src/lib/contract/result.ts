import * as z from 'zod'
import { ratesOf } from '../core/analysis.js'
import type { WsctlError } from '../core/error.js'
import { knownPins } from '../core/evolve-rollback.js'
import { exitCodeOf } from '../core/outcome.js'
import type { RolloutState, StepRecord } from '../core/rollout.js'
import { fits, snapshotOf, type Snapshot } from '../core/server.js'
import {
  count,
  errorSchema,
  exitCodeSchema,
  outcomeSchema,
  percentage,
  rate,
  snapshotSchema,
  thresholdValuesSchema,
  time,
} from './shared.js'

export const stepSchema = z.object({
  percentage,
  outcome: z
    .enum(['running', 'passed', 'unproven', 'held', 'failed'])
    .describe('unproven: went on without enough traffic to judge'),
  startedAt: time,
  endedAt: time.nullable(),
  attempts: count,
  errorRate: rate,
  fallbackRate: rate,
  successRate: rate,
  checks: count,
})

/** How a run ended: `deploy`, `rollback`, `monitor`, `configure` and `rehearse`. */
export const resultSchema = z.object({
  schema: z.literal('wsctl/result@1'),
  command: z.string(),
  outcome: outcomeSchema,
  exitCode: exitCodeSchema,
  rolloutId: z.string().nullable().describe('null: it ended before a run began'),
  server: z.string().nullable(),
  reason: z.string(),
  before: snapshotSchema.nullable().describe('the server before the run; null when it could not be read'),
  after: snapshotSchema.nullable().describe('the server as it was read last'),
  steps: z.array(stepSchema).describe('the steps that were observed'),
  thresholds: thresholdValuesSchema.nullable(),
  baseline: z
    .object({ attempts: count, errorRate: rate, fallbackRate: rate, successRate: rate, observedMs: z.number() })
    .nullable()
    .describe('what was observed before the first step; null: nothing was'),
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  warnings: z.array(z.string()),
  error: errorSchema.optional().describe('only when the exit code is not 0'),
})
export type Result = z.output<typeof resultSchema>

/**
 * The document of a run that has ended.
 *
 * @throws RangeError when it has not
 */
export function toResult(state: RolloutState, suggestions: readonly string[]): Result {
  const { phase } = state
  if (phase.name !== 'finished') throw new RangeError(`a run that is ${phase.name} has no result`)
  const { outcome, code, reason } = phase
  const exitCode = exitCodeOf(outcome)
  return {
    ...toProgress(state),
    schema: 'wsctl/result@1',
    outcome,
    exitCode,
    reason,
    ...(exitCode !== 0 && { error: { code, message: reason, suggestions } }),
  }
}

/** What can be told of a run at any time: where it works, and how far it has come. */
export function toProgress(state: RolloutState) {
  const { plan } = state
  return {
    command: plan.command,
    rolloutId: plan.id,
    server: plan.server,
    before: plan.before,
    after: lastSnapshot(state),
    steps: state.steps.filter((step) => plan.steps[step.index]?.durationMs !== 0).map(toStep),
    thresholds: plan.thresholds,
    baseline: state.baseline && { ...ratesOf(state.baseline.tally), observedMs: state.baseline.observedMs },
    startedAt: state.startedAt,
    endedAt: state.endedAt,
    warnings: [...state.warnings],
  }
}

/** The document of a command that failed before a run began. */
export function errorResult(command: string, error: WsctlError, server: string | null): Result {
  const { code, message, suggestions, outcome, exitCode } = error
  return {
    schema: 'wsctl/result@1',
    command,
    outcome,
    exitCode,
    rolloutId: null,
    server,
    reason: message,
    before: null,
    after: null,
    steps: [],
    thresholds: null,
    baseline: null,
    startedAt: null,
    endedAt: null,
    warnings: [],
    error: { code, message, suggestions },
  }
}

export function toStep({
  percentage,
  outcome,
  startedAt,
  endedAt,
  tally,
  checks,
}: StepRecord): Result['steps'][number] {
  return { percentage, outcome, startedAt, endedAt, ...ratesOf(tally), checks }
}

/** The server as it was read last; its lists are told when those that are known are as long as it says. */
export function lastSnapshot(state: RolloutState): Snapshot | null {
  if (state.status === null) return null
  const { settings } = state.status
  const pins = knownPins(state)
  return snapshotOf(settings, pins && fits(settings, pins) ? pins : null)
}
