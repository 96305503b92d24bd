import type { CallFailure } from './error.js'
import type { EventOf, RolloutEvent } from './event.js'
import { limitsOf } from './limits.js'
import { pauseAfter } from './pause.js'
import type { RolloutState } from './rollout.js'

/**
 * Whether a server that is up and busy asks for a pause, for the first time since its last valid reading. That is no
 * failed check. When it refuses the request after the pause as well, the run is blind, which counts as any
 * failure does: a server that refuses for ever ends in a breach.
 */
export function isFirstThrottle({ throttledMs }: Pick<RolloutState, 'throttledMs'>, failure: CallFailure): boolean {
  return failure.kind === 'rate-limited' && throttledMs === null
}

/**
 * Leaves the server alone for as long as it asks, or until a failed check would be confirmed. Failures in a row and all
 * evidence stay as they are, and what is waited for may take as much longer.
 */
export function throttle(
  state: RolloutState,
  { failure, atMs }: Pick<EventOf<'throttled'>, 'failure' | 'atMs'>,
): RolloutState {
  const { phase } = state
  const pauseMs = pauseAfter(failure, limitsOf(state).confirmIntervalMs)
  const throttled: RolloutState = { ...state, throttledMs: atMs }
  const dueMs = atMs + pauseMs
  switch (phase.name) {
    case 'measuring':
    case 'observing':
    case 'doubting':
      return { ...throttled, phase: { ...phase, dueMs } }
    case 'applied':
      return { ...throttled, phase: { name: 'observing', dueMs } }
    case 'applying': {
      const startedMs = phase.startedMs + pauseMs
      const change = { startedMs, dueMs, confirmations: 0, unchanged: 0, lastFailure: failure.message }
      return { ...throttled, phase: { ...phase, ...change } }
    }
    case 'ready':
    case 'passed':
    case 'breached':
    case 'interrupted':
    case 'aborted':
    case 'stopped':
    case 'reverting':
    case 'rolling-back':
    case 'finished':
      return state
  }
}

/**
 * Whether an event holds a reading after which the server may ask for a pause anew. That before a write does not:
 * a server that answers each of those and refuses each write would be waited for without an end.
 */
export function endsThrottling(event: RolloutEvent): boolean {
  return 'status' in event && event.status !== null && event.type !== 'write-cleared'
}
