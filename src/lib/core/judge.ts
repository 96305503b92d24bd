import { analyse, type Check, type Measurement } from './analysis.js'
import { deltaOf, gather, grow } from './evolve-observing.js'
import { judgeSequentially } from './judge-sequentially.js'
import { limitsOf } from './limits.js'
import type { RolloutState } from './rollout.js'
import { isSequential } from './sequential.js'
import { effectivePercentage, type ServerStatus, type Settings } from './server.js'
import { add, errorsWithin, lookBack } from './window.js'

/**
 * Judges a reading by what it adds to what was seen before.
 *
 * @param percentage that was set, in mode `gradual` or `full`; null where none applies
 */
export function judge(
  state: RolloutState,
  status: ServerStatus,
  atMs: number,
  percentage: number | null = percentageOf(status.settings),
): Check {
  const { plan } = state
  const limits = limitsOf(state)
  const delta = deltaOf(state, status, atMs)
  const window = grow(state, delta, atMs)
  const windowStartMs = atMs - limits.windowMs
  const stepTotal = delta ? add(state.stepTotal, delta) : state.stepTotal
  const measurement: Measurement = {
    recent: lookBack(window, {
      step: state.stepIndex,
      sinceMs: state.statusMs ?? atMs,
      windowStartMs,
      minAttempts: limits.minAttempts,
    }),
    windowErrors: errorsWithin(window, windowStartMs),
    stepTotal,
    percentage,
  }
  const evidence = gather(state, delta)
  return evidence !== null && isSequential(plan)
    ? judgeSequentially(measurement, { evidence, stepTotal, limits, plan })
    : analyse(measurement, limits)
}

/** A check of a plan that waits its steps out without judging them. */
export function unjudged(check: Check): Check {
  return { ...check, verdict: 'inconclusive', reason: 'not judged (--no-monitoring)' }
}

/** What adoption is measured by; null where no percentage applies. */
export function percentageOf(settings: Settings): number | null {
  return settings.mode === 'gradual' || settings.mode === 'full' ? effectivePercentage(settings) : null
}
