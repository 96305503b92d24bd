import { CHECKS, POLL_MS, type Traffic } from './traffic.js'

/** The limit that everything is judged by: 1 % of the attempts. */
export const LIMIT = 0.01

export interface Scenario {
  readonly group: string
  readonly name: string
  readonly traffic: Traffic
  /** Checks before the rate is above the limit; null: it never is, and every rollback is a false one. */
  readonly onset: number | null
}

const ONSET = 60
const LEVELS = [2, 20, 200, 2000]
/** Multiples of the limit. */
const FACTORS = [0.5, 0.8, 1, 1.5, 2, 3, 5, 10]

function steady(factor: number) {
  return { rate: () => factor * LIMIT, onset: factor > 1 ? 0 : null }
}

function scenario(
  group: string,
  name: string,
  attempts: number,
  factor: number,
  more: Partial<Traffic> = {},
): Scenario {
  const { rate, onset } = steady(factor)
  return { group, name, onset, traffic: { attempts, rate, ...more } }
}

/** The scenarios of the table in which every rule is compared: a check each poll interval, 120 of them. */
export const SCENARIOS: readonly Scenario[] = [
  ...LEVELS.flatMap((attempts) =>
    FACTORS.map((factor) => scenario(`${attempts} attempts a check`, `${factor} x the limit`, attempts, factor)),
  ),
  ...[2, 3, 5].map((factor) => ({
    group: `half the limit, then more from check ${ONSET} on (200 a check)`,
    name: `${factor} x the limit`,
    onset: ONSET,
    traffic: { attempts: 200, rate: (atMs: number) => (atMs < ONSET * POLL_MS ? 0.5 : factor) * LIMIT },
  })),
  ...[0.8, 1, 3].map((factor) =>
    scenario('load that swells and ebbs (200 a check on average)', `${factor} x the limit`, 200, factor, {
      drifts: true,
    }),
  ),
  ...[0.8, 1, 3].map((factor) =>
    scenario('the server restarts (200 a check)', `${factor} x the limit`, 200, factor, {
      // In the second check, and in the middle.
      restarts: [1.5 * POLL_MS, (CHECKS / 2) * POLL_MS],
    }),
  ),
]

const BURSTS = [1, 5, 10]

/** Failures in bursts, for the design effect. */
export const BURST_SCENARIOS: readonly Scenario[] = BURSTS.flatMap((burst) =>
  [0.8, 1, 3, 5].map((factor) => scenario(`bursts of ${burst}`, `${factor} x the limit`, 200, factor, { burst })),
)

/** With a check every 10 s, and every 3 s while in doubt: as it is by default. */
export const INTERVAL_SCENARIOS: readonly Scenario[] = [0.5, 0.8, 1, 1.5, 2, 3, 5, 10].map((factor) =>
  scenario('20 attempts a second', `${factor} x the limit`, 200, factor),
)

/** A rollout in steps. */
export const ROLLOUT_SCENARIOS: readonly Scenario[] = [0.1, 0.5, 0.8, 1, 2, 3].map((factor) =>
  scenario('12 steps of 10 checks', `${factor} x the limit`, 200, factor),
)
