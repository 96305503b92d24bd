import type { EventOf, RolloutEvent } from './event.js'
import { begin, evolve } from './evolve.js'
import type { RolloutState } from './rollout.js'

/** Folds a whole journal; null when it does not begin with a start. */
export function fold(events: readonly RolloutEvent[]): RolloutState | null {
  return events.reduce<RolloutState | null>(foldOnto, null)
}

/** Folds one more event; null before the first, which has to be a start. */
export function foldOnto(state: RolloutState | null, event: RolloutEvent): RolloutState | null {
  if (state !== null) return evolve(state, event)
  return isStart(event) ? begin(event) : null
}

export function isStart(event: RolloutEvent | undefined): event is EventOf<'started'> {
  return event?.type === 'started'
}
