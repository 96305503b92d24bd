import type { Baseline, RolloutPlan, RolloutState } from './rollout.js'
import type { Thresholds } from './thresholds.js'

/** The limits that hold in the step under way: its own, else those of the plan, no looser than the baseline permits. */
export function limitsOf({ plan, stepIndex, baseline }: RolloutState): Thresholds {
  const thresholds = plan.steps[stepIndex]?.thresholds ?? plan.thresholds
  return baseline === null ? thresholds : tightened(thresholds, plan, baseline)
}

function tightened(thresholds: Thresholds, { increases }: RolloutPlan, { tally }: Baseline): Thresholds {
  const limit = (fixed: number, factor: number | null, count: number): number =>
    factor === null ? fixed : Math.min(fixed, factor * usualRate(count, tally.attempts))
  return {
    ...thresholds,
    maxErrorRate: limit(thresholds.maxErrorRate, increases.maxErrorRate, tally.errors),
    maxFallbackRate: limit(thresholds.maxFallbackRate, increases.maxFallbackRate, tally.fallbacks),
  }
}

/**
 * What a baseline says of a rate, %. One that saw nothing go wrong says less than once in all it saw,
 * not never: any multiple of 0 would be broken by the first mishap.
 */
function usualRate(count: number, attempts: number): number {
  return attempts === 0 ? Infinity : (Math.max(count, 1) / attempts) * 100
}

/** Whether any limit is relative to the baseline. */
export function isRelative({ increases }: Pick<RolloutPlan, 'increases'>): boolean {
  return increases.maxErrorRate !== null || increases.maxFallbackRate !== null
}
