import type { Random } from './random.js'

/** Time between two checks of a bench, ms: the default of `--poll-interval`. */
export const POLL_MS = 10_000
/** Checks that a run of a bench lasts. */
export const CHECKS = 120

/** What users do, and what becomes of them. */
export interface Traffic {
  /** In a poll interval, on average. */
  readonly attempts: number
  /** Share that fails, 0-1, at a moment of the run, ms. */
  readonly rate: (atMs: number) => number
  /** So many failures come at once, such as one user who reconnects; 1 when left out. */
  readonly burst?: number
  /** Whether the load swells and ebbs, from next to nothing to twice its mean, and is random besides. */
  readonly drifts?: boolean
  /** When the server starts anew, ms. */
  readonly restarts?: readonly number[]
}

export interface Happened {
  readonly attempts: number
  readonly failures: number
}

/** What happens between two moments, one after the other. */
export class Arrivals {
  #carry = 0

  constructor(
    private readonly traffic: Traffic,
    private readonly random: Random,
  ) {}

  between(fromMs: number, toMs: number): Happened {
    const { rate, burst = 1 } = this.traffic
    const attempts = this.#attempts(fromMs, toMs)
    const bursts = this.random.binomial(attempts, rate(fromMs) / burst)
    return { attempts, failures: Math.min(attempts, bursts * burst) }
  }

  #attempts(fromMs: number, toMs: number): number {
    const mean = (this.traffic.attempts * (toMs - fromMs)) / POLL_MS
    if (this.traffic.drifts === true) {
      const tide = 1 + 0.9 * Math.sin((2 * Math.PI * fromMs) / (30 * POLL_MS))
      return mean === 0 ? 0 : this.random.poisson(mean * tide)
    }
    const exact = mean + this.#carry
    const whole = Math.floor(exact + 1e-9)
    this.#carry = exact - whole
    return whole
  }
}
