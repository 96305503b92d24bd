import type { Phase } from './rollout.js'
import { holdsSame, type Configuration, type Snapshot } from './server.js'

/**
 * Of its lists a server tells only the length. Where nothing else was to change, a reading says nothing of
 * whether a write that failed took effect.
 *
 * @param expected what the server showed before
 */
export function isUntold(
  expected: Snapshot | null,
  { writeFailure }: Extract<Phase, { name: 'applying' }>,
  target: Configuration,
): boolean {
  return writeFailure !== null && (expected === null || !holdsSame(expected, target))
}
