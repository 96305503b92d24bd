import { flagName } from '../contract/options.js'
import { DEFAULT_ON_PARTIAL, DEFAULT_QUORUM } from '../core/fleet.js'
import type { RolloutPlan } from '../core/rollout.js'
import { DEFAULT_CONFIDENCE, DEFAULT_DESIGN_EFFECT, type Analysis } from '../core/judging.js'
import { span } from '../core/span.js'
import { DEFAULT_THRESHOLDS, type Thresholds } from '../core/thresholds.js'

/** The flags that give a further run the limits and the pace of this one, such as ` --step-size 15 --window 2m`. */
export function planFlags(plan: RolloutPlan): string {
  const { monitoring, onInconclusive, onInterrupt, onCrash } = plan
  return [
    ...stepFlags(plan),
    ...thresholdFlagsOf(plan.thresholds),
    ...analysisFlagsOf(plan.analysis),
    ...(plan.intent === 'raise' && !monitoring ? ['--no-monitoring'] : []),
    ...(plan.intent === 'raise' && onInconclusive !== 'extend' ? [`--on-inconclusive ${onInconclusive}`] : []),
    ...safeguardFlagsOf(plan),
    ...(onInterrupt === 'rollback' ? ['--on-interrupt rollback'] : []),
    ...(onCrash === 'rollback' ? ['--on-crash rollback'] : []),
    ...fleetFlagsOf(plan),
  ]
    .map((flag) => ` ${flag}`)
    .join('')
}

function fleetFlagsOf({ fleet, intent }: RolloutPlan): readonly string[] {
  if (fleet === undefined) return []
  const { quorum, onPartial, canaries } = fleet
  return [
    ...(quorum === DEFAULT_QUORUM ? [] : [`--quorum ${quorum}%`]),
    ...(onPartial === DEFAULT_ON_PARTIAL ? [] : [`--on-partial ${onPartial}`]),
    ...(canaries.length === 0 || intent !== 'raise' ? [] : [`--canary-servers ${canaries.join(',')}`]),
  ]
}

function stepFlags({ command, steps }: RolloutPlan): readonly string[] {
  const [first, second] = steps
  const durationMs = first?.durationMs ?? 0
  const size = Math.abs((second?.percentage ?? 0) - (first?.percentage ?? 0))
  switch (command) {
    case 'deploy gradual':
      // Where they differ, the one that sees the most.
      return [`--step-duration ${span(Math.max(...steps.map((step) => step.durationMs ?? 0)))}`]
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

function safeguardFlagsOf({ freeze, increases, baseline, thresholds }: RolloutPlan): readonly string[] {
  const factor = (name: string, value: number | null): readonly string[] =>
    value === null ? [] : [`--${name}-increase ${value}x`]
  const isUsual = baseline === null || !('durationMs' in baseline) || baseline.durationMs === thresholds.pollIntervalMs
  return [
    ...freeze.map(({ text }) => `--freeze "${text}"`),
    ...(isUsual ? [] : [`--baseline ${span(baseline.durationMs)}`]),
    ...factor('max-error-rate', increases.maxErrorRate),
    ...factor('max-fallback-rate', increases.maxFallbackRate),
  ]
}

function analysisFlagsOf(analysis: Analysis): readonly string[] {
  if (analysis.rule === 'counted') return []
  const { rule, confidence, designEffect } = analysis
  return [
    `--analysis ${rule}`,
    ...(confidence === DEFAULT_CONFIDENCE ? [] : [`--confidence ${confidence}`]),
    ...(designEffect === DEFAULT_DESIGN_EFFECT ? [] : [`--design-effect ${designEffect}`]),
  ]
}

/** Only what differs from the defaults, so that the line stays one that can be read. */
function thresholdFlagsOf(thresholds: Thresholds): readonly string[] {
  return Object.entries(thresholds).flatMap(([key, value]: [string, number]) => {
    if (value === DEFAULT_THRESHOLDS[key as keyof Thresholds]) return []
    const isDuration = key.endsWith('Ms')
    return [`--${flagName(key.replace(/Ms$/, ''))} ${isDuration ? span(value) : value}`]
  })
}
