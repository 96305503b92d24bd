/** Folds how a fleet goes back: each server is verified by itself, and none waits for another. */
import type { EventOf } from './event.js'
import { CONFIRM_PAUSE_MS } from './evolve-applying.js'
import { answered, isFleet, settingsOfMember, type FleetStatus, type Member } from './fleet.js'
import { pauseAfter } from './pause.js'
import type { RevertState, RolloutState } from './rollout.js'
import { shows } from './server.js'
import { closeStep } from './step-records.js'

/** Pause before what did not go back is written again, ms. */
const AGAIN_MS = 1000

/** What a reading in a rollback says of each. */
export interface Disabled {
  /** How many readings of each have said `disabled`. */
  readonly confirmed: Readonly<Record<string, number>>
  /** The fewest of them. */
  readonly confirmations: number
  /** Which do not say so now, and have not said so often enough. */
  readonly open: readonly string[]
  /** Whether one says otherwise. */
  readonly isContradicted: boolean
  /** Whether one says so, and has not said so often enough. */
  readonly isConfirming: boolean
}

/** Adds a reading. Who does not answer keeps what it has said; who says otherwise begins anew. */
export function confirmDisabled(
  status: FleetStatus,
  before: Readonly<Record<string, number>> | undefined,
  needed: number,
): Disabled {
  const isDisabled = (member: Member): boolean => settingsOfMember(status, member)?.mode === 'disabled'
  const confirmed = Object.fromEntries(
    status.members.map((member): [string, number] => {
      const known = before?.[member.server] ?? 0
      return [member.server, answered(member) ? (isDisabled(member) ? known + 1 : 0) : known]
    }),
  )
  return {
    confirmed,
    confirmations: Math.min(...Object.values(confirmed)),
    open: status.members
      .filter((member) => (confirmed[member.server] ?? 0) < needed && !(answered(member) && isDisabled(member)))
      .map(({ server }) => server),
    isContradicted: status.members.some((member) => answered(member) && !isDisabled(member)),
    isConfirming: status.members.some(
      (member) => answered(member) && isDisabled(member) && (confirmed[member.server] ?? 0) < needed,
    ),
  }
}

/** Folds the events by which a fleet goes back to the step before. */
export function evolveRevert(
  state: RolloutState,
  event: EventOf<'revert-started' | 'revert-called' | 'revert-read'>,
): RolloutState {
  if (event.type === 'revert-started') {
    const { reason, configuration, atMs, time } = event
    const lacking = Object.keys(state.fleet?.members ?? {})
    return closeStep(revertAfresh(state, { reason, configuration, startedMs: atMs, lacking }), 'failed', time)
  }
  if (state.phase.name !== 'reverting') return state
  const { revert } = state.phase
  if (event.type === 'revert-called') {
    return withRevert(state, { ...revert, call: 'read-back', dueMs: event.atMs + pauseAfter(event.failure, 0) })
  }
  const { status, failure, atMs } = event
  const seen: RolloutState = { ...state, status: status ?? state.status }
  const lacking = isFleet(status) ? lackingIn(status, revert) : revert.lacking
  if (isFleet(status) && lacking.length === 0) {
    return withRevert(seen, { ...revert, confirmations: revert.confirmations + 1, dueMs: atMs + CONFIRM_PAUSE_MS })
  }
  const dueMs = atMs + pauseAfter(failure, AGAIN_MS)
  return withRevert(seen, { ...revert, call: 'configure', lacking, confirmations: 0, dueMs })
}

/** Begins with the writing. */
export function revertAfresh(
  state: RolloutState,
  begun: Pick<RevertState, 'reason' | 'configuration' | 'startedMs' | 'lacking'>,
): RolloutState {
  return withRevert(state, { ...begun, call: 'configure', dueMs: state.atMs, confirmations: 0 })
}

function withRevert(state: RolloutState, revert: RevertState): RolloutState {
  return { ...state, phase: { name: 'reverting', revert } }
}

/** Which answer, and have not gone back. */
function lackingIn(status: FleetStatus, { configuration }: RevertState): readonly string[] {
  return status.members
    .filter((member) => {
      const settings = settingsOfMember(status, member)
      return answered(member) && settings !== null && !shows(settings, configuration)
    })
    .map(({ server }) => server)
}
