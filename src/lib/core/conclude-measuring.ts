import { finished } from './conclude-rollback.js'
import type { EventBody } from './event.js'
import { isRelative } from './limits.js'
import type { RolloutState } from './rollout.js'

/**
 * How the observation before the first step ends; null while it goes on. Limits that are relative to
 * it need as many attempts as any rate does: it takes up to twice its time to see them.
 */
export function concludeMeasuring(state: RolloutState): EventBody | null {
  const { plan, failuresInRow, observedMs, stepTotal } = state
  const { thresholds, baseline } = plan
  if (failuresInRow >= thresholds.consecutiveFailures) {
    const reason = `the server could not be read ${failuresInRow} times in a row before the first step`
    return finished('unreachable', 'no-baseline', reason)
  }
  const durationMs = baseline !== null && 'durationMs' in baseline ? baseline.durationMs : 0
  if (observedMs < durationMs) return null
  if (isRelative(plan) && stepTotal.attempts < thresholds.minAttempts) {
    if (observedMs < 2 * durationMs) return null
    const reason =
      `${stepTotal.attempts} attempts before the first step are too few to compare with, ` +
      `${thresholds.minAttempts} needed`
    return finished('held', 'no-baseline', reason)
  }
  return { type: 'baseline-taken', tally: stepTotal, observedMs }
}
