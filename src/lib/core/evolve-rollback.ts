import { confirmDisabled } from './evolve-going-back.js'
import { isFleet, pinnedAlike, type FleetStatus } from './fleet.js'
import { isRefusedToken, type CallFailure } from './error.js'
import type { EventOf, RollbackEvent } from './event.js'
import { growingPause, pauseAfter } from './pause.js'
import { resetWarning, ROLLBACK_CONFIRMATIONS } from './percentage-reset.js'
import { findPins } from './pins.js'
import type { Phase, RollbackState, RolloutState } from './rollout.js'
import { fits, type Pins, type Snapshot } from './server.js'
import { warn } from './step-records.js'

/** How often it is tried to set the percentage to 0 once everybody is safe. */
const RESET_ATTEMPTS = 3
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 10_000
/** Longer between two events of a rollback than any pause and any usual time-out, ms. */
const LONGEST_SPAN_MS = 60_000

/** Folds the events of a rollback. */
export function evolveRollback(state: RolloutState, event: RollbackEvent): RolloutState {
  if (event.type === 'rollback-started') return rollbackAfresh(state, event)
  if (state.phase.name !== 'rolling-back') return state
  const { rollback } = state.phase
  const withRollback = (change: Partial<RollbackState>): RolloutState => ({
    ...state,
    phase: { name: 'rolling-back', rollback: { ...rollback, ...change } },
  })
  const refused = (failure: CallFailure | null): boolean =>
    rollback.refusedToken && failure !== null && isRefusedToken(failure)

  switch (event.type) {
    case 'rollback-called':
      return withRollback({
        task: 'read-back',
        lastCall: event.call,
        confirmations: 0,
        dueMs: event.atMs + pauseOf(event.failure, 0),
        refusedToken: refused(event.failure),
        lastFailure: event.failure?.message ?? rollback.lastFailure,
      })
    case 'rollback-read':
      return withWarning(
        {
          ...withRollback({
            ...afterRead(state, rollback, event),
            refusedToken: event.status === null && refused(event.failure),
            lastFailure: event.failure?.message ?? rollback.lastFailure,
          }),
          status: event.status ?? state.status,
        },
        rollback.lastCall === 'reset-percentage' ? resetWarning(event, rollback) : null,
      )
    case 'rollback-verified':
      return withRollback({ verified: true, task: 'clear-cache', dueMs: event.atMs })
    case 'rollback-abandoned':
      // Of a fleet, those that are back are brought to their end all the same. Their caches went with the writes.
      return withRollback({ abandoned: true, task: 'reset-percentage', dueMs: event.atMs })
    case 'cache-cleared':
      return withWarning(
        withRollback({ task: 'reset-percentage' }),
        event.failure && `the assignment cache was not cleared: ${event.failure.message}`,
      )
    case 'percentage-reset':
      if (event.failure === null) {
        return withRollback({ task: 'read-back', lastCall: 'reset-percentage', confirmations: 0, dueMs: event.atMs })
      }
      if (rollback.resets + 1 < RESET_ATTEMPTS && knownPins(state) !== null) {
        const pauseMs = growingPause(rollback.resets + 2, FIRST_PAUSE_MS, LONGEST_PAUSE_MS, state.plan.id)
        return withRollback({ resets: rollback.resets + 1, dueMs: event.atMs + pauseMs })
      }
      return warn(withRollback({ task: 'record-environment' }), `the percentage was not set to 0: ${event.failure}`)
  }
}

/** Begins with the first call; so does a rollback whose process died, whatever it had come to. */
export function rollbackAfresh(
  state: RolloutState,
  { cause, reason }: Pick<RollbackState, 'cause' | 'reason'>,
): RolloutState {
  const rollback: RollbackState = {
    cause,
    reason,
    task: 'emergency-rollback',
    startedMs: state.atMs,
    dueMs: state.atMs,
    attempt: 1,
    lastCall: 'emergency-rollback',
    confirmations: 0,
    verified: false,
    abandoned: false,
    resets: 0,
    refusedToken: true,
    lastFailure: null,
  }
  return { ...state, phase: { name: 'rolling-back', rollback } }
}

/**
 * A machine that was asleep has not tried, so an hour of sleep is no reason to give a rollback up.
 *
 * @param spanMs since the event before
 */
export function discountSleep(phase: Phase, spanMs: number): Phase {
  const sleptMs = spanMs - LONGEST_SPAN_MS
  if (phase.name !== 'rolling-back' || sleptMs <= 0) return phase
  return { ...phase, rollback: { ...phase.rollback, startedMs: phase.rollback.startedMs + sleptMs } }
}

/** An emergency heeds `Retry-After` too, but never for longer than it would have paused at most. */
function pauseOf(failure: CallFailure | null, pauseMs: number): number {
  return Math.min(pauseAfter(failure, pauseMs), Math.max(LONGEST_PAUSE_MS, pauseMs))
}

function withWarning(state: RolloutState, warning: string | null): RolloutState {
  return warning === null ? state : warn(state, warning)
}

/**
 * Reads on while the server says `disabled`; otherwise tries the other of the two calls, pausing
 * longer before each new round. Every other round begins with a reading more: processes that answer in
 * turn are all reached only by rounds of unequal length. Once verified, only a server that says
 * otherwise reopens the case.
 */
function afterRead(
  state: RolloutState,
  rollback: RollbackState,
  { status, failure, atMs }: EventOf<'rollback-read'>,
): Partial<RollbackState> {
  if (isFleet(status)) return afterFleetRead(state, rollback, { status, failure, atMs })
  const isDisabled = status?.settings.mode === 'disabled'
  if (rollback.verified && (isDisabled || status === null)) return { task: 'record-environment' }
  if (rollback.task === 'look') return { task: 'emergency-rollback', dueMs: atMs + pauseOf(failure, 0) }
  if (isDisabled) {
    return { confirmations: rollback.confirmations + 1, dueMs: atMs }
  }
  if (rollback.lastCall === 'emergency-rollback' && knownPins(state) !== null) {
    return { task: 'configure', confirmations: 0, dueMs: atMs + pauseOf(failure, 0) }
  }
  return anotherRound(state, rollback, { failure, atMs })
}

function anotherRound(
  { plan }: RolloutState,
  rollback: RollbackState,
  { failure, atMs }: Pick<EventOf<'rollback-read'>, 'failure' | 'atMs'>,
): Partial<RollbackState> {
  const attempt = rollback.attempt + 1
  return {
    task: attempt % 2 === 0 ? 'look' : 'emergency-rollback',
    attempt,
    verified: false,
    confirmations: 0,
    dueMs: atMs + pauseOf(failure, growingPause(attempt, FIRST_PAUSE_MS, LONGEST_PAUSE_MS, plan.id)),
  }
}

/** As `afterRead`, for servers each of which is believed by itself; only those that are not are called again. */
function afterFleetRead(
  state: RolloutState,
  rollback: RollbackState,
  { status, failure, atMs }: { readonly status: FleetStatus } & Pick<EventOf<'rollback-read'>, 'failure' | 'atMs'>,
): Partial<RollbackState> {
  const {
    open: calling,
    confirmed,
    confirmations,
    isContradicted,
    isConfirming,
  } = confirmDisabled(status, rollback.confirmed, ROLLBACK_CONFIRMATIONS)
  if (rollback.abandoned) return { task: 'record-environment', confirmed }
  if (rollback.verified && !isContradicted) return { task: 'record-environment' }
  if (rollback.task === 'look') {
    return { task: 'emergency-rollback', calling, confirmed, dueMs: atMs + pauseOf(failure, 0) }
  }
  // Who answers is verified first: that takes no time, and who does not answer has been called.
  const readsOn = calling.length === 0 || (isConfirming && !isContradicted)
  if (readsOn) return { confirmed, confirmations, dueMs: atMs }
  const pins = knownPins(state)
  const isWritable = pins !== null && pinnedAlike(status, pins, calling).length > 0
  if (rollback.lastCall === 'emergency-rollback' && isWritable) {
    return { task: 'configure', calling, confirmed, confirmations: 0, dueMs: atMs + pauseOf(failure, 0) }
  }
  return { ...anotherRound(state, rollback, { failure, atMs }), calling, confirmed }
}

/**
 * The lists that a rollback may write: known, and as long as the server said last. First come those that
 * were seen to stand, for the run's own may never have been taken; then the run's own, and those from before
 * it, which are what stands as long as nothing was read or written.
 */
export function knownPins({ plan, said, expected }: RolloutState): Pins | null {
  const before = pinsOf(plan.before)
  if (said === null) return before
  const known = [pinsOf(expected), plan.pins, before].find((pins) => pins && fits(said, pins))
  return known ?? (plan.pinSources && findPins(said, plan.pinSources).pins)
}

function pinsOf(snapshot: Snapshot | null): Pins | null {
  const { rolloutUsers, forceLegacyUsers } = snapshot ?? {}
  return rolloutUsers && forceLegacyUsers ? { rolloutUsers, forceLegacyUsers } : null
}
