/** What a run remembers of each server of a fleet, and what it expects of it. */
import { memberOf } from './fleet.js'
import { currentTarget, type RolloutState } from './rollout.js'
import type { SequentialEvidence } from './sequential.js'
import { snapshotOf, type Configuration, type Snapshot } from './server.js'
import type { Delta, Tally } from './window.js'

export interface MemberState {
  readonly window: readonly Delta[]
  /** Since the observation of the step began. */
  readonly total: Tally
  /** Checks in a row in which it was at fault. */
  readonly failures: number
  /** Restarts within the step. */
  readonly restarts: number
  /** Null where checks are counted. */
  readonly evidence: SequentialEvidence | null
}

export interface FleetState {
  readonly members: Readonly<Record<string, MemberState>>
  /** What those show that a step has not come to yet, while it is on the canaries. */
  readonly rest: Snapshot | null
  /** What each shows until the first write, when they did not agree; null: they do. */
  readonly apart: Readonly<Record<string, Snapshot>> | null
  /** Checks in a row in which the whole was at fault, or could not be seen. */
  readonly failures: number
}

/** What a member shows unless somebody else changed it; null: anything. */
export function expectedOf(state: RolloutState, server: string): Snapshot | null {
  const { fleet, plan, expected, status } = state
  if (plan.intent === 'watch') {
    const known = memberOf(status, server)
    if (status === null || !known?.counters) return null
    return snapshotOf(known.settings ?? status.settings, null)
  }
  const apart = fleet?.apart?.[server]
  if (apart !== undefined) return apart
  const canaries = plan.fleet?.canaries ?? []
  return canaries.length === 0 || canaries.includes(server) ? expected : (fleet?.rest ?? expected)
}

/** What the step under way sets on a member; null: nothing, it stays as it is. */
export function targetOf(state: RolloutState, server: string): Configuration | null {
  const { plan, stepIndex } = state
  const isFirst = plan.steps[stepIndex]?.wave === 'canary'
  return isFirst && plan.fleet?.canaries.includes(server) !== true ? null : currentTarget(state)
}
