import { systemClock } from '../adapters/system-clock.js'
import { CallError, type CallFailure } from '../core/error.js'
import { describePause, LONGEST_RETRY_AFTER_MS } from '../core/pause.js'
import type { Clock } from '../ports/clock.js'
import { tell } from './tell.js'

/** Makes a call that changes nothing, so that it may be made again. */
export type Ask = <T>(call: () => Promise<T>) => Promise<T>

/** How often a pause is waited for on behalf of one call. */
const MOST_PAUSES = 2

/** What fails, fails: for an emergency, and for who wants to know what the server says. */
export const atOnce: Ask = (call) => call()

/**
 * Calls again after the pause that a busy server asks for, twice at most, and no pause longer than a minute: nobody waits
 * at a terminal for longer. Calls that wait at the same time are told of once.
 */
export function patient(clock: Pick<Clock, 'monotonicMs' | 'sleep'>, say: (line: string) => void): Ask {
  let waitsUntilMs = Number.NEGATIVE_INFINITY
  return async (call) => {
    for (let pauses = 0; ; pauses++) {
      try {
        return await call()
      } catch (error) {
        const failure = error instanceof CallError && pauses < MOST_PAUSES ? error.failure : null
        const pauseMs = failure && pauseToKeep(failure)
        if (failure === null || pauseMs === null) throw error
        const nowMs = clock.monotonicMs()
        if (nowMs >= waitsUntilMs) say(`The server ${describePause(failure)}; waiting`)
        waitsUntilMs = Math.max(waitsUntilMs, nowMs + pauseMs)
        await clock.sleep(pauseMs)
      }
    }
  }
}

/** Null for a failure that no pause mends, or no short one. */
function pauseToKeep({ retryAfterMs }: CallFailure): number | null {
  return retryAfterMs !== undefined && retryAfterMs <= LONGEST_RETRY_AFTER_MS ? retryAfterMs : null
}

/** For commands that look once, and for the readings before a run. Tells on stderr. */
export const askPatiently = patient(systemClock, tell)
