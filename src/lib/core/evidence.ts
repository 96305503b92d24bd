import { limitsOf } from './limits.js'
import type { RolloutState } from './rollout.js'

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
  return lastConclusive === 'pass'
    ? null
    : `no check found the ${minAttempts} attempts that a rate needs within its window`
}
