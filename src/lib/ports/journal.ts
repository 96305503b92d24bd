import type { RolloutEvent } from '../core/event.js'

/** Where a run is recorded. */
export interface Journal {
  /** Resolves when the event is on disk, not before. Rejects when it could not be written. */
  append(event: RolloutEvent): Promise<void>
  close(): Promise<void>
}
