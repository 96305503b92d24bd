import type { CallFailure } from './error.js'
import { hash32 } from './hash.js'

/**
 * The longest that a server is left alone because it asked for it, ms: its limit is one of requests a minute, and users
 * must not be unwatched for longer.
 */
export const LONGEST_RETRY_AFTER_MS = 60_000

/**
 * Pause before an attempt, ms: doubles with each, up to the longest, and is spread over a quarter to
 * either side so that clients that failed together do not come back together. The spread follows from
 * the key, so that a run that is folded again pauses alike.
 *
 * @param attempt from 2: the first comes without a pause
 */
export function growingPause(attempt: number, firstMs: number, longestMs: number, key: string): number {
  const grown = Math.min(longestMs, firstMs * 2 ** Math.min(attempt - 2, 20))
  return grown * (0.75 + hash32(`${key} ${attempt}`) / 2 ** 33)
}

/** The pause, or what the server asked for with `Retry-After` when that is longer, ms. */
export function pauseAfter(failure: Pick<CallFailure, 'retryAfterMs'> | null, pauseMs: number): number {
  return Math.max(pauseMs, Math.min(failure?.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS))
}

/** What a server says that refuses a request for its pace, as in "the server …". */
export function describePause({ retryAfterMs }: Pick<CallFailure, 'retryAfterMs'>): string {
  return retryAfterMs === undefined
    ? 'takes no more requests for now (429)'
    : `asks for a pause of ${Math.ceil(retryAfterMs / 1000)} s (429)`
}
