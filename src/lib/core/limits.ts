import { binomialUpperBound } from './binomial.js'
import type { Baseline, RolloutPlan, RolloutState, UsualRates } from './rollout.js'
import { isSequential } from './sequential.js'
import type { Thresholds } from './thresholds.js'

/** The limits that hold in the step under way: its own, else those of the plan, no looser than the baseline permits. */
export function limitsOf({ plan, stepIndex, usual }: Pick<RolloutState, 'plan' | 'stepIndex' | 'usual'>): Thresholds {
  const thresholds = plan.steps[stepIndex]?.thresholds ?? plan.thresholds
  return usual === null ? thresholds : tightened(thresholds, plan, usual)
}

function tightened(thresholds: Thresholds, { increases }: RolloutPlan, { errors, fallbacks }: UsualRates): Thresholds {
  const limit = (fixed: number, factor: number | null, usual: number): number =>
    factor === null ? fixed : Math.min(fixed, factor * usual)
  return {
    ...thresholds,
    maxErrorRate: limit(thresholds.maxErrorRate, increases.maxErrorRate, errors),
    maxFallbackRate: limit(thresholds.maxFallbackRate, increases.maxFallbackRate, fallbacks),
  }
}

/** What a baseline says of the rates; null where no limit is relative to it. */
export function usualRates(plan: RolloutPlan, { tally }: Baseline): UsualRates | null {
  if (!isRelative(plan)) return null
  const usual = isSequential(plan) ? highestUsualRate(plan.increases, plan.analysis.confidence) : usualRate
  return { errors: usual(tally.errors, tally.attempts), fallbacks: usual(tally.fallbacks, tally.attempts) }
}

/**
 * What a baseline says of a rate, %. One that saw nothing go wrong says less than once in all it saw,
 * not never: any multiple of 0 would be broken by the first mishap.
 */
function usualRate(count: number, attempts: number): number {
  return attempts === 0 ? Infinity : (Math.max(count, 1) / attempts) * 100
}

/**
 * The highest rate that fits a baseline. A short one may have been lucky; half the chance of a false alarm is spent on
 * that, and the rates are judged with the other half.
 */
function highestUsualRate(increases: RolloutPlan['increases'], confidence: number): typeof usualRate {
  const judged = Object.values(increases).filter((factor) => factor !== null).length
  const alpha = (1 - confidence) / 2 / Math.max(1, judged)
  return (count, attempts) => binomialUpperBound(count, attempts, alpha) * 100
}

/** Whether any limit is relative to the baseline. */
export function isRelative({ increases }: Pick<RolloutPlan, 'increases'>): boolean {
  return increases.maxErrorRate !== null || increases.maxFallbackRate !== null
}
