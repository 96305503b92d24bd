/** When a rollout is going wrong. Rates are per cent of attempts, durations ms, the rest counts. */
export interface Thresholds {
  /** Routing errors per attempt, %. */
  readonly maxErrorRate: number
  /** Routing errors within the window, whatever the number of attempts. */
  readonly maxRoutingErrors: number
  /** Fallback activations per attempt, %. */
  readonly maxFallbackRate: number
  /** Attempts that ended connected, by either system, %. */
  readonly minSuccessRate: number
  /** Share of attempts that reach the unified system, % of the percentage that is set. */
  readonly minAdoption: number
  /** Failed checks in a row before a breach. */
  readonly consecutiveFailures: number
  /** How far back a check may look, ms. */
  readonly windowMs: number
  /** Attempts that a rate needs before it means anything. */
  readonly minAttempts: number
  /** Time between checks, ms. */
  readonly pollIntervalMs: number
  /** Time between checks once one has failed, ms. */
  readonly confirmIntervalMs: number
}

export const DEFAULT_THRESHOLDS: Thresholds = {
  maxErrorRate: 5,
  maxRoutingErrors: 50,
  maxFallbackRate: 10,
  minSuccessRate: 95,
  minAdoption: 50,
  consecutiveFailures: 3,
  windowMs: 5 * 60_000,
  minAttempts: 20,
  pollIntervalMs: 10_000,
  confirmIntervalMs: 3000,
}
