import { doubtsAbout } from './judge-sequentially.js'
import { limitsOf } from './limits.js'
import type { RolloutState } from './rollout.js'
import { isSequential } from './sequential.js'

/** Whether the step has the evidence that advancing takes. */
export function isProven(state: RolloutState): boolean {
  return lackOf(state) === null
}

/** What the step lacks to be proven, in words; null when nothing. */
export function lackOf(state: RolloutState): string | null {
  const { plan, stepTotal, failuresInRow, lastConclusive, lastCheck } = state
  if (failuresInRow > 0) {
    return `a check failed, and none has passed since; the last one: ${lastCheck?.reason ?? 'nothing was measured'}`
  }
  if (!plan.monitoring) return null
  const { minAttempts } = limitsOf(state)
  if (stepTotal.attempts < minAttempts) return `${stepTotal.attempts} attempts in the whole step, ${minAttempts} needed`
  const [doubt] = doubtsOf(state)
  if (doubt !== undefined) return doubt
  return lastConclusive === 'pass'
    ? null
    : `no check found the ${minAttempts} attempts that a rate needs within its window`
}

/**
 * Rates that speak against going on, in words. That no alarm was raised is no proof: no rate may be in doubt, nor
 * above its limit in the whole step. Always none where checks are counted: there a failed check says so.
 */
export function doubtsOf(state: RolloutState): readonly string[] {
  const { plan, sequential, stepTotal } = state
  if (sequential === null || !isSequential(plan)) return []
  return doubtsAbout({ evidence: sequential, stepTotal, limits: limitsOf(state), plan }).map(({ text }) => text)
}
