import type { RolloutEvent } from '../core/event.js'
import type { RolloutState } from '../core/rollout.js'

/**
 * Something that is told what happens: a screen, a stream, a webhook. It decides nothing, and what
 * it throws or how long it takes never reaches the loop.
 */
export interface Sink {
  /** @param state the run after the event */
  notify(event: RolloutEvent, state: RolloutState): void
  /** Called once, after the last event. */
  close(): void | Promise<void>
}
