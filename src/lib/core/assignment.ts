import { hash32 } from './hash.js'
import type { Pins, Settings } from './server.js'

/** Salt with which the server hashes user ids (contract of the admin API, fact 7). */
const SALT = 'websocket_rollout_'

/**
 * The bucket, 0-99, into which the server's hash puts a user. In mode `gradual` the user is on the
 * unified system when the bucket is below the percentage.
 */
export function bucketOf(userId: string): number {
  return hash32(SALT + userId) % 100
}

/** Why a user is on a system. */
export type AssignmentReason = 'forced-legacy' | 'listed' | 'bucket' | 'mode'

export interface Assignment {
  readonly system: 'legacy' | 'unified'
  readonly reason: AssignmentReason
}

/** The server's routing rule for new connections (contract of the admin API, fact 7). */
export function assign(userId: string, settings: Pick<Settings, 'mode' | 'percentage'>, pins: Pins): Assignment {
  const listed = pins.rolloutUsers.includes(userId)
  if (settings.mode === 'disabled') return { system: 'legacy', reason: 'mode' }
  if (pins.forceLegacyUsers.includes(userId)) return { system: 'legacy', reason: 'forced-legacy' }
  switch (settings.mode) {
    case 'testing':
      return { system: listed ? 'unified' : 'legacy', reason: listed ? 'listed' : 'mode' }
    case 'gradual':
      if (listed) return { system: 'unified', reason: 'listed' }
      return { system: bucketOf(userId) < settings.percentage ? 'unified' : 'legacy', reason: 'bucket' }
    case 'full':
      return { system: 'unified', reason: 'mode' }
  }
}
