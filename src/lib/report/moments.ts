import type { RolloutEvent } from '../core/event.js'
import { foldOnto } from '../core/fold.js'
import type { RolloutState } from '../core/rollout.js'

/** An event and the run after it. */
export interface Moment {
  readonly event: RolloutEvent
  readonly state: RolloutState
}

/** A recorded run, event by event; empty when its journal does not begin with a start. */
export function momentsOf(events: readonly RolloutEvent[]): readonly Moment[] {
  const moments: Moment[] = []
  let state: RolloutState | null = null
  for (const event of events) {
    state = foldOnto(state, event)
    if (state !== null) moments.push({ event, state })
  }
  return moments
}
