import type { Clock } from '../ports/clock.js'

const MINUTE_MS = 60_000
/** Requests that may go out at once: several steps' worth of writing and reading back. */
const BURST = 19
/** Requests a minute after them; polls of a second leave room to spare. */
const SUSTAINED = 70
const INTERVAL_MS = MINUTE_MS / SUSTAINED

/**
 * The server limits clients to about 100 requests a minute (contract of the admin API, fact 13). Keeps
 * below: never more than 90 in any minute, and once they are used up no request waits longer than a second
 * for its turn.
 */
export class Pace {
  /** Monotonic ms at which all requests so far would have gone out had they kept the interval. */
  #paidMs = Number.NEGATIVE_INFINITY

  constructor(private readonly clock: Pick<Clock, 'monotonicMs' | 'sleep'>) {}

  /** Resolves when the next request may go out, in the order of asking; at once when the signal is aborted. */
  async turn(signal?: AbortSignal): Promise<void> {
    const nowMs = this.clock.monotonicMs()
    this.#paidMs = Math.max(this.#paidMs, nowMs - BURST * INTERVAL_MS) + INTERVAL_MS
    if (this.#paidMs > nowMs) await this.clock.sleep(this.#paidMs - nowMs, signal)
  }

  /** The server refused a request for its pace: from now on they go out one by one. */
  useUp(): void {
    this.#paidMs = Math.max(this.#paidMs, this.clock.monotonicMs())
  }
}

/** How long this many requests take when they are asked for all at once, ms. */
export function paceOf(requests: number): number {
  return Math.max(0, requests - BURST) * INTERVAL_MS
}

/** How many requests a minute polls at this interval are, when that is more than the server takes; else null. */
export function excessOf(pollIntervalMs: number): number | null {
  const perMinute = Math.ceil(MINUTE_MS / pollIntervalMs)
  return perMinute > SUSTAINED ? perMinute : null
}
