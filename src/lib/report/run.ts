/** A run, its plan and its steps as a report tells them. */
import type { UnfinishedState } from '../contract/history.js'
import type { Report } from '../contract/report.js'
import { rate, ratesOf } from '../core/analysis.js'
import { exitCodeOf } from '../core/outcome.js'
import type { RolloutPlan, RolloutState, Step, StepRecord } from '../core/rollout.js'
import { describeSettings } from '../core/server.js'
import { describePosition, describeStep } from '../render/describe-plan.js'
import { elapsedMs } from '../render/format.js'
import { printable } from '../render/text.js'
import type { Moment } from './moments.js'
import { checksOf, percentagesOf } from './series.js'

type Described = Pick<
  Report,
  | 'rolloutId'
  | 'command'
  | 'name'
  | 'server'
  | 'reason'
  | 'state'
  | 'outcome'
  | 'exitCode'
  | 'conclusion'
  | 'startedAt'
  | 'endedAt'
>

export function describeRun(state: RolloutState, unfinished: UnfinishedState): Described {
  const { plan, phase } = state
  const end = phase.name === 'finished' ? phase : null
  return {
    rolloutId: plan.id,
    command: plan.command,
    name: plan.name === null ? null : printable(plan.name),
    server: printable(plan.server),
    reason: plan.reason === null ? null : printable(plan.reason),
    state: end ? 'ended' : unfinished,
    outcome: end?.outcome ?? null,
    exitCode: end && exitCodeOf(end.outcome),
    conclusion: printable(end?.reason ?? describeStand(state, unfinished)),
    startedAt: state.startedAt,
    endedAt: state.endedAt,
  }
}

const STANDS: Readonly<Record<UnfinishedState, string>> = {
  running: 'under way',
  left: 'left without a process before its end',
  incomplete: 'its end was not recorded',
}

/** Where a run stands that has not ended. */
function describeStand(state: RolloutState, unfinished: UnfinishedState): string {
  const at = describePosition(state) ?? describeStep(state.plan.steps[state.stepIndex])
  const seen = state.said === null ? '' : `; the server said ${describeSettings(state.said)} when it was read last`
  return `${STANDS[unfinished]}, ${at}${seen}`
}

export function settingsBefore({ plan: { before } }: RolloutState): Report['before'] {
  return (
    before && {
      mode: before.mode,
      percentage: before.percentage,
      legacyFallback: before.legacyFallback,
      rolloutUsers: before.rolloutUsers?.length ?? null,
      forceLegacyUsers: before.forceLegacyUsers?.length ?? null,
    }
  )
}

/** As the server said last. */
export function settingsAfter({ said }: RolloutState): Report['after'] {
  return (
    said && {
      mode: said.mode,
      percentage: said.percentage,
      legacyFallback: said.legacyFallback,
      rolloutUsers: said.explicitRolloutUsers,
      forceLegacyUsers: said.forcedLegacyUsers,
    }
  )
}

export function toPlan(plan: RolloutPlan): Report['plan'] {
  const { steps, monitoring, onBreach, onInconclusive, onInterrupt, environmentFile, thresholds, analysis } = plan
  return {
    steps: steps.length,
    monitoring,
    onBreach,
    onInconclusive,
    onInterrupt,
    environmentFile: environmentFile === null ? null : printable(environmentFile),
    thresholds,
    analysis,
  }
}

export function toStep(record: StepRecord, { steps }: RolloutPlan): Report['steps'][number] {
  const { index, percentage, outcome, startedAt, endedAt, checks, tally } = record
  const step = steps[index]
  const { errors, fallbacks } = tally
  return {
    number: index + 1,
    label: describeStep(step),
    percentage,
    outcome,
    startedAt,
    endedAt,
    plannedMs: step?.durationMs ?? null,
    checks,
    errors,
    fallbacks,
    ...ratesOf(tally),
    adoption: adoptionOf(record, step),
  }
}

/** Unified connections, per cent of those that the percentage promises. */
function adoptionOf({ percentage, tally }: StepRecord, step: Step | undefined): number | null {
  return step?.target?.mode === 'disabled' ? null : rate(tally.unified, (tally.attempts * percentage) / 100)
}

export function figuresOf(moments: readonly Moment[], state: RolloutState): Report['figures'] {
  const checks = checksOf(moments)
  const count = (verdict: Report['checks'][number]['verdict']): number =>
    checks.filter((check) => check.verdict === verdict).length
  const total = (count: (tally: StepRecord['tally']) => number): number =>
    state.steps.reduce((sum, { tally }) => sum + count(tally), 0)
  const judged = checks.filter(({ attempts, step }) => attempts >= minAttemptsOf(state.plan, step))
  return {
    elapsedMs: elapsedMs(state.startedAt, moments.at(-1)?.event.time ?? state.startedAt),
    peakPercentage: most(percentagesOf(moments).map(({ percentage }) => percentage)),
    attempts: total(({ attempts }) => attempts),
    errors: total(({ errors }) => errors),
    fallbacks: total(({ fallbacks }) => fallbacks),
    checks: { pass: count('pass'), fail: count('fail'), inconclusive: count('inconclusive'), error: count('error') },
    highestErrorRate: most(judged.flatMap(({ errorRate }) => errorRate ?? [])),
    lowestSuccessRate: least(judged.flatMap(({ successRate }) => successRate ?? [])),
    mostRoutingErrors: most(checks.flatMap(({ routingErrors }) => routingErrors ?? [])),
    breachToSafetyMs: breachToSafety(moments),
  }
}

/**
 * Attempts that a rate needs in a step: its own, else those of the plan.
 *
 * @param number of the step, from 1
 */
function minAttemptsOf({ steps, thresholds }: RolloutPlan, number: number): number {
  return (steps[number - 1]?.thresholds ?? thresholds).minAttempts
}

/** Not by spreading into `Math.max`: a watch of days has more checks than a call takes arguments. */
function most(values: readonly number[]): number | null {
  return values.reduce<number | null>((highest, value) => (highest === null ? value : Math.max(highest, value)), null)
}

function least(values: readonly number[]): number | null {
  return values.reduce<number | null>((lowest, value) => (lowest === null ? value : Math.min(lowest, value)), null)
}

function breachToSafety(moments: readonly Moment[]): number | null {
  const timeOf = (type: Moment['event']['type']): string | undefined =>
    moments.find(({ event }) => event.type === type)?.event.time
  const breach = timeOf('breached')
  const safety = timeOf('rollback-verified')
  return breach === undefined || safety === undefined ? null : elapsedMs(breach, safety)
}
