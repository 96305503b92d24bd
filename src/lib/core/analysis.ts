import { binomialLowerTail } from './binomial.js'
import type { Thresholds } from './thresholds.js'
import type { Tally } from './window.js'

export const VERDICTS = ['pass', 'fail', 'inconclusive', 'error'] as const
type Verdict = (typeof VERDICTS)[number]

export const THRESHOLD_NAMES = [
  'max-error-rate',
  'max-routing-errors',
  'max-fallback-rate',
  'min-success-rate',
  'min-adoption',
] as const
export type ThresholdName = (typeof THRESHOLD_NAMES)[number]

/** One threshold against what was measured. */
export interface Finding {
  readonly threshold: ThresholdName
  readonly broken: boolean
  /** Measured: % for rates, a count for `max-routing-errors`. */
  readonly value: number
  /** In the same unit as `value`. */
  readonly limit: number
  /** In words, with the numbers behind it. */
  readonly text: string
  /** Odds against chance that the rate is above its limit, for 1; only where rates are judged sequentially. */
  readonly odds?: number
}

/** What a check is made from. */
export interface Measurement {
  /** Evidence of this check. */
  readonly recent: Tally
  /** Routing errors within the whole window. */
  readonly windowErrors: number
  /** Everything seen since the step's observation began. */
  readonly stepTotal: Tally
  /** Whole per cent set on the server in mode `gradual` or `full`; null where none applies. */
  readonly percentage: number | null
}

export interface Check {
  readonly verdict: Verdict
  /** Why, in words: the broken thresholds, or what is missing, or what went wrong. */
  readonly reason: string
  /** Empty when nothing could be measured. */
  readonly findings: readonly Finding[]
  readonly attempts: number
  /** Per cent of the attempts of this check; null without attempts. */
  readonly errorRate: number | null
  readonly fallbackRate: number | null
  readonly successRate: number | null
  /** Of a fleet: the servers that are at fault by themselves. */
  readonly failing?: readonly string[]
  /** Of a fleet: whether the whole of it is at fault. */
  readonly together?: boolean
}

/** Probability below which too few unified connections are no longer put down to chance. */
const ADOPTION_SIGNIFICANCE = 0.001

/** `part` of `whole` in per cent; null when there is nothing to divide by. */
export function rate(part: number, whole: number): number | null {
  return whole === 0 ? null : (part / whole) * 100
}

/** Per cent for people: at most one decimal, two below 1 %. */
export function formatPercent(value: number): string {
  const digits = value !== 0 && Math.abs(value) < 1 ? 2 : 1
  return `${Number(value.toFixed(digits))} %`
}

function rateFinding(
  threshold: 'max-error-rate' | 'max-fallback-rate' | 'min-success-rate',
  label: string,
  part: number,
  attempts: number,
  limit: number,
): Finding {
  const value = (part / attempts) * 100
  const isFloor = threshold === 'min-success-rate'
  return {
    threshold,
    broken: isFloor ? value < limit : value > limit,
    value,
    limit,
    text: `${label} ${formatPercent(value)} (${part} of ${attempts} attempts), ${isFloor ? 'at least' : 'limit'} ${formatPercent(limit)}`,
  }
}

function adoptionFinding(total: Tally, percentage: number, minAdoption: number): Finding {
  const { attempts, unified } = total
  const expected = (attempts * percentage) / 100
  const value = (unified / expected) * 100
  const share = (percentage / 100) * (minAdoption / 100)
  // From its expectation on the tail holds at least a half: a step that fares well needs no sum over its attempts.
  const isLow = unified < attempts * share && binomialLowerTail(unified, attempts, share) < ADOPTION_SIGNIFICANCE
  return {
    threshold: 'min-adoption',
    broken: isLow,
    value,
    limit: minAdoption,
    text:
      `${unified} of ${attempts} attempts reached the unified system, about ${Math.round(expected)} expected at ` +
      `${percentage} % (adoption ${formatPercent(value)}, at least ${formatPercent(minAdoption)})`,
  }
}

/**
 * Attempts that it takes at a percentage until `min-adoption` notices that not one of them reaches the
 * unified system; Infinity where it never does.
 */
export function attemptsToNotice(percentage: number, minAdoption: number): number {
  const share = (percentage / 100) * (minAdoption / 100)
  return share === 0
    ? Number.POSITIVE_INFINITY
    : Math.max(1, Math.ceil(Math.log(ADOPTION_SIGNIFICANCE) / Math.log1p(-share)))
}

/** Judged as a count, whatever the rule. */
export function routingErrorsFinding({ windowErrors }: Measurement, { maxRoutingErrors }: Thresholds): Finding {
  return {
    threshold: 'max-routing-errors',
    broken: windowErrors > maxRoutingErrors,
    value: windowErrors,
    limit: maxRoutingErrors,
    text: `${windowErrors} routing errors within the window, limit ${maxRoutingErrors}`,
  }
}

/** Judged over the whole step, whatever the rule; none where no percentage applies. */
export function adoptionFindings(
  { stepTotal, percentage }: Measurement,
  { minAdoption }: Thresholds,
): readonly Finding[] {
  return percentage !== null && percentage > 0 && stepTotal.attempts > 0
    ? [adoptionFinding(stepTotal, percentage, minAdoption)]
    : []
}

/** What attempts came to, per cent of them. */
export function ratesOf({
  attempts,
  errors,
  fallbacks,
  legacy,
  unified,
}: Tally): Pick<Check, 'attempts' | 'errorRate' | 'fallbackRate' | 'successRate'> {
  return {
    attempts,
    errorRate: rate(errors, attempts),
    fallbackRate: rate(fallbacks, attempts),
    successRate: rate(legacy + unified, attempts),
  }
}

/**
 * Judges a measurement. `max-routing-errors` and `min-adoption` need no minimum of attempts: the
 * first is a count, the second carries its own test of significance.
 */
export function analyse(measurement: Measurement, thresholds: Thresholds): Check {
  const { recent } = measurement
  const enough = recent.attempts >= thresholds.minAttempts
  const findings: Finding[] = [routingErrorsFinding(measurement, thresholds)]
  if (enough && recent.attempts > 0) {
    findings.push(
      rateFinding('max-error-rate', 'error rate', recent.errors, recent.attempts, thresholds.maxErrorRate),
      rateFinding('max-fallback-rate', 'fallback rate', recent.fallbacks, recent.attempts, thresholds.maxFallbackRate),
      rateFinding(
        'min-success-rate',
        'success rate',
        recent.legacy + recent.unified,
        recent.attempts,
        thresholds.minSuccessRate,
      ),
    )
  }
  findings.push(...adoptionFindings(measurement, thresholds))
  const broken = findings.filter((finding) => finding.broken)
  const rates = ratesOf(recent)
  if (broken.length > 0) {
    return { verdict: 'fail', reason: broken.map((finding) => finding.text).join('; '), findings, ...rates }
  }
  if (!enough) {
    return {
      verdict: 'inconclusive',
      reason: `${recent.attempts} of the ${thresholds.minAttempts} attempts that a rate needs`,
      findings,
      ...rates,
    }
  }
  return { verdict: 'pass', reason: `${recent.attempts} attempts, every threshold holds`, findings, ...rates }
}

/** The check of a poll that brought no valid sample: never healthy. */
export function unmeasured(message: string): Check {
  return {
    verdict: 'error',
    reason: message,
    findings: [],
    attempts: 0,
    errorRate: null,
    fallbackRate: null,
    successRate: null,
  }
}
