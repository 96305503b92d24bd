/** How often, and after which pauses, a message is tried to be delivered. */
import { growingPause, pauseAfter } from './pause.js'

/** What came of one attempt. */
export type DeliveryAttempt = { readonly delivered: true } | FailedDelivery

export interface FailedDelivery {
  readonly delivered: false
  /** In words, without any secret. */
  readonly reason: string
  /** False where a further attempt would only fail in the same way. */
  readonly worthRetrying: boolean
  /** How long the target asked to be left alone, ms. */
  readonly retryAfterMs?: number
}

/** With the pauses between them, a target may be out of order for about a minute and a half. */
const MOST_ATTEMPTS = 8
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 30_000

/**
 * Pause before the next attempt, ms; null when the message is given up.
 *
 * @param attempts how many there have been
 * @param key spreads the pauses of messages that failed together
 */
export function pauseBeforeRetry(attempts: number, failure: FailedDelivery, key: string): number | null {
  if (!failure.worthRetrying || attempts >= MOST_ATTEMPTS) return null
  return pauseAfter(failure, growingPause(attempts + 1, FIRST_PAUSE_MS, LONGEST_PAUSE_MS, key))
}
