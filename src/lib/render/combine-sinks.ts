import type { Clock } from '../ports/clock.js'
import type { Sink } from '../ports/sink.js'

export interface CombineOptions {
  readonly clock: Pick<Clock, 'sleep'>
  /** How long closing may take in all, ms. */
  readonly closeWithinMs?: number
  /** Told once for each sink that is given up. */
  readonly onFailure?: (error: unknown) => void
}

const CLOSE_WITHIN_MS = 5000

/**
 * One sink that tells several. What one throws reaches neither the others nor the caller: it is
 * told nothing more, and still closed at the end, because a terminal has to be restored.
 */
export function combineSinks(sinks: readonly Sink[], options: CombineOptions): Sink {
  const listening = new Set(sinks)
  const giveUp = (sink: Sink, error: unknown): void => {
    if (!listening.delete(sink)) return
    options.onFailure?.(error)
  }
  return {
    notify: (event, state) => {
      for (const sink of listening) {
        try {
          sink.notify(event, state)
        } catch (error) {
          giveUp(sink, error)
        }
      }
    },
    close: async () => {
      const closing = Promise.all(
        sinks.map(async (sink) => {
          try {
            await sink.close()
          } catch (error) {
            giveUp(sink, error)
          }
        }),
      )
      const closed = new AbortController()
      const limit = options.clock.sleep(options.closeWithinMs ?? CLOSE_WITHIN_MS, closed.signal)
      await Promise.race([closing, limit])
      closed.abort()
    },
  }
}
