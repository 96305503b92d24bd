import * as z from 'zod'
import { VERDICTS } from '../core/analysis.js'
import { ORDERS, type Command } from '../core/control.js'
import { requiredMs, type RolloutState } from '../core/rollout.js'
import { effectivePercentage } from '../core/server.js'
import { WAITING_REASONS } from '../core/waiting.js'
import { count, percentage, rate, time } from './shared.js'
import type { Claim } from '../core/claim.js'
import { stepSchema, toStep } from './result.js'
import { takenOver, type TakenOver } from './takeover.js'

const ROLLOUT_STATES = ['running', 'paused', 'waiting', 'rolling-back', 'left', 'ended', 'unreadable'] as const
type RolloutStanding = (typeof ROLLOUT_STATES)[number]

const rolloutSchema = z.object({
  rolloutId: z.string(),
  command: z.string(),
  name: z.string().nullable().describe('what its plan file calls it'),
  server: z.string(),
  operator: z.string(),
  since: time,
  state: z
    .enum(ROLLOUT_STATES)
    .describe('left: without a process before its end; unreadable: its record tells nothing'),
  percentage: percentage.nullable().describe('share of users on unified when the server was read last, whole per cent'),
  step: z.int().positive().nullable().describe('number of the step under way, from 1; null: none has begun'),
  steps: count.describe('how many there are'),
  waitingFor: z.enum(WAITING_REASONS).nullable(),
  reason: z.string().nullable().describe('of a pause, a wait or a rollback, or why it cannot be read'),
  takenOver,
})

/** `rollout list`. */
export const rolloutsDocumentSchema = z.object({
  schema: z.literal('wsctl/rollouts@1'),
  rollouts: z.array(rolloutSchema),
})

/** `rollout show`. */
export const rolloutDocumentSchema = rolloutSchema.extend({
  schema: z.literal('wsctl/rollout@1'),
  observedMs: z.number().describe('of the step, ms'),
  requiredMs: z.number().nullable().describe('of the step, ms; null: until stopped'),
  failuresInRow: count,
  lastCheck: z
    .object({
      verdict: z.enum(VERDICTS),
      reason: z.string(),
      attempts: count,
      errorRate: rate,
      fallbackRate: rate,
      successRate: rate,
    })
    .nullable(),
  observed: z.array(stepSchema),
})

/** `rollout pause`, `resume`, `promote`, `hold` and `abort`. */
export const orderTakenSchema = z.object({
  schema: z.literal('wsctl/order-taken@1'),
  rolloutId: z.string(),
  order: z.enum(ORDERS),
  by: z.string(),
  reason: z.string().nullable(),
  step: z.int().positive().nullable(),
  percentage,
})

/** Who works on a run, and whether a process does. */
export interface RunAtWork {
  readonly state: RolloutState
  readonly operator: string
  readonly isAlive: boolean
  /** What its companion does with it; null when none goes on with it. */
  readonly takenOver: TakenOver | null
}

/** A run whose record tells nothing: what is known of it is its claim. */
export interface UnreadableRun {
  readonly claim: Claim
  readonly reason: string
}

export function toRollout({ state, operator, isAlive, takenOver }: RunAtWork): z.output<typeof rolloutSchema> {
  const { plan, status, waiting, pausedBy, phase } = state
  const standing = standingOf(state, isAlive)
  const reason =
    phase.name === 'rolling-back'
      ? phase.rollback.reason
      : (waiting?.reason ?? (pausedBy === null ? null : `paused by ${pausedBy}`))
  return {
    rolloutId: plan.id,
    command: plan.command,
    name: plan.name,
    server: plan.server,
    operator,
    since: state.startedAt,
    state: standing,
    percentage: status && effectivePercentage(status.settings),
    step: state.steps.length === 0 ? null : state.stepIndex + 1,
    steps: plan.steps.length,
    waitingFor: waiting?.for ?? null,
    reason: standing === 'ended' && phase.name === 'finished' ? phase.reason : reason,
    takenOver,
  }
}

function standingOf({ phase, pausedBy, waiting }: RolloutState, isAlive: boolean): RolloutStanding {
  if (phase.name === 'finished') return 'ended'
  if (!isAlive) return 'left'
  if (phase.name === 'rolling-back') return 'rolling-back'
  if (pausedBy !== null) return 'paused'
  return waiting === null ? 'running' : 'waiting'
}

function toUnreadableRollout({ claim, reason }: UnreadableRun): z.output<typeof rolloutSchema> {
  const { rolloutId, command, server, operator, since } = claim
  return {
    ...{ rolloutId, command, name: null, server, operator, since, state: 'unreadable', percentage: null },
    ...{ step: null, steps: 0, waitingFor: null, reason, takenOver: null },
  }
}

export function toRolloutsDocument(
  runs: readonly (RunAtWork | UnreadableRun)[],
): z.output<typeof rolloutsDocumentSchema> {
  return {
    schema: 'wsctl/rollouts@1',
    rollouts: runs.map((run) => ('state' in run ? toRollout(run) : toUnreadableRollout(run))),
  }
}

export function toRolloutDocument(run: RunAtWork): z.output<typeof rolloutDocumentSchema> {
  const { state } = run
  const { lastCheck } = state
  return {
    schema: 'wsctl/rollout@1',
    ...toRollout(run),
    observedMs: state.observedMs,
    requiredMs: state.plan.steps.length === 0 ? 0 : requiredMs(state),
    failuresInRow: state.failuresInRow,
    lastCheck: lastCheck && {
      verdict: lastCheck.verdict,
      reason: lastCheck.reason,
      attempts: lastCheck.attempts,
      errorRate: lastCheck.errorRate,
      fallbackRate: lastCheck.fallbackRate,
      successRate: lastCheck.successRate,
    },
    observed: state.steps.map(toStep),
  }
}

export function toOrderTaken(command: Command, state: RolloutState): z.output<typeof orderTakenSchema> {
  const { order, by, reason } = command
  return {
    schema: 'wsctl/order-taken@1',
    rolloutId: state.plan.id,
    order,
    by,
    reason,
    step: state.steps.length === 0 ? null : state.stepIndex + 1,
    percentage: state.status === null ? 0 : effectivePercentage(state.status.settings),
  }
}
