import type { Clock } from '../ports/clock.js'

const MINUTE_MS = 60_000
/** Requests that may go out at once: several steps' worth of writing and reading back. */
const BURST = 19
/** Requests a minute after them; polls of a second leave room to spare. */
const SUSTAINED = 70
const INTERVAL_MS = MINUTE_MS / SUSTAINED

/** Requests in any minute, at the most. */
const MOST = BURST + SUSTAINED + 1

/**
 * The server limits clients to about 100 requests a minute (contract of the admin API, fact 13). Keeps
 * below: never more than 90 in any minute, and once they are used up no request waits longer than a second
 * for its turn, unless more went out that did not wait for theirs.
 */
export class Pace {
  /** Monotonic ms at which all requests so far would have gone out had they kept the interval. */
  #paidMs = Number.NEGATIVE_INFINITY
  /** When the last of them went out, or will, oldest first, monotonic ms. */
  #sentMs: readonly number[] = []
  #intervalMs = INTERVAL_MS

  constructor(private readonly clock: Pick<Clock, 'monotonicMs' | 'sleep'>) {}

  /** Resolves when the next request may go out, in the order of asking; at once when the signal is aborted. */
  async turn(signal?: AbortSignal): Promise<void> {
    const nowMs = this.clock.monotonicMs()
    this.#paidMs = this.#paidAfter(nowMs)
    const roomMs = (this.#sentMs.at(-MOST) ?? Number.NEGATIVE_INFINITY) + MINUTE_MS
    const dueMs = Math.max(nowMs, this.#paidMs, roomMs)
    this.#sentMs = [...this.#sentMs, dueMs].slice(-MOST)
    if (dueMs > nowMs) await this.clock.sleep(dueMs - nowMs, signal)
  }

  /** Counts a request that goes out without waiting for its turn. */
  count(): void {
    const nowMs = this.clock.monotonicMs()
    this.#paidMs = Math.min(nowMs, this.#paidAfter(nowMs))
    this.#sentMs = [...this.#sentMs, nowMs].slice(-MOST)
  }

  /**
   * The server refused a request for its pace: from now on they go out one by one.
   *
   * @param yields whether half of the pace is left to others
   */
  useUp(yields: boolean): void {
    this.#paidMs = Math.max(this.#paidMs, this.clock.monotonicMs())
    if (yields) this.#intervalMs = 2 * INTERVAL_MS
  }

  #paidAfter(nowMs: number): number {
    return Math.max(this.#paidMs, nowMs - BURST * this.#intervalMs) + this.#intervalMs
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
