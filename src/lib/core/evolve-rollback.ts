import { isRefusedToken, type CallFailure } from './error.js'
import type { EventOf } from './event.js'
import { CONFIRM_PAUSE_MS } from './evolve-applying.js'
import { growingPause, pauseAfter } from './pause.js'
import { findPins } from './pins.js'
import type { Phase, RollbackState, RolloutState } from './rollout.js'
import { fits, type Pins } from './server.js'
import { warn } from './step-records.js'

type RollbackEvent = EventOf<
  | 'rollback-started'
  | 'rollback-called'
  | 'rollback-read'
  | 'rollback-verified'
  | 'rollback-abandoned'
  | 'cache-cleared'
  | 'percentage-reset'
>

/** Reads that must agree before a written value is believed. */
export const CONFIRMATIONS = 3
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
            ...afterRead({ ...state, status: event.status ?? state.status }, rollback, event),
            refusedToken: refused(event.failure),
            lastFailure: event.failure?.message ?? rollback.lastFailure,
          }),
          status: event.status ?? state.status,
        },
        rollback.lastCall === 'reset-percentage' && event.failure
          ? `whether the percentage is 0 could not be read back: ${event.failure.message}`
          : null,
      )
    case 'rollback-verified':
      return withRollback({ verified: true, task: 'clear-cache', dueMs: event.atMs })
    case 'rollback-abandoned':
      return withRollback({ abandoned: true, task: 'record-environment', dueMs: event.atMs })
    case 'cache-cleared':
      return withWarning(
        withRollback({ task: 'reset-percentage' }),
        event.failure && `the assignment cache was not cleared: ${event.failure.message}`,
      )
    case 'percentage-reset':
      return withWarning(
        withRollback(
          event.failure === null
            ? { task: 'read-back', lastCall: 'reset-percentage', confirmations: 0, dueMs: event.atMs }
            : { task: 'record-environment' },
        ),
        event.failure && `the percentage was not set to 0: ${event.failure}`,
      )
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
 * longer before each new round. Once verified, only a server that says otherwise reopens the case.
 */
function afterRead(
  state: RolloutState,
  rollback: RollbackState,
  { status, failure, atMs }: EventOf<'rollback-read'>,
): Partial<RollbackState> {
  const isDisabled = status?.settings.mode === 'disabled'
  if (rollback.verified && (isDisabled || status === null)) return { task: 'record-environment' }
  if (isDisabled) {
    return { confirmations: rollback.confirmations + 1, dueMs: atMs + CONFIRM_PAUSE_MS }
  }
  if (rollback.lastCall === 'emergency-rollback' && knownPins(state) !== null) {
    return { task: 'configure', confirmations: 0, dueMs: atMs + pauseOf(failure, 0) }
  }
  const attempt = rollback.attempt + 1
  return {
    task: 'emergency-rollback',
    attempt,
    verified: false,
    confirmations: 0,
    dueMs: atMs + pauseOf(failure, growingPause(attempt, FIRST_PAUSE_MS, LONGEST_PAUSE_MS, state.plan.id)),
  }
}

/**
 * The lists that a rollback may write: known, and as long as the server said last. A server that has
 * not answered yet cannot contradict. The run's own lists come first, then those from before it.
 */
export function knownPins({ plan, status }: RolloutState): Pins | null {
  if (status === null) return plan.pins
  const { rolloutUsers, forceLegacyUsers } = plan.before ?? {}
  const before = rolloutUsers && forceLegacyUsers ? { rolloutUsers, forceLegacyUsers } : null
  const known = [plan.pins, before].find((pins) => pins && fits(status.settings, pins))
  return known ?? (plan.pinSources && findPins(status.settings, plan.pinSources).pins)
}
