/**
 * How strongly attempts speak for a rate above its limit. Bets are laid against "the rate is no higher than its
 * limit"; under every such rate their worth is a supermartingale, so that the chance that they are ever worth 1/alpha
 * times what was laid is at most alpha, however often one looks (Ville's inequality).
 */

/** The worse rates that are bet on, as multiples of the limit. */
const WORSE = [1.5, 2, 3, 5, 10] as const

/** What one failure says where none may happen, in nats: no finite number of bets would be enough. */
const CERTAIN = 50

/** Attempts, and how many of them went wrong. */
export interface Seen {
  readonly failures: number
  readonly attempts: number
}

/** What has been seen of one rate. All in logarithms, which neither overflow nor vanish. */
export interface RateEvidence {
  /** ln of the worth of the bets on each worse rate, as a share of what is laid in all. */
  readonly logBets: readonly number[]
  /** How strongly the attempts since `since` began speak for the mildest of the worse rates, in nats; 0: not at all. */
  readonly drift: number
  /** What was seen since the rate last looked as it should. */
  readonly since: Seen
}

const NOTHING: Seen = { failures: 0, attempts: 0 }
/** ln of what is worth nothing: a number, because a snapshot of a run is JSON, which knows no infinity. */
const WORTHLESS = -1e300

export const NO_EVIDENCE: RateEvidence = { logBets: WORSE.map(() => WORTHLESS), drift: 0, since: NOTHING }

/**
 * Weighs attempts that have not been weighed before.
 *
 * @param limit highest rate that is taken, 0-1
 * @param laid what is bet newly, as a share of all: that the rate rose just before these attempts
 * @param designEffect by which failures and attempts are divided
 */
export function weigh(
  { logBets, drift, since }: RateEvidence,
  seen: Seen,
  { limit, laid, designEffect }: { readonly limit: number; readonly laid: number; readonly designEffect: number },
): RateEvidence {
  const attempts = Math.max(0, seen.attempts)
  const failures = Math.min(Math.max(0, seen.failures), attempts)
  const logRatios = worseRates(limit).map((rate) => logRatio({ failures, attempts }, rate, limit) / designEffect)
  const logLaid = Math.log(laid / WORSE.length)
  const drifted = Math.max(0, drift + (logRatios[0] ?? 0))
  return {
    logBets: logBets.map((bet, index) => Math.max(WORTHLESS, addLogs(bet, logLaid) + (logRatios[index] ?? 0))),
    drift: drifted,
    since: drifted === 0 ? NOTHING : { failures: since.failures + failures, attempts: since.attempts + attempts },
  }
}

/** ln of what all bets are worth now, with what is not laid yet, as multiples of what there is to lay. */
export function logWorth({ logBets }: RateEvidence, unlaid: number): number {
  return logBets.reduce(addLogs, Math.log(unlaid))
}

/**
 * About how many attempts it takes until a rate of `factor` times the limit is told from chance; Infinity where no
 * rate can be so high.
 *
 * @param limit 0-1
 * @param logOdds ln of the odds at which it is told
 * @param laid what is bet on its beginning when it begins
 */
export function attemptsToTell(
  factor: number,
  limit: number,
  { logOdds, laid, designEffect }: { readonly logOdds: number; readonly laid: number; readonly designEffect: number },
): number {
  const rate = factor * limit
  if (limit <= 0 || rate >= 1) return Infinity
  const perAttempt = rate * Math.log(factor) + (1 - rate) * (Math.log1p(-rate) - Math.log1p(-limit))
  return Math.ceil((designEffect * (logOdds - Math.log(laid / WORSE.length))) / perAttempt)
}

/** The worse rates for a limit, in the order of the bets; null: none so high, and a bet on it is lost. */
function worseRates(limit: number): readonly (number | null)[] {
  if (limit <= 0 || WORSE[0] * limit < 1) return WORSE.map((factor) => (factor * limit < 1 ? factor * limit : null))
  return WORSE.map((_, index) => (index === 0 && limit < 1 ? (1 + limit) / 2 : null))
}

/** ln of how many times likelier the attempts are at a worse rate than at the limit. */
function logRatio({ failures, attempts }: Seen, rate: number | null, limit: number): number {
  if (rate === null) return -Infinity
  if (limit <= 0) return failures * CERTAIN
  return failures * Math.log(rate / limit) + (attempts - failures) * (Math.log1p(-rate) - Math.log1p(-limit))
}

/** ln(e^a + e^b). */
function addLogs(a: number, b: number): number {
  const high = Math.max(a, b)
  return high === -Infinity ? high : high + Math.log1p(Math.exp(Math.min(a, b) - high))
}
