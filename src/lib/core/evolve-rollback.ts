import { isRefusedToken, type CallFailure } from './error.js'
import type { EventOf } from './event.js'
import type { RollbackState, RolloutState } from './rollout.js'
import { findPins } from './pins.js'
import { fits, type Pins, type ServerStatus } from './server.js'

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
const CONFIRM_PAUSE_MS = 50
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 10_000

/** Pause before the given attempt, ms: doubles from half a second up to ten seconds. */
function pauseBefore(attempt: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt - 2, 10))
}

/** Folds the events of a rollback. */
export function evolveRollback(state: RolloutState, event: RollbackEvent): RolloutState {
  if (event.type === 'rollback-started') {
    return {
      ...state,
      phase: {
        name: 'rolling-back',
        rollback: {
          cause: event.cause,
          reason: event.reason,
          task: 'emergency-rollback',
          startedMs: event.atMs,
          dueMs: event.atMs,
          attempt: 1,
          lastCall: 'emergency-rollback',
          confirmations: 0,
          verified: false,
          abandoned: false,
          refusedToken: true,
          lastFailure: null,
        },
      },
    }
  }
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
        dueMs: event.atMs,
        refusedToken: refused(event.failure),
        lastFailure: event.failure?.message ?? rollback.lastFailure,
      })
    case 'rollback-read':
      return withWarning(
        {
          ...withRollback({
            ...afterRead({ ...state, status: event.status ?? state.status }, rollback, event.status, event.atMs),
            refusedToken: refused(event.failure),
            lastFailure: event.failure?.message ?? rollback.lastFailure,
          }),
          status: event.status ?? state.status,
        },
        rollback.lastCall === 'reset-percentage' ? resetWarning(event) : null,
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

function resetWarning({ status, failure }: EventOf<'rollback-read'>): string | null {
  if (failure) return `whether the percentage is 0 could not be read back: ${failure.message}`
  return status?.settings.percentage === 0 ? null : 'the percentage was set to 0, and the server shows another'
}

function withWarning(state: RolloutState, warning: string | null): RolloutState {
  return warning === null ? state : { ...state, warnings: [...state.warnings, warning] }
}

/**
 * Reads on while the server says `disabled`; otherwise tries the other of the two calls, pausing
 * longer before each new round. Once verified, only a server that says otherwise reopens the case.
 */
function afterRead(
  state: RolloutState,
  rollback: RollbackState,
  status: ServerStatus | null,
  atMs: number,
): Partial<RollbackState> {
  const isDisabled = status?.settings.mode === 'disabled'
  if (rollback.verified && (isDisabled || status === null)) return { task: 'record-environment' }
  if (isDisabled) {
    return { confirmations: rollback.confirmations + 1, dueMs: atMs + CONFIRM_PAUSE_MS }
  }
  if (rollback.lastCall === 'emergency-rollback' && knownPins(state) !== null) {
    return { task: 'configure', confirmations: 0, dueMs: atMs }
  }
  const attempt = rollback.attempt + 1
  return {
    task: 'emergency-rollback',
    attempt,
    verified: false,
    confirmations: 0,
    dueMs: atMs + pauseBefore(attempt),
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
