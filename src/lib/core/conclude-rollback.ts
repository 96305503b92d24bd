import { describeLastSeen } from './contact.js'
import type { EventBody } from './event.js'
import { describeUnverified, verifiedServers } from './conclude-fleet.js'
import { finished } from './finished.js'
import { nameServers } from './fleet.js'
import { knownPins } from './evolve-rollback.js'
import { pendingTask } from './next-action.js'
import { ROLLBACK_CONFIRMATIONS } from './percentage-reset.js'
import type { RollbackState, RolloutState } from './rollout.js'

/** What follows in a rollback from the state alone; null when the server has to be asked first. */
export function concludeRollback(state: RolloutState, rollback: RollbackState): EventBody | null {
  const { plan, atMs } = state
  const task = pendingTask(state, rollback)
  if (task === 'done') return endOfRollback(state, rollback)
  if (task === 'reset-percentage' && knownPins(state) === null) {
    return { type: 'percentage-reset', failure: 'the two user lists are not known, and writing it would unpin them' }
  }
  if (rollback.verified || rollback.abandoned) return null
  if (task === 'read-back' && rollback.confirmations >= ROLLBACK_CONFIRMATIONS && state.status !== null) {
    return { type: 'rollback-verified', status: state.status }
  }
  // Whatever the last call answered, and however late: it may have worked, which only reading back tells.
  if (task === 'read-back') return null
  const useless = rollback.cause === 'requested' && rollback.refusedToken && rollback.attempt > 1
  const timedOut = atMs - rollback.startedMs >= plan.rollbackTimeoutMs
  if (!useless && !timedOut) return null
  return {
    type: 'rollback-abandoned',
    reason: rollback.lastFailure ?? `the server does not say disabled after ${rollback.attempt} attempts`,
  }
}

function endOfRollback(state: RolloutState, rollback: RollbackState): EventBody {
  const { cause, reason, verified, refusedToken, lastFailure } = rollback
  if (verified) {
    return cause === 'requested' ? finished('completed', cause, reason) : finished('rolled-back', cause, reason)
  }
  const failure = lastFailure ?? 'the server does not say disabled'
  if (cause === 'requested' && refusedToken) {
    return finished('unreachable', 'refused-token', `the server refused the token, so nothing was changed: ${failure}`)
  }
  // A server that cannot be reached is often the cause as well, and then told with it.
  const why = reason.includes(failure) ? '' : ` (${failure})`
  if (state.fleet) {
    const where = nameServers(verifiedServers(state, rollback).open, 10)
    return finished(
      'rollback-unverified',
      cause,
      `users may still be on the unified system on ${where}: it could not be confirmed that they are back. ` +
        `${describeUnverified(state, rollback)} Cause of the rollback: ${reason}`,
    )
  }
  return finished(
    'rollback-unverified',
    cause,
    `users may still be on the unified system: it could not be confirmed that they are back${why}. ` +
      `${describeLastSeen(state)} Cause of the rollback: ${reason}`,
  )
}
