import { bucketOf } from './assignment.js'
import type { Pins, Target } from './server.js'

/** What settings make of some users. */
export interface UserShare {
  /** On the unified system with these settings. */
  readonly unified: number
  /** Of these, on legacy with the settings before; those before the first are nobody. */
  readonly moved: number
}

/**
 * How many of some users each of a row of settings moves, by the server's own rule (contract of the admin
 * API, fact 7). Hashed once each, because there may be millions.
 *
 * @param rising modes `gradual` and `full`, in the order in which they are set
 */
export function moveUsers(
  users: readonly string[],
  pins: Pins,
  rising: readonly Pick<Target, 'mode' | 'percentage'>[],
): readonly UserShare[] {
  const listed = new Set(pins.rolloutUsers)
  const forced = new Set(pins.forceLegacyUsers)
  const perBucket = Array.from({ length: 100 }, () => 0)
  let pinnedToUnified = 0
  let movable = 0
  for (const user of users) {
    if (forced.has(user)) continue
    movable++
    const bucket = bucketOf(user)
    if (listed.has(user)) pinnedToUnified++
    else perBucket[bucket] = (perBucket[bucket] ?? 0) + 1
  }
  const unified = rising.map(({ mode, percentage }) =>
    mode === 'full'
      ? movable
      : perBucket.slice(0, percentage).reduce((sum, inBucket) => sum + inBucket, pinnedToUnified),
  )
  return unified.map((count, index) => ({ unified: count, moved: count - (unified[index - 1] ?? 0) }))
}
