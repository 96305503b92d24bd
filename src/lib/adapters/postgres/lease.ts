import { systemClock } from '../system-clock.js'
import type { Database } from './database.js'
import { LEASE, LEASE_MS, RENEW_MS } from './session.js'

/** Renews a claim as long as its run goes on. */
export class Lease {
  readonly #timer: NodeJS.Timeout
  /** By the clock of this process, from before the database was asked: never later than the database has it. */
  #endsMs = systemClock.monotonicMs()
  #isLost = false

  constructor(
    private readonly database: Database,
    private readonly rolloutId: string,
    private readonly fence: string,
  ) {
    this.#timer = setInterval(() => void this.renew().catch(() => undefined), RENEW_MS)
    this.#timer.unref()
  }

  /** Whether the database said that another has taken over. */
  get isLost(): boolean {
    return this.#isLost
  }

  /** For how long nobody can take over, ms. */
  get leftMs(): number {
    return Math.max(0, this.#endsMs - systemClock.monotonicMs())
  }

  /** @returns false once another has taken over */
  async renew(): Promise<boolean> {
    if (this.#isLost) return false
    const askedMs = systemClock.monotonicMs()
    const renewed = await this.database.query(
      `update wsctl.claim set leased_until = clock_timestamp() + ${LEASE} where run = $1 and fence = $2 returning run`,
      this.rolloutId,
      this.fence,
    )
    this.#isLost = renewed.length === 0
    if (!this.#isLost) this.#endsMs = askedMs + LEASE_MS
    return !this.#isLost
  }

  end(): void {
    clearInterval(this.#timer)
  }
}
