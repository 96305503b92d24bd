import { flagName } from '../contract/options.js'
import type { RolloutPlan } from '../core/rollout.js'
import { span } from '../core/span.js'
import { DEFAULT_THRESHOLDS, type Thresholds } from '../core/thresholds.js'

/** The flags that give a further run the limits and the pace of this one, such as ` --step-size 15 --window 2m`. */
export function planFlags(plan: RolloutPlan): string {
  const { monitoring, onInconclusive, onInterrupt, onCrash } = plan
  return [
    ...stepFlags(plan),
    ...thresholdFlagsOf(plan.thresholds),
    ...(plan.intent === 'raise' && !monitoring ? ['--no-monitoring'] : []),
    ...(plan.intent === 'raise' && onInconclusive !== 'extend' ? [`--on-inconclusive ${onInconclusive}`] : []),
    ...(onInterrupt === 'rollback' ? ['--on-interrupt rollback'] : []),
    ...(onCrash === 'rollback' ? ['--on-crash rollback'] : []),
  ]
    .map((flag) => ` ${flag}`)
    .join('')
}

function stepFlags({ command, steps }: RolloutPlan): readonly string[] {
  const [first, second] = steps
  const durationMs = first?.durationMs ?? 0
  const size = Math.abs((second?.percentage ?? 0) - (first?.percentage ?? 0))
  switch (command) {
    case 'deploy gradual':
      return [...(steps.length > 1 && size > 0 ? [`--step-size ${size}`] : []), `--step-duration ${span(durationMs)}`]
    case 'rollback gradual':
      return [
        ...(steps.length > 1 && size > 0 ? [`--step ${size}`] : []),
        ...(durationMs > 0 ? [`--step-duration ${span(durationMs)}`] : []),
      ]
    case 'deploy full':
      return durationMs > 0 ? [`--duration ${span(durationMs)}`] : []
    default:
      return []
  }
}

/** Only what differs from the defaults, so that the line stays one that can be read. */
function thresholdFlagsOf(thresholds: Thresholds): readonly string[] {
  return Object.entries(thresholds).flatMap(([key, value]: [string, number]) => {
    if (value === DEFAULT_THRESHOLDS[key as keyof Thresholds]) return []
    const isDuration = key.endsWith('Ms')
    return [`--${flagName(key.replace(/Ms$/, ''))} ${isDuration ? span(value) : value}`]
  })
}
