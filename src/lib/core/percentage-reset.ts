/** The last write of a rollback: a server that is back on legacy is to be at 0 % as well. */
import type { EventOf } from './event.js'
import { answered, isFleet, nameServers, pinnedAlike, settingsOfMember, type FleetStatus } from './fleet.js'
import type { RollbackState, RolloutState } from './rollout.js'
import type { Pins, Settings } from './server.js'

/**
 * Readings of `disabled` in a row before a rollback is believed: twice those of a step, because two
 * processes behind one address agree by chance in one of eight rows of three. There is no pause between them: whose turn
 * it is behind an address is a matter of connections, and each reading opens one.
 */
export const ROLLBACK_CONFIRMATIONS = 6

/** Whether a server of a fleet was seen to be back on legacy, and has not said otherwise since. */
export function isBack({ confirmed = {} }: RollbackState, server: string): boolean {
  return (confirmed[server] ?? 0) >= ROLLBACK_CONFIRMATIONS
}

/**
 * An emergency rollback leaves the percentage as it was, where the next switch to `gradual` would
 * find it (contract of the admin API, fact 3).
 */
function isSafe({ percentage, legacyFallback }: Settings): boolean {
  return percentage === 0 && legacyFallback
}

/** Whether it is left to be written. What could not be verified is left alone: there the percentage is the least of it. */
export function needsReset({ status }: Pick<RolloutState, 'status'>, rollback: RollbackState): boolean {
  if (isFleet(status)) return openResets(status, rollback).length > 0
  return !rollback.abandoned && (status === null || !isSafe(status.settings))
}

/** Servers of a fleet for which that write is: nobody is unpinned by it. */
export function resetServers(status: FleetStatus, rollback: RollbackState, pins: Pins): readonly string[] {
  return pinnedAlike(status, pins, openResets(status, rollback))
}

/** Servers of a fleet that are back, and not at 0 %. */
function openResets(status: FleetStatus, rollback: RollbackState): readonly string[] {
  return status.members
    .filter((member) => {
      const settings = settingsOfMember(status, member)
      return isBack(rollback, member.server) && settings !== null && !isSafe(settings)
    })
    .map(({ server }) => server)
}

/** What is wrong with a reading after that write; null when nothing is. */
export function resetWarning({ status, failure }: EventOf<'rollback-read'>, rollback: RollbackState): string | null {
  if (isFleet(status)) return fleetWarning(status, rollback)
  if (failure) return `whether the percentage is 0 could not be read back: ${failure.message}`
  return status?.settings.percentage === 0 ? null : 'the percentage was set to 0, and the server shows another'
}

function fleetWarning(status: FleetStatus, rollback: RollbackState): string | null {
  const meant = status.members.filter(({ server }) => isBack(rollback, server))
  const silent = meant.filter((member) => !answered(member)).map(({ server }) => server)
  const elsewhere = meant
    .filter((member) => answered(member) && settingsOfMember(status, member)?.percentage !== 0)
    .map(({ server }) => server)
  if (elsewhere.length > 0) return `the percentage was set to 0, and another shows on ${nameServers(elsewhere)}`
  return silent.length === 0 ? null : `whether the percentage is 0 could not be read back from ${nameServers(silent)}`
}
