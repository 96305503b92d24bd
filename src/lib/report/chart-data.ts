/** The series of a report, made ready to be drawn. */
import type { Report } from '../contract/report.js'
import { formatCount, formatRate, formatTimeOfDay } from '../render/format.js'

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

/** What a check measures and holds against a limit. */
export const MEASURES = {
  errorRate: { title: 'Error rate', threshold: 'max-error-rate', isFloor: false, unit: '%' },
  fallbackRate: { title: 'Fallback rate', threshold: 'max-fallback-rate', isFloor: false, unit: '%' },
  successRate: { title: 'Success rate', threshold: 'min-success-rate', isFloor: true, unit: '%' },
  adoption: { title: 'Adoption', threshold: 'min-adoption', isFloor: true, unit: '%' },
  routingErrors: {
    title: 'Routing errors within the window',
    threshold: 'max-routing-errors',
    isFloor: false,
    unit: null,
  },
} as const
export type MeasureName = keyof typeof MEASURES
export const MEASURE_NAMES = Object.keys(MEASURES) as readonly MeasureName[]

/** A measured value for people: per cent, or a count. */
export function formatMeasure(name: MeasureName, value: number): string {
  return MEASURES[name].unit === null ? formatCount(value) : formatRate(value)
}

type Check = Report['checks'][number]

/**
 * What a check judged; a rate from fewer attempts than that takes means nothing, and is null. A count needs no
 * minimum of attempts.
 */
export function judgedValue(check: Check, name: MeasureName): number | null {
  const isJudged = name === 'routingErrors' || check.verdict === 'pass' || check.verdict === 'fail'
  return isJudged ? check[name] : null
}

/** The check that came nearest to breaking a limit, or went furthest beyond it; null where none could be judged. */
export function worstCheck<T extends Check>(
  checks: readonly T[],
  name: MeasureName,
): { readonly check: T; readonly value: number; readonly limit: number } | null {
  const { isFloor } = MEASURES[name]
  return checks.reduce<ReturnType<typeof worstCheck<T>>>((worst, check) => {
    const value = judgedValue(check, name)
    if (value === null) return worst
    const isWorse = worst === null || (isFloor ? value < worst.value : value > worst.value)
    return isWorse ? { check, value, limit: check.limits[name] } : worst
  }, null)
}

/** The limit that the worst check was judged by: steps have their own, and a baseline tightens them. */
export function limitAtWorst(
  { checks, plan }: { readonly checks: Report['checks']; readonly plan: Pick<Report['plan'], 'thresholds'> },
  name: 'errorRate' | 'successRate' | 'routingErrors',
): number {
  const { maxErrorRate, minSuccessRate, maxRoutingErrors } = plan.thresholds
  const planned = { errorRate: maxErrorRate, successRate: minSuccessRate, routingErrors: maxRoutingErrors }
  return worstCheck(checks, name)?.limit ?? planned[name]
}

/** One measure over time, its limit, and where it broke it. Of checks that are thinned out, the worst stay. */
export function measureSeries(
  { checks }: Pick<Report, 'checks'>,
  name: MeasureName,
): { readonly values: readonly Point[]; readonly limits: readonly Point[]; readonly broken: readonly Point[] } {
  const { isFloor, threshold } = MEASURES[name]
  const badness = (check: Check): number => {
    const value = judgedValue(check, name)
    if (value === null) return Number.NEGATIVE_INFINITY
    return isFloor ? -value : value
  }
  const shown = thin(forward(checks), badness)
  return {
    values: shown.map((check) => [check.ms, judgedValue(check, name)]),
    limits: shown.map((check) => [check.ms, check.limits[name]]),
    broken: shown
      .filter((check) => check.broken.includes(threshold))
      .map((check) => [check.ms, judgedValue(check, name)]),
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
