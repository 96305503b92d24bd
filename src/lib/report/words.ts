/** What the formats of a report say in the same words. */
import type { Report } from '../contract/report.js'
import type { Outcome } from '../core/outcome.js'
import { countOf, formatCount, formatDuration, formatInstant, formatRate } from '../render/format.js'
import {
  formatMeasure,
  forward,
  judgedValue,
  limitAtWorst,
  MEASURES,
  timeIn,
  worstCheck,
  type MeasureName,
} from './chart-data.js'

/** How a run ended, or that it has not. */
export function outcomeWords({ outcome, state }: Pick<Report, 'outcome' | 'state'>): string {
  return outcome === null ? STATES[state] : OUTCOMES[outcome]
}

const STATES: Readonly<Record<Report['state'], string>> = {
  ended: 'ended',
  running: 'under way',
  left: 'left before its end',
  incomplete: 'recorded without its end',
}

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  completed: 'completed',
  failed: 'failed',
  usage: 'wrong settings',
  'rolled-back': 'rolled back to legacy',
  'rollback-unverified': 'rollback not verified',
  held: 'held on the way',
  refused: 'ended by a conflict',
  unreachable: 'server unreachable',
  breached: 'breach reported',
}

export function titleOf(report: Report): string {
  return `${report.name ?? report.command}: ${outcomeWords(report)}`
}

/** A configuration without the names of users. */
function describeConfiguration(settings: Report['before']): string {
  if (settings === null) return 'not known'
  const { mode, percentage, legacyFallback, rolloutUsers, forceLegacyUsers } = settings
  const list = (count: number | null): string => (count === null ? 'an unknown number' : formatCount(count))
  return (
    `${mode} ${percentage} %, fallback ${legacyFallback ? 'on' : 'off'}, ` +
    `${list(rolloutUsers)} listed, ${list(forceLegacyUsers)} forced to legacy`
  )
}

/** The numbers that matter most, each with what it is. */
export function keyFigures({ figures, plan, checks: judged }: Report): readonly {
  readonly name: string
  readonly value: string
  readonly note: string
}[] {
  const { checks, errors, fallbacks, peakPercentage, highestErrorRate, lowestSuccessRate } = figures
  const all = checks.pass + checks.fail + checks.inconclusive + checks.error
  const always = [
    {
      name: 'Duration',
      value: formatDuration(figures.elapsedMs),
      note: plan.steps === 0 ? 'in no steps' : `${countOf(plan.steps, 'step')} planned`,
    },
    {
      name: 'Highest share',
      value: peakPercentage === null ? '-' : `${peakPercentage} %`,
      note: 'of users on unified',
    },
  ]
  if (all === 0) return always
  return [
    ...always,
    {
      name: 'Attempts',
      value: formatCount(figures.attempts),
      note: `${countOf(errors, 'error')}, ${countOf(fallbacks, 'fallback')}`,
    },
    {
      name: 'Checks',
      value: formatCount(all),
      note: `${checks.pass} passed, ${checks.fail + checks.error} failed, ${checks.inconclusive} inconclusive`,
    },
    {
      name: 'Error rate',
      value: formatRate(highestErrorRate),
      note: `highest of a check, limit ${formatRate(limitAtWorst({ checks: judged, plan }, 'errorRate'))}`,
    },
    {
      name: 'Success rate',
      value: formatRate(lowestSuccessRate),
      note: `lowest of a check, at least ${formatRate(limitAtWorst({ checks: judged, plan }, 'successRate'))}`,
    },
    {
      name: 'Routing errors',
      value: figures.mostRoutingErrors === null ? '-' : formatCount(figures.mostRoutingErrors),
      note: `most within the window, limit ${formatCount(limitAtWorst({ checks: judged, plan }, 'routingErrors'))}`,
    },
    ...(figures.breachToSafetyMs === null
      ? []
      : [
          {
            name: 'To safety',
            value: formatDuration(figures.breachToSafetyMs),
            note: 'from the breach to legacy, verified',
          },
        ]),
  ]
}

/** Names and values about a run that are no measurement. */
export function runFacts(report: Report): readonly (readonly [name: string, value: string])[] {
  const { plan, seenAt, endedAt } = report
  return [
    ['Server', report.server],
    ['Command', report.command],
    ['Run', report.rolloutId],
    ['Started', `${formatInstant(report.startedAt)} by ${report.operator}`],
    endedAt === null ? ['Last event', formatInstant(seenAt)] : ['Ended', formatInstant(endedAt)],
    ...(report.reason === null ? [] : [['Reason given', report.reason] as const]),
    ['Before', describeConfiguration(report.before)],
    ['After', describeConfiguration(report.after)],
    ['On a breach', plan.monitoring ? plan.onBreach : 'nothing was judged'],
    ['Without enough traffic', plan.onInconclusive],
    ['Environment file', plan.environmentFile ?? 'none was kept in step'],
    ['Exit code', report.exitCode === null ? '-' : String(report.exitCode)],
  ]
}

/** What the staircase shows, in a sentence. */
export function describePercentages({ percentages, figures }: Report): string {
  if (percentages.length === 0) return 'The percentage was never read.'
  const shown = percentages.slice(0, 12).map(({ percentage }) => percentage)
  const more = percentages.length > shown.length ? ' …' : ''
  return `Share of users on the unified system: ${shown.join(' → ')}${more} %, at most ${figures.peakPercentage ?? 0} %.`
}

/** What the chart of a measure shows, in a sentence. */
export function describeMeasure(report: Report, name: MeasureName): string {
  const { checks } = report
  const { isFloor, threshold } = MEASURES[name]
  const worst = worstCheck(forward(checks), name)
  if (worst === null) return 'No check could be judged.'
  const isBeyond = isFloor ? worst.value < worst.limit : worst.value > worst.limit
  const never = isBeyond ? 'never broken by more than chance.' : 'never broken.'
  const broken = checks.filter((check) => check.broken.includes(threshold)).length
  return (
    `${isFloor ? 'Lowest' : 'Highest'} ${formatMeasure(name, worst.value)} at ${timeIn(report, worst.check.time)}; ` +
    `${isFloor ? 'at least' : 'limit'} ${formatMeasure(name, worst.limit)}, ` +
    (broken === 0 ? never : `broken in ${broken} of ${countOf(checks.length, 'check')}.`) +
    describeLeftOut(report, name)
  )
}

/** Which checks the chart of a measure has no point for, and why; empty where it has all. */
function describeLeftOut({ checks }: Report, name: MeasureName): string {
  const count = checks.filter((check) => judgedValue(check, name) === null).length
  const why = name === 'routingErrors' ? 'they had no valid answer' : 'too few attempts to judge, or no valid answer'
  return count === 0 ? '' : ` Left out: ${count} of ${countOf(checks.length, 'check')}; ${why}.`
}

/** How the checks went, in a sentence. */
export function describeVerdicts({ figures: { checks } }: Report): string {
  return (
    `${checks.pass} passed, ${checks.fail} failed, ${checks.inconclusive} inconclusive for want of attempts, ` +
    `${checks.error} without a valid answer.`
  )
}

/** Whether there is anything to tell of open connections. */
export function hasConnections({ connections }: Report): boolean {
  return connections.length > 1 && connections.some(({ legacy, unified }) => legacy !== null || unified !== null)
}

/** How the open connections changed, in a sentence. */
export function describeConnections({ connections }: Report): string {
  const [first] = connections
  const last = connections.at(-1)
  if (first === undefined || last === undefined) return 'The server was never read.'
  const change = (from: number | null, to: number | null): string =>
    `${formatCount(from ?? 0)} → ${formatCount(to ?? 0)}`
  return `Open connections from the first reading to the last: legacy ${change(first.legacy, last.legacy)}, unified ${change(first.unified, last.unified)}.`
}

/** A factor such as `1.4x`; a dash where there is nothing to divide by. */
function formatFactor(factor: number | null): string {
  return factor === null ? '-' : `${Number(factor.toFixed(2))}x`
}

/** Percentage points with their sign. */
function formatPoints(points: number | null): string {
  return points === null ? '-' : `${points > 0 ? '+' : ''}${Number(points.toFixed(2))} points`
}

/** Columns of the comparison with the baseline. */
export const COMPARISON_TITLES = [
  'Step',
  'Attempts',
  'Errors',
  'of baseline',
  'Fallbacks',
  'of baseline',
  'Success',
  'Change',
] as const

/** Its rows: the baseline itself, under this name, and each step beside it. */
export function comparisonRows(
  baseline: NonNullable<Report['baseline']>,
  comparison: Report['comparison'],
  name: string,
): readonly (readonly string[])[] {
  const { attempts, errorRate, fallbackRate, successRate } = baseline
  return [
    [name, formatCount(attempts), formatRate(errorRate), '', formatRate(fallbackRate), '', formatRate(successRate), ''],
    ...comparison.map((row) => [
      `${row.step}. ${row.label}`,
      formatCount(row.attempts),
      formatRate(row.errorRate),
      formatFactor(row.errorFactor),
      formatRate(row.fallbackRate),
      formatFactor(row.fallbackFactor),
      formatRate(row.successRate),
      formatPoints(row.successChange),
    ]),
  ]
}
