/** What a run has seen of its rates, for `--analysis sequential`: folded from each difference of the counters once. */
import type { ThresholdName } from './analysis.js'
import type { SequentialAnalysis } from './judging.js'
import { attemptsToTell, logWorth, NO_EVIDENCE, weigh, type RateEvidence, type Seen } from './likelihood.js'
import type { RolloutPlan, Step } from './rollout.js'
import type { Thresholds } from './thresholds.js'
import type { Tally } from './window.js'

const RATE_NAMES = [
  'max-error-rate',
  'max-fallback-rate',
  'min-success-rate',
] as const satisfies readonly ThresholdName[]
export type RateName = (typeof RATE_NAMES)[number]

/** A plan whose rates are judged so. */
export type SequentialPlan = RolloutPlan & { readonly analysis: SequentialAnalysis }

export function isSequential(plan: RolloutPlan): plan is SequentialPlan {
  return plan.analysis.rule === 'sequential'
}

export interface SequentialEvidence {
  readonly rates: Readonly<Record<RateName, RateEvidence>>
  /** Of all that is to be bet: what is laid with the next attempts, and what is kept for later. */
  readonly due: number
  readonly unlaid: number
  /** Time that samples vouch for, of the whole run, ms. */
  readonly observedMs: number
}

/**
 * A step sends more users to the unified system, so a regression most likely begins with one: most is bet on the
 * beginnings of steps. The rest is bet on any other moment, for a regression that comes late.
 */
const ON_BEGINNINGS = 0.75
/** Of that rest, what is spread over the time that is planned; the remainder is for what comes after it. */
const WITHIN_PLAN = 0.9
/** What stands for the time that is planned where a watch has no end, ms. */
const OPEN_END_MS = 60 * 60_000
/** The part of the way to a breach, in logarithms, from which on a rate is in doubt. */
const DOUBT = 1 / 3
/** More is not told: beyond, the assumptions are what may be wrong. */
const HIGHEST_ODDS = 1e9

export const EMPTY_EVIDENCE: SequentialEvidence = {
  rates: { 'max-error-rate': NO_EVIDENCE, 'max-fallback-rate': NO_EVIDENCE, 'min-success-rate': NO_EVIDENCE },
  due: 0,
  unlaid: 1,
  observedMs: 0,
}

/** A step begins that has not begun before; one that observes nothing has nothing to be bet on. */
export function expectStep(evidence: SequentialEvidence, plan: RolloutPlan, step: Step): SequentialEvidence {
  return step.durationMs === 0 ? evidence : lay(evidence, ON_BEGINNINGS / observedSteps(plan).length)
}

/**
 * Adds attempts that were not added before. What was seen before a restart or in an earlier step stays: it was seen.
 *
 * @param spanMs the time that they took, as far as it counts as observed
 * @param limits those that hold
 */
export function addEvidence(
  evidence: SequentialEvidence,
  tally: Tally,
  { spanMs, limits, plan }: { readonly spanMs: number; readonly limits: Thresholds; readonly plan: SequentialPlan },
): SequentialEvidence {
  const { observedMs } = evidence
  const { designEffect } = plan.analysis
  const share = betUntil(observedMs + spanMs, plan) - betUntil(observedMs, plan)
  const { rates, due, unlaid } = lay(evidence, (1 - ON_BEGINNINGS) * share)
  const weighed = (name: RateName): RateEvidence =>
    weigh(rates[name], seenOf(name, tally), { limit: ceilingOf(name, limits) / 100, laid: due, designEffect })
  return {
    rates: {
      'max-error-rate': weighed('max-error-rate'),
      'max-fallback-rate': weighed('max-fallback-rate'),
      'min-success-rate': weighed('min-success-rate'),
    },
    due: 0,
    unlaid,
    observedMs: observedMs + spanMs,
  }
}

function lay(evidence: SequentialEvidence, share: number): SequentialEvidence {
  return { ...evidence, due: evidence.due + share, unlaid: Math.max(0, evidence.unlaid - share) }
}

/** Which share of the bets on any moment has been laid after some time: never all of them, so that no watch goes blind. */
function betUntil(observedMs: number, plan: RolloutPlan): number {
  const plannedMs = Math.max(
    1,
    observedSteps(plan).reduce((sum, { durationMs }) => sum + (durationMs ?? OPEN_END_MS), 0),
  )
  if (observedMs <= plannedMs) return (WITHIN_PLAN * observedMs) / plannedMs
  return 1 - ((1 - WITHIN_PLAN) * plannedMs) / observedMs
}

function observedSteps<S extends Pick<Step, 'durationMs'>>({ steps }: { readonly steps: readonly S[] }): readonly S[] {
  return steps.filter(({ durationMs }) => durationMs !== 0)
}

/** What went wrong, by the rate that it belongs to. */
export function seenOf(name: RateName, { attempts, errors, fallbacks, legacy, unified }: Tally): Seen {
  switch (name) {
    case 'max-error-rate':
      return { failures: errors, attempts }
    case 'max-fallback-rate':
      return { failures: fallbacks, attempts }
    case 'min-success-rate':
      return { failures: attempts - legacy - unified, attempts }
  }
}

/** The most that may go wrong, % of the attempts. */
export function ceilingOf(name: RateName, limits: Thresholds): number {
  switch (name) {
    case 'max-error-rate':
      return limits.maxErrorRate
    case 'max-fallback-rate':
      return limits.maxFallbackRate
    case 'min-success-rate':
      return 100 - limits.minSuccessRate
  }
}

/** As much of a plan as says how its rates are judged. */
export interface JudgedPlan extends Pick<RolloutPlan, 'thresholds' | 'increases'> {
  readonly steps: readonly Pick<Step, 'durationMs' | 'thresholds'>[]
}

/**
 * About how many attempts it takes until an error rate of twice its limit, from the beginning of a step, is told from
 * chance; Infinity where it never is.
 */
export function attemptsToFindDoubling(
  limits: Thresholds,
  plan: JudgedPlan,
  { confidence, designEffect }: Pick<SequentialAnalysis, 'confidence' | 'designEffect'>,
): number {
  return attemptsToTell(2, limits.maxErrorRate / 100, {
    logOdds: Math.log(sharesOf(plan)) - Math.log1p(-confidence),
    laid: ON_BEGINNINGS / Math.max(1, observedSteps(plan).length),
    designEffect,
  })
}

/** Where one rate stands. */
export interface RateStanding {
  readonly name: RateName
  /** Odds against chance, for 1; all rates that are judged are allowed for. */
  readonly odds: number
  /** Since the rate last looked as it should. */
  readonly since: Seen
  /** Chance no longer explains it. */
  readonly alarm: boolean
  /** Chance explains it, but not well. */
  readonly doubt: boolean
}

export function standingsOf(evidence: SequentialEvidence, plan: SequentialPlan): readonly RateStanding[] {
  const logAlarm = -Math.log1p(-plan.analysis.confidence)
  const logShares = Math.log(sharesOf(plan))
  return RATE_NAMES.map((name) => {
    const rate = evidence.rates[name]
    const logOdds = logWorth(rate, evidence.due + evidence.unlaid) - logShares
    return {
      name,
      odds: Math.min(HIGHEST_ODDS, Math.exp(logOdds)),
      since: rate.since,
      alarm: logOdds >= logAlarm,
      doubt: logOdds >= DOUBT * logAlarm,
    }
  })
}

/** Above this a limit has bets of its own, %. */
const HIGHEST_SHARED = 66
const BOUNDLESS = 100

/**
 * Into how many parts the chance of a false alarm is divided. Every fallback and every user who did not connect is a
 * routing error too (contract of the admin API, fact 4), so where their limits are no lower than that of the error
 * rate, they are never broken alone and take nothing away. A limit relative to a baseline takes half for the baseline.
 */
function sharesOf({ thresholds, steps, increases }: JudgedPlan): number {
  const all = [thresholds, ...steps.flatMap((step) => step.thresholds ?? [])]
  const isOwn = (name: RateName): boolean =>
    all.some((limits) => {
      const [ceiling, errors] = [ceilingOf(name, limits), ceilingOf('max-error-rate', limits)]
      if (ceiling >= BOUNDLESS) return false
      return name === 'max-error-rate' || ceiling < errors || ceiling > HIGHEST_SHARED
    })
  const isRelativeFallback = increases.maxFallbackRate !== null
  const own = RATE_NAMES.filter((name) => isOwn(name) || (name === 'max-fallback-rate' && isRelativeFallback))
  return Math.max(1, own.length) * (isRelativeFallback || increases.maxErrorRate !== null ? 2 : 1)
}
