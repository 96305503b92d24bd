import type { EventOf } from './event.js'
import { deltaOf, observedSpan } from './evolve-observing.js'
import type { RolloutState } from './rollout.js'
import { add, EMPTY_TALLY } from './window.js'
import { wentDown } from './server.js'

/** Folds a reading of the baseline. A server that restarted is measured from its beginning. */
export function measure(state: RolloutState, event: EventOf<'measured'>): RolloutState {
  const { thresholds } = state.plan
  const { status } = event
  if (status === null) {
    return {
      ...state,
      failuresInRow: state.failuresInRow + 1,
      phase: { name: 'measuring', dueMs: event.begunMs + thresholds.confirmIntervalMs },
    }
  }
  const isRestarted = state.status !== null && wentDown(state.status.counters, status.counters)
  const delta = isRestarted ? null : deltaOf(state, status, event.atMs)
  const known = isRestarted ? { stepTotal: EMPTY_TALLY, observedMs: 0 } : state
  return {
    ...state,
    status,
    statusMs: event.atMs,
    failuresInRow: 0,
    restarts: state.restarts + (isRestarted ? 1 : 0),
    stepTotal: delta ? add(known.stepTotal, delta) : known.stepTotal,
    observedMs: known.observedMs + (delta ? observedSpan(delta, thresholds, state.throttledMs) : 0),
    phase: { name: 'measuring', dueMs: event.begunMs + thresholds.pollIntervalMs },
  }
}
