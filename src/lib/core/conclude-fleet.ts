/** What follows for a fleet from the state alone. */
import { sinceLastChange } from './doubted-readings.js'
import { isRefusedForGood } from './error.js'
import type { EventBody } from './event.js'
import { CONFIRMATIONS } from './evolve-applying.js'
import {
  answered,
  byServer,
  isFleet,
  memberOf,
  NAMED,
  nameServers,
  readingOf,
  settingsOfMember,
  type FleetStatus,
} from './fleet.js'
import { expectedOf, targetOf } from './fleet-state.js'
import { finished } from './finished.js'
import { isAsLeft, isBehind } from './learn-fleet.js'
import { isBack } from './percentage-reset.js'
import { diagnose, READINGS_TO_DIAGNOSE } from './processes.js'
import {
  currentStep,
  currentTarget,
  type Phase,
  type RevertState,
  type RollbackState,
  type RolloutState,
} from './rollout.js'
import { describeSettings, holdsMore, isAbove, shows, wentDown, type Configuration } from './server.js'

/** Why readings of a fleet did not fit, server by server; null while there are too few. */
export function concludeFleetDoubt(
  state: RolloutState,
  { readings }: Extract<Phase, { name: 'doubting' }>,
): EventBody | null {
  const { stepIndex: step } = state
  const all = readings.filter(isFleet)
  const last = all.at(-1)
  if (last === undefined || all.length < READINGS_TO_DIAGNOSE) return null
  const known = byServer(state.status)
  const restarted: string[] = []
  for (const { server } of last.members) {
    const own = all.flatMap((reading) => readingOf(reading, server) ?? [])
    const before = known.get(server)?.counters ?? null
    if (!all.some((reading) => misfits(state, reading, server))) continue
    const settled = sinceLastChange(own)
    const [first, end] = [settled[0], settled.at(-1)]
    if (first === undefined || end === undefined || settled.length < READINGS_TO_DIAGNOSE) {
      const isSilent = memberOf(last, server)?.failure !== undefined
      // Who falls silent is waited for as any other that does not answer.
      if (isSilent) continue
      return null
    }
    switch (diagnose(before ?? first.counters, settled)) {
      case 'several-processes':
        return { type: 'several-processes-detected', step, readings: settled, server }
      case 'foreign-change':
        return { type: 'foreign-change-detected', step, status: last, server }
      case 'restarted': {
        const target = currentTarget(state)
        if (target !== null && holdsMore(end.settings, target)) {
          return { type: 'foreign-change-detected', step, status: last, server }
        }
        restarted.push(server)
      }
    }
  }
  const behind = restarted.filter((server) => {
    const settings = readingOf(last, server)?.settings
    const expected = expectedOf(state, server)
    return settings && expected && !shows(settings, expected) && targetOf(state, server) !== null
  })
  return { type: 'fleet-changed', step, status: last, restarted, joined: [], left: [], behind }
}

function misfits(state: RolloutState, reading: FleetStatus, server: string): boolean {
  const member = memberOf(reading, server)
  if (!member || !answered(member)) return false
  const before = memberOf(state.status, server)?.counters
  if (before && member.counters && wentDown(before, member.counters)) return true
  return !isAsLeft(state, reading, member) && !isBehind(state, reading, member)
}

/**
 * What becomes of a step that came to some servers and not to others, once it was tried often enough, or was refused for
 * good; null while that is not so, or none of them has it.
 */
export function concludePartial(
  state: RolloutState,
  phase: Extract<Phase, { name: 'applying' }>,
  { isTriedEnough, why }: { readonly isTriedEnough: boolean; readonly why: string },
): EventBody | null {
  const { plan, stepIndex: step, fleet } = state
  const { writeFailure, unchanged, lacking = [] } = phase
  if (fleet === undefined || (plan.intent !== 'raise' && plan.intent !== 'set')) return null
  const isRefused = writeFailure !== null && isRefusedForGood(writeFailure) && unchanged >= CONFIRMATIONS
  if (!isTriedEnough && !isRefused) return null
  if (lacking.length === 0 || lacking.length >= Object.keys(fleet.members).length) return null
  const reason = `${currentStep(state).percentage} % could not be set on ${nameServers(lacking)}: ${why}`
  const onPartial = plan.fleet?.onPartial
  if (onPartial === 'rollback') return { type: 'rollback-started', cause: 'partial', reason }
  const configuration = onPartial === 'revert' ? stepBefore(state) : null
  if (configuration !== null) return { type: 'revert-started', step, reason, configuration }
  return finished('held', 'partial-write', `${reason}. The other servers keep it, and nothing more is changed`)
}

/** What all showed before the step; null when that is not known, or would send more users to the unified system. */
function stepBefore(state: RolloutState): Configuration | null {
  const { plan, fleet, expected, stepIndex } = state
  const hasCanaries = plan.fleet !== undefined && plan.fleet.canaries.length > 0
  const before = hasCanaries ? fleet?.rest : expected
  const target = plan.steps[stepIndex]?.target ?? null
  if (!before || target === null || isAbove(before, target)) return null
  const { mode, percentage, legacyFallback } = before
  const rolloutUsers = before.rolloutUsers ?? plan.pins?.rolloutUsers
  const forceLegacyUsers = before.forceLegacyUsers ?? plan.pins?.forceLegacyUsers
  if (rolloutUsers === undefined || forceLegacyUsers === undefined) return null
  return { mode, percentage, legacyFallback, rolloutUsers, forceLegacyUsers }
}

/** How going back to the step before ends; null while it goes on. */
export function concludeRevert(state: RolloutState, revert: RevertState): EventBody | null {
  const { plan, status, atMs } = state
  const { reason, configuration, confirmations, startedMs } = revert
  if (confirmations >= CONFIRMATIONS && isFleet(status)) {
    const silent = status.members.filter((member) => !answered(member)).map(({ server }) => server)
    const back = status.members.length - silent.length
    const open = silent.length === 0 ? '' : `; ${nameServers(silent)} did not answer, so where that stands is not known`
    return finished(
      'held',
      'partial-write',
      `${reason}. ${back} of ${status.members.length} servers were put back to ${describeSettings(configuration)}, ` +
        `which they show${open}`,
    )
  }
  if (revert.call === 'read-back' || atMs - startedMs < plan.rollbackTimeoutMs) return null
  return {
    type: 'rollback-started',
    cause: 'partial',
    reason: `${reason}, and not all that answer go back to ${describeSettings(configuration)}`,
  }
}

/** Whether setting a step sends more users of any server to the unified system than it does now. */
export function raisesAny(state: RolloutState, step: number): boolean {
  const { status } = state
  if (!isFleet(status)) return false
  const atStep: RolloutState = { ...state, stepIndex: step }
  return status.members.some((member) => {
    const target = targetOf(atStep, member.server)
    const settings = settingsOfMember(status, member)
    return target !== null && settings !== null && isAbove(target, settings)
  })
}

/** Servers of a fleet that could not be seen to be back on legacy, and the others. */
export function verifiedServers(
  state: RolloutState,
  rollback: RollbackState,
): { readonly back: readonly string[]; readonly open: readonly string[] } {
  const servers = [...new Set([...Object.keys(state.fleet?.members ?? {}), ...Object.keys(rollback.confirmed ?? {})])]
  return {
    back: servers.filter((server) => isBack(rollback, server)),
    open: servers.filter((server) => !isBack(rollback, server)),
  }
}

/** What is known of each server that could not be seen to be back, in sentences. */
export function describeUnverified(state: RolloutState, rollback: RollbackState): string {
  const { back, open } = verifiedServers(state, rollback)
  const said = open.slice(0, NAMED).map((server) => {
    const member = memberOf(state.status, server)
    const settings = member && state.status && settingsOfMember(state.status, member)
    const where = settings ? `said ${describeSettings(settings)} last` : 'was never read'
    return `${server} ${where}${member?.failure ? ` (${member.failure.message})` : ''}`
  })
  const rest =
    back.length === 0
      ? 'No other server is back either'
      : `The other ${back.length} are back on legacy: ${nameServers(back, 10)}`
  return `${said.join('; ')}${open.length > said.length ? `; and ${open.length - said.length} more` : ''}. ${rest}.`
}
