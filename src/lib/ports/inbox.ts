import type { Arrival } from '../core/event.js'

/** Where things come in by themselves: requests to stop, orders from elsewhere, answers of gates. */
export interface Inbox {
  /** Aborted while something waits to be taken, so that nobody sleeps over it. */
  readonly signal: AbortSignal
  /** Aborted while a request to stop waits to be taken: no reading is waited for then. */
  readonly stopSignal: AbortSignal
  /** What came first; null when nothing waits. */
  take(): Arrival | null
}
