import { finished } from './finished.js'
import type { EventBody } from './event.js'
import { isRelative } from './limits.js'
import type { RolloutState } from './rollout.js'

/** A server that restarts once is measured from there; one that does so again is fit for no rollout. */
const RESTARTS_TO_REFUSE = 2

/**
 * How the observation before the first step ends; null while it goes on. Limits that are relative to
 * it need as many attempts as any rate does: it takes up to twice its time to see them.
 */
export function concludeMeasuring(state: RolloutState): EventBody | null {
  const { plan, failuresInRow, restarts, observedMs, stepTotal } = state
  const { thresholds, baseline } = plan
  if (failuresInRow >= thresholds.consecutiveFailures) {
    const reason = `the server could not be read ${failuresInRow} times in a row before the first step`
    return finished('unreachable', 'no-baseline', reason)
  }
  if (restarts >= RESTARTS_TO_REFUSE) {
    const reason =
      `the counters went down ${restarts} times before the first step: the server restarts again and again, or ` +
      'several server processes answer behind this address'
    return finished('refused', 'unsteady', reason)
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
