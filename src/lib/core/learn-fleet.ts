/** What a reading of a fleet says, by what each of its servers shows. */
import type { EventBody, Instant } from './event.js'
import {
  answered,
  dropped,
  followOn,
  jointFailure,
  lackOfQuorum,
  memberOf,
  settingsOfMember,
  type FleetStatus,
  type Member,
} from './fleet.js'
import { expectedOf, targetOf } from './fleet-state.js'
import { judgeFleet } from './judge-fleet.js'
import { unjudged } from './judge.js'
import { learnReadFailure } from './learn-read-failure.js'
import type { Phase, RolloutState } from './rollout.js'
import { sameSettings } from './processes.js'
import { holdsMore, shows } from './server.js'
import { isUntold } from './untold.js'

type Timed = Instant & { readonly begunMs: number }
type Applying = Extract<Phase, { readonly name: 'applying' }>

/** @param reading as it was read, not yet seen as following from the one before */
export function learnFleet(state: RolloutState, reading: FleetStatus, at: Timed): EventBody | null {
  const { phase, stepIndex: step, plan } = state
  const status = followOn(state.status, reading)
  const silent = status.members.filter((member) => !answered(member))
  const failure = silent.length === 0 ? null : jointFailure(silent)
  const lack = lackOfQuorum(status, plan.fleet?.quorum ?? 100)
  switch (phase.name) {
    case 'rolling-back':
      return { type: 'rollback-read', status, failure }
    case 'reverting':
      return { type: 'revert-read', status, failure }
    case 'applying':
      return learnApplying(state, phase, { reading, status, at })
    case 'measuring':
      return lack ? learnReadFailure(state, lack, at) : { type: 'measured', status, failure: null, begunMs: at.begunMs }
    case 'doubting':
      return lack ? learnReadFailure(state, lack, at) : { type: 'doubted', step, status }
    case 'applied':
    case 'observing':
      return lack ? learnReadFailure(state, lack, at) : learnObserving(state, { reading, status, at })
    default:
      return null
  }
}

interface Read {
  readonly reading: FleetStatus
  readonly status: FleetStatus
  readonly at: Timed
}

function learnObserving(state: RolloutState, { reading, status, at }: Read): EventBody {
  const { stepIndex: step, plan, fleet } = state
  const fits = (member: Member): boolean => isAsLeft(state, status, member)
  const answering = status.members.filter(answered)
  const isDoubtful = answering.some((member) => !fits(member) && !isBehind(state, status, member))
  if (isDoubtful || dropped(state.status, reading).length > 0) return { type: 'doubted', step, status }
  const servers = status.members.map(({ server }) => server)
  const joined = servers.filter((server) => fleet?.members[server] === undefined)
  const left = Object.keys(fleet?.members ?? {}).filter((server) => !servers.includes(server))
  const behind = answering
    .filter((member) => !fits(member) && targetOf(state, member.server) !== null)
    .map(({ server }) => server)
  if (joined.length + left.length + behind.length > 0) {
    return { type: 'fleet-changed', step, status, restarted: [], joined, left, behind }
  }
  const check = judgeFleet(state, status, at.atMs)
  return {
    type: 'checked',
    step,
    status,
    failure: null,
    check: plan.monitoring ? check : unjudged(check),
    begunMs: at.begunMs,
  }
}

/** A value that was written shows when every server that answers shows it, and enough of them do. */
function learnApplying(state: RolloutState, phase: Applying, { reading, status, at }: Read): EventBody | null {
  const { stepIndex: step, plan } = state
  const isSet = (member: Member): boolean => showsTarget(state, phase, status, member)
  const answering = status.members.filter(answered)
  const lacking = status.members
    .filter((member) => targetOf(state, member.server) !== null && !(answered(member) && isSet(member)))
    .map(({ server }) => server)
  const isElsewhere = answering.some(
    (member) => !isSet(member) && !isAsLeft(state, status, member) && !isBehind(state, status, member),
  )
  // One that showed the new value may not go back.
  const wentBack = phase.confirmations > 0 && answering.some((member) => !isSet(member))
  if (isElsewhere || wentBack || dropped(state.status, reading).length > 0) return { type: 'doubted', step, status }
  const lack = lackOfQuorum(status, plan.fleet?.quorum ?? 100)
  if (lack) {
    const learnt = learnReadFailure(state, lack, at)
    // Before the write, nobody shows it: who is to blame is who does not answer.
    const toBlame = phase.call === 'look' ? lacking.filter((server) => isSilent(status, server)) : lacking
    return learnt?.type === 'read-back' ? { ...learnt, lacking: toBlame } : learnt
  }
  if (phase.call === 'look') return { type: 'write-cleared', step, status, lacking }
  return { type: 'read-back', step, status, failure: null, shown: answering.every(isSet), lacking }
}

function isSilent(status: FleetStatus, server: string): boolean {
  return memberOf(status, server)?.failure !== undefined
}

function showsTarget(state: RolloutState, phase: Applying, status: FleetStatus, member: Member): boolean {
  const settings = settingsOfMember(status, member)
  const target = targetOf(state, member.server)
  if (target === null || settings === null) return isAsLeft(state, status, member)
  if (!shows(settings, target)) return false
  return !(isAsLeft(state, status, member) && isUntold(expectedOf(state, member.server), phase, target))
}

/** Whether a server that answers shows what is expected of it. */
export function isAsLeft(state: RolloutState, status: FleetStatus, member: Member): boolean {
  const settings = settingsOfMember(status, member)
  const expected = expectedOf(state, member.server)
  return settings === null || expected === null || shows(settings, expected)
}

/**
 * Whether a server that shows something else has only missed what was written: it is new, or was away and is as it was
 * before, or is being brought to the step. One with users on its lists whom nobody here knows is not written to.
 */
export function isBehind(state: RolloutState, status: FleetStatus, member: Member): boolean {
  const { phase, plan, status: believed } = state
  const settings = settingsOfMember(status, member)
  const pins = targetOf(state, member.server) ?? plan.pins
  if (settings === null || believed === null || (pins !== null && holdsMore(settings, pins))) return false
  if (phase.name === 'applying' && phase.rejoining?.includes(member.server)) return true
  const known = memberOf(believed, member.server)
  if (known?.counters == null) return true
  const before = settingsOfMember(believed, known)
  return !answered(known) && before !== null && sameSettings(before, settings)
}
