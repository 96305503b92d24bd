import { performance } from 'node:perf_hooks'
const MINUTE_MS = 60_000

/** The server's limit of requests a minute (contract of the admin API, fact 13). */
export class RateLimit {
  private readonly seen: number[] = []

  /** @param perMinute null: no limit */
  constructor(private readonly perMinute: number | null) {}

  /** Counts a request; seconds to wait when it is one too many, else null. */
  take(): number | null {
    if (this.perMinute === null) return null
    const nowMs = performance.now()
    while (this.seen[0] !== undefined && nowMs - this.seen[0] >= MINUTE_MS) this.seen.shift()
    if (this.seen.length < this.perMinute) {
      this.seen.push(nowMs)
      return null
    }
    return Math.ceil((MINUTE_MS - (nowMs - (this.seen[0] ?? nowMs))) / 1000)
  }
}
