/** The steps of a run against what was observed before the first of them. */
import type { Report } from '../contract/report.js'
import { ratesOf } from '../core/analysis.js'
import type { Baseline, RolloutState } from '../core/rollout.js'
import { describeStep } from '../render/describe-plan.js'

export function toBaseline({ tally, observedMs }: Baseline): NonNullable<Report['baseline']> {
  return { observedMs, ...ratesOf(tally) }
}

/** Each step that saw attempts, beside the baseline. */
export function compareSteps({ plan, steps }: RolloutState, baseline: Baseline): Report['comparison'] {
  const base = ratesOf(baseline.tally)
  return steps
    .filter(({ tally }) => tally.attempts > 0)
    .map((record) => {
      const rates = ratesOf(record.tally)
      return {
        step: record.index + 1,
        label: describeStep(plan.steps[record.index]),
        ...rates,
        errorFactor: factor(rates.errorRate, base.errorRate),
        fallbackFactor: factor(rates.fallbackRate, base.fallbackRate),
        successChange:
          rates.successRate === null || base.successRate === null ? null : rates.successRate - base.successRate,
      }
    })
}

function factor(value: number | null, base: number | null): number | null {
  return value === null || base === null || base === 0 ? null : value / base
}
