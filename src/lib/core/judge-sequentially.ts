/** A check under `--analysis sequential`. */
import {
  adoptionFindings,
  formatPercent,
  ratesOf,
  routingErrorsFinding,
  type Check,
  type Finding,
  type Measurement,
} from './analysis.js'
import type { Seen } from './likelihood.js'
import {
  ceilingOf,
  seenOf,
  standingsOf,
  type RateName,
  type RateStanding,
  type SequentialEvidence,
  type SequentialPlan,
} from './sequential.js'
import type { Thresholds } from './thresholds.js'
import type { Tally } from './window.js'

/** What is known of the rates at a moment. */
export interface Known {
  readonly evidence: SequentialEvidence
  /** Everything seen since the step's observation began. */
  readonly stepTotal: Tally
  readonly limits: Thresholds
  readonly plan: SequentialPlan
}

/**
 * Judges a measurement by all that the run has seen. A rate is broken once chance no longer explains it, and that is a
 * breach: no further check has to confirm it. What is no alarm is not yet safe, so a check passes only when no
 * rate is in doubt, nor above its limit in the whole step. Counts and adoption are judged as where checks are counted.
 */
export function judgeSequentially(measurement: Measurement, known: Known): Check {
  const { recent } = measurement
  const { minAttempts } = known.limits
  const findings = [
    routingErrorsFinding(measurement, known.limits),
    ...rateFindings(known),
    ...adoptionFindings(measurement, known.limits),
  ]
  const rates = { findings, ...ratesOf(recent) }
  const broken = findings.filter((finding) => finding.broken)
  if (broken.length > 0) return { verdict: 'fail', reason: reasons(broken), ...rates }
  const doubts = doubtsAbout(known)
  if (doubts.length > 0) return { verdict: 'inconclusive', reason: reasons(doubts), ...rates }
  if (recent.attempts < minAttempts) {
    return {
      verdict: 'inconclusive',
      reason: `${recent.attempts} of the ${minAttempts} attempts that a rate needs`,
      ...rates,
    }
  }
  return { verdict: 'pass', reason: `${recent.attempts} attempts, every threshold holds`, ...rates }
}

/** Rates that speak against going on, although chance may explain them. */
export function doubtsAbout(known: Known): readonly Finding[] {
  const { evidence, plan, stepTotal, limits } = known
  return standingsOf(evidence, plan).flatMap((standing) => {
    const { failures, attempts } = seenOf(standing.name, stepTotal)
    const isAbove = failures * 100 > ceilingOf(standing.name, limits) * attempts
    return standing.doubt || isAbove
      ? [rateFinding(standing, standing.doubt ? standing.since : { failures, attempts }, known)]
      : []
  })
}

function rateFindings(known: Known): readonly Finding[] {
  const { evidence, plan, stepTotal } = known
  return standingsOf(evidence, plan).flatMap((standing) => {
    const told = standing.doubt ? standing.since : seenOf(standing.name, stepTotal)
    return told.attempts === 0 ? [] : [rateFinding(standing, told, known)]
  })
}

const WENT_WRONG: Readonly<Record<RateName, string>> = {
  'max-error-rate': 'failed',
  'max-fallback-rate': 'fell back',
  'min-success-rate': 'did not connect',
}

/** What a rate came to over some attempts. One of fewer than a rate needs is not broken yet. */
function rateFinding({ name, odds, alarm }: RateStanding, { failures, attempts }: Seen, { limits }: Known): Finding {
  const percent = (failures / attempts) * 100
  const isFloor = name === 'min-success-rate'
  return {
    threshold: name,
    broken: alarm && attempts >= limits.minAttempts,
    value: isFloor ? 100 - percent : percent,
    limit: isFloor ? limits.minSuccessRate : ceilingOf(name, limits),
    text:
      `${formatPercent(percent)} of ${formatCount(attempts)} attempts ${WENT_WRONG[name]}, ` +
      `limit ${formatPercent(ceilingOf(name, limits))}; odds against chance ${formatOdds(odds)}`,
    odds,
  }
}

function reasons(findings: readonly Finding[]): string {
  return findings.map(({ text }) => text).join('; ')
}

/** Whether the check found a rate that chance no longer explains. */
export function isAlarm({ findings }: Check): boolean {
  return findings.some(({ broken, odds }) => broken && odds !== undefined)
}

/** Odds for people, such as `4,100 to 1`: two digits are all that they are good for. */
export function formatOdds(odds: number): string {
  if (odds < 1) return 'under 1 to 1'
  return odds >= 1e6 ? 'over 1,000,000 to 1' : `${formatCount(Number(odds.toPrecision(2)))} to 1`
}

function formatCount(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}
