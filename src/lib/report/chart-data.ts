/** The series of a report, made ready to be drawn. */
import type { Report } from '../contract/report.js'
import { formatTimeOfDay } from '../render/format.js'

/** More would not be told apart, and would make the file large. */
const POINTS = 360

/** Wall-clock ms, and a value; null breaks the line. */
export type Point = readonly [timeMs: number, value: number | null]

/** Time in a chart only goes forward, whatever somebody did to the clock meanwhile. */
export function forward<T extends { readonly time: string }>(
  items: readonly T[],
): readonly (T & { readonly ms: number })[] {
  let latest = Number.NEGATIVE_INFINITY
  return items.map((item) => {
    latest = Math.max(latest, Date.parse(item.time))
    return { ...item, ms: latest }
  })
}

/**
 * Few enough items to be drawn: of each stretch of time the one that matters most stays.
 *
 * @param weight which of two matters more; equal ones: the later
 */
export function thin<T>(items: readonly T[], weight: (item: T) => number, limit = POINTS): readonly T[] {
  if (items.length <= limit) return items
  const size = items.length / limit
  return Array.from({ length: limit }, (_, index) => {
    const stretch = items.slice(Math.floor(index * size), Math.floor((index + 1) * size))
    return stretch.reduce((most, item) => (weight(item) >= weight(most) ? item : most))
  })
}

export const RATES = {
  errorRate: { title: 'Error rate', threshold: 'max-error-rate', isFloor: false },
  fallbackRate: { title: 'Fallback rate', threshold: 'max-fallback-rate', isFloor: false },
  successRate: { title: 'Success rate', threshold: 'min-success-rate', isFloor: true },
  adoption: { title: 'Adoption', threshold: 'min-adoption', isFloor: true },
} as const
export type RateName = keyof typeof RATES
export const RATE_NAMES = Object.keys(RATES) as readonly RateName[]

type Check = Report['checks'][number]

/** A rate of a check that could be judged; from fewer attempts than that it means nothing, and is null. */
export function judgedRate(check: Check, name: RateName): number | null {
  return check.verdict === 'pass' || check.verdict === 'fail' ? check[name] : null
}

/** The check that came nearest to breaking a limit, or went furthest beyond it; null where none could be judged. */
export function worstCheck<T extends Check>(
  checks: readonly T[],
  name: RateName,
): { readonly check: T; readonly value: number; readonly limit: number } | null {
  const { isFloor } = RATES[name]
  return checks.reduce<ReturnType<typeof worstCheck<T>>>((worst, check) => {
    const value = judgedRate(check, name)
    if (value === null) return worst
    const isWorse = worst === null || (isFloor ? value < worst.value : value > worst.value)
    return isWorse ? { check, value, limit: check.limits[name] } : worst
  }, null)
}

/** The limit that the worst check was judged by: steps have their own, and a baseline tightens them. */
export function limitAtWorst(
  { checks, plan }: { readonly checks: Report['checks']; readonly plan: Pick<Report['plan'], 'thresholds'> },
  name: 'errorRate' | 'successRate',
): number {
  const { maxErrorRate, minSuccessRate } = plan.thresholds
  return worstCheck(checks, name)?.limit ?? (name === 'errorRate' ? maxErrorRate : minSuccessRate)
}

/** One rate over time, its limit, and where it broke it. Of checks that are thinned out, the worst stay. */
export function rateSeries(
  { checks }: Pick<Report, 'checks'>,
  name: RateName,
): { readonly values: readonly Point[]; readonly limits: readonly Point[]; readonly broken: readonly Point[] } {
  const { isFloor, threshold } = RATES[name]
  const badness = (check: Check): number => {
    const value = judgedRate(check, name)
    if (value === null) return Number.NEGATIVE_INFINITY
    return isFloor ? -value : value
  }
  const shown = thin(forward(checks), badness)
  return {
    values: shown.map((check) => [check.ms, judgedRate(check, name)]),
    limits: shown.map((check) => [check.ms, check.limits[name]]),
    broken: shown
      .filter((check) => check.broken.includes(threshold))
      .map((check) => [check.ms, judgedRate(check, name)]),
  }
}

const GRAVITY: Readonly<Record<Check['verdict'], number>> = { pass: 0, inconclusive: 1, fail: 2, error: 3 }

/** When each verdict was given. */
export function verdictTimes({
  checks,
}: Pick<Report, 'checks'>): Readonly<Record<Check['verdict'], readonly number[]>> {
  const shown = thin(forward(checks), ({ verdict }) => GRAVITY[verdict])
  const times = (verdict: Check['verdict']): readonly number[] =>
    shown.filter((check) => check.verdict === verdict).map(({ ms }) => ms)
  return { pass: times('pass'), inconclusive: times('inconclusive'), fail: times('fail'), error: times('error') }
}

/** A moment of a run for people, UTC: the time of day, with its date where the run saw more than one. */
export function timeIn({ startedAt, seenAt }: Pick<Report, 'startedAt' | 'seenAt'>, iso: string): string {
  const isOneDay = startedAt.slice(0, 10) === seenAt.slice(0, 10)
  return isOneDay ? formatTimeOfDay(iso) : `${iso.slice(0, 10)} ${formatTimeOfDay(iso)}`
}

/** From the first event of a run to its last, ms; never empty. */
export function spanOf({ startedAt, seenAt }: Pick<Report, 'startedAt' | 'seenAt'>): readonly [number, number] {
  const from = Date.parse(startedAt)
  return [from, Math.max(from + 1000, Date.parse(seenAt))]
}
