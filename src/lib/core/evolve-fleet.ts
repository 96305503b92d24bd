/** Folds what is seen of each server of a fleet. */
import type { Check } from './analysis.js'
import type { EventOf } from './event.js'
import { applyAfresh } from './evolve-applying.js'
import { deltaOf, gather, grow, isEvidence, observedSpan, observing } from './evolve-observing.js'
import { byServer, growthOf, isFleet, nameServers, type Member } from './fleet.js'
import type { FleetState, MemberState } from './fleet-state.js'
import { limitsOf } from './limits.js'
import type { RolloutPlan, RolloutState, Step } from './rollout.js'
import { addEvidence, EMPTY_EVIDENCE, expectStep, isSequential } from './sequential.js'
import type { ServerStatus } from './server.js'
import { warn } from './step-records.js'
import { add, EMPTY_TALLY, trim, type Delta } from './window.js'

/** What is known of a fleet before anything was seen of it; undefined: it is one server. */
export function beginFleet(plan: RolloutPlan): FleetState | undefined {
  const { fleet, before } = plan
  return fleet && { members: newcomers(fleet.servers, plan), rest: before, apart: fleet.before, failures: 0 }
}

function newcomers(servers: readonly string[], plan: RolloutPlan): FleetState['members'] {
  const evidence = isSequential(plan) ? EMPTY_EVIDENCE : null
  const fresh: MemberState = { window: [], total: EMPTY_TALLY, failures: 0, restarts: 0, evidence }
  return Object.fromEntries(servers.map((server) => [server, fresh]))
}

function eachMember(
  fleet: FleetState,
  change: (member: MemberState, server: string) => Partial<MemberState>,
): FleetState {
  const members = Object.entries(fleet.members).map(([server, member]): [string, MemberState] => [
    server,
    { ...member, ...change(member, server) },
  ])
  return { ...fleet, members: Object.fromEntries(members) }
}

/** One more reading of a member. */
export function observeMember(
  state: RolloutState,
  member: MemberState,
  { before, now, atMs }: { readonly before: Member | undefined; readonly now: Member; readonly atMs: number },
): MemberState {
  const growth = growthOf(before, now)
  const fromMs = state.statusMs
  if (growth === null || fromMs === null) return member
  const { plan } = state
  const limits = limitsOf(state)
  const delta: Delta = { ...growth, step: state.stepIndex, fromMs, toMs: atMs }
  const counts = isEvidence(delta, limits)
  const spanMs = observedSpan(delta, limits, state.throttledMs)
  return {
    ...member,
    window: trim(counts ? [...member.window, delta] : member.window, atMs - limits.windowMs),
    total: add(member.total, delta),
    evidence:
      counts && member.evidence !== null && isSequential(plan)
        ? addEvidence(member.evidence, add(EMPTY_TALLY, delta), { spanMs, limits, plan })
        : member.evidence,
  }
}

/** Adds a reading to what is known of each member. */
function observeMembers(state: RolloutState, fleet: FleetState, status: ServerStatus, atMs: number): FleetState {
  const [before, now] = [byServer(state.status), byServer(status)]
  return eachMember(fleet, (member, server) => {
    const reading = now.get(server)
    return reading === undefined ? {} : observeMember(state, member, { before: before.get(server), now: reading, atMs })
  })
}

/** Folds a check: what it saw of each, and how many in a row each was at fault. */
export function checkFleet(
  state: RolloutState,
  fleet: FleetState,
  { status, check, atMs }: Pick<EventOf<'checked'>, 'status' | 'check' | 'atMs'>,
): FleetState {
  const seen = isFleet(status) ? observeMembers(state, fleet, status, atMs) : fleet
  return countFailures(seen, check, state.plan.monitoring)
}

/** An error is one more failure of whatever was failing; a check that says too little changes nothing. */
function countFailures(fleet: FleetState, { verdict, failing = [], together }: Check, monitoring: boolean): FleetState {
  switch (verdict) {
    case 'error':
      return {
        ...eachMember(fleet, ({ failures }) => ({ failures: failures === 0 ? 0 : failures + 1 })),
        failures: fleet.failures + 1,
      }
    case 'fail':
      return {
        ...eachMember(fleet, ({ failures }, server) => ({ failures: failing.includes(server) ? failures + 1 : 0 })),
        failures: together === false ? fleet.failures : fleet.failures + 1,
      }
    case 'pass':
      return { ...eachMember(fleet, () => ({ failures: 0 })), failures: 0 }
    case 'inconclusive':
      return monitoring ? fleet : { ...eachMember(fleet, () => ({ failures: 0 })), failures: 0 }
  }
}

/** The longest row of failures, be it of the whole or of one server. */
export function failuresOf({ members, failures }: FleetState): number {
  return Math.max(failures, ...Object.values(members).map((member) => member.failures))
}

/** The most restarts of one server within the step. */
function restartsOf({ members }: FleetState): number {
  return Math.max(0, ...Object.values(members).map(({ restarts }) => restarts))
}

/** A step begins that has not begun before. */
export function expectFleetStep(fleet: FleetState, plan: RolloutPlan, step: Step): FleetState {
  return eachMember(fleet, ({ evidence }) => ({
    restarts: 0,
    evidence: evidence && expectStep(evidence, plan, step),
  }))
}

/** The step is observed from its beginning: what was seen before says nothing about what follows. */
export function observeFleetAfresh(fleet: FleetState): FleetState {
  return {
    ...eachMember(fleet, ({ window }) => ({
      window: window.map((delta) => ({ ...delta, step: -1 })),
      total: EMPTY_TALLY,
      failures: 0,
    })),
    failures: 0,
  }
}

/** Nobody watched: no difference may reach across that time. */
export function forgetWindows(fleet: FleetState): FleetState {
  return eachMember(fleet, () => ({ window: [] }))
}

/** A step shows on all that it was for. */
export function settleStep({ fleet, plan, stepIndex, expected }: RolloutState): FleetState | undefined {
  const isCanary = plan.steps[stepIndex]?.wave === 'canary'
  return fleet && { ...fleet, apart: null, rest: isCanary ? fleet.rest : expected }
}

/** Folds who restarted, came or went. What was seen of the others stays. */
export function changeFleet(state: RolloutState, event: EventOf<'fleet-changed'>): RolloutState {
  const { status, restarted, joined, left, behind, atMs } = event
  const { phase, fleet, plan } = state
  if (fleet === undefined) return state
  const seen = observeMembers(state, fleet, status, atMs)
  const counted = eachMember(seen, ({ restarts }, server) => ({
    restarts: restarted.includes(server) ? restarts + 1 : restarts,
  }))
  const staying = Object.entries(counted.members).filter(([server]) => !left.includes(server))
  const members = { ...Object.fromEntries(staying), ...newcomers(joined, plan) }
  const next: FleetState = { ...counted, members }
  const told = restarted.length === 0 ? state : warn(state, `${nameServers(restarted)} restarted`)
  const limits = limitsOf(state)
  const delta = deltaOf(state, status, atMs)
  const isApplying = phase.name === 'applying' || (phase.name === 'doubting' && phase.during === 'applying')
  const changed: RolloutState = {
    ...told,
    fleet: next,
    restarts: restartsOf(next),
    status,
    statusMs: atMs,
    ...(!isApplying && {
      window: grow(state, delta, atMs),
      stepTotal: delta ? add(state.stepTotal, delta) : state.stepTotal,
      observedMs: state.observedMs + (delta ? observedSpan(delta, limits, state.throttledMs) : 0),
      sequential: gather(state, delta),
    }),
  }
  if (isApplying) return applyAfresh(changed)
  return behind.length === 0 ? observing(changed) : applyAfresh(changed, behind)
}

/** The members that were behind have come to the step, and the fleet is observed on. */
export function rejoined(state: RolloutState): RolloutState {
  const { fleet } = state
  return observing({ ...state, failuresInRow: fleet ? failuresOf(fleet) : 0 })
}
