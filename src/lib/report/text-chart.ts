/** The course of a run in characters, for a terminal and for code in a text. */
import type { Report } from '../contract/report.js'
import type { RolloutEvent } from '../core/event.js'
import { formatCount, formatRate } from '../render/format.js'
import type { Layout } from '../render/palette.js'
import { bar, limitBar } from '../render/sparkline.js'
import { padStart } from '../render/text.js'
import { forward, judgedValue, limitAtWorst, spanOf, timeIn, worstCheck } from './chart-data.js'
import { momentsOf } from './moments.js'
import { checksOf, percentagesOf } from './series.js'

const ROWS = 4
const LABEL = 7
const NARROWEST = 20
const WIDEST = 72

type Course = Pick<Report, 'checks' | 'percentages' | 'startedAt' | 'seenAt'> & {
  readonly plan: Pick<Report['plan'], 'thresholds'>
}

/** The chart of a recorded run; empty for one in which nothing was checked. */
export function courseChart(events: readonly RolloutEvent[], layout: Layout): string {
  const moments = momentsOf(events)
  const last = moments.at(-1)
  const checks = checksOf(moments)
  if (last === undefined || checks.length === 0) return ''
  const { plan, startedAt } = last.state
  return textChart({ checks, percentages: percentagesOf(moments), startedAt, seenAt: last.event.time, plan }, layout)
}

/** Percentage and error rate over time, with the worst verdict of each stretch; its lines are no wider than the layout. */
export function textChart(course: Course, layout: Layout): string {
  const { palette, width, ascii = false } = layout
  const columns = Math.max(NARROWEST, Math.min(WIDEST, width - LABEL - 1))
  const times = timesOf(course, columns)
  const percentages = times.map(({ to }) => percentageAt(course, to))
  const head = palette.strong('percentage of users on unified')
  const staircase = [head, ...bars(percentages, 100, ascii)]
  if (course.checks.length === 0) return [...staircase, timeLine(course, columns)].join('\n')

  const checks = forward(course.checks)
  const stretches = times.map(({ from, to }) => checks.filter(({ ms }) => ms >= from && ms < to))
  const rates = stretches.map((stretch) => highest(stretch.map((check) => judgedValue(check, 'errorRate'))))
  const limit = limitAtWorst(course, 'errorRate')
  const top = Math.max(limit, highest(rates) ?? 0)
  const isOver = (column: number): boolean =>
    stretches[column]?.some((check) => check.broken.includes('max-error-rate')) ?? false
  const most = worstCheck(checks, 'routingErrors')
  const paint = (character: string, column: number): string => (isOver(column) ? palette.bad(character) : character)
  return [
    ...staircase,
    palette.strong(`error rate, at most ${formatRate(highest(rates))}, limit ${formatRate(limit)}`),
    ...bars(rates, top, ascii, paint),
    ...(most === null ? [] : routingErrors(most, stretches, layout)),
    `${padStart('checks', LABEL - 1)} ${stretches.map((stretch) => worst(stretch.map(({ verdict }) => verdict))).join('')}`.trimEnd(),
    timeLine(course, columns),
    palette.dim(`${' '.repeat(LABEL)}. passed  ? inconclusive  x failed  ! without an answer`),
  ].join('\n')
}

/** The routing errors within the window in one line: a full bar is above the limit. */
function routingErrors(
  most: { readonly value: number; readonly limit: number },
  stretches: readonly Report['checks'][],
  { palette, ascii = false }: Layout,
): readonly string[] {
  const cells = stretches.map((stretch) => {
    const worst = worstCheck(stretch, 'routingErrors')
    if (worst === null) return ' '
    const broken = stretch.some((check) => check.broken.includes('max-routing-errors'))
    const cell = limitBar({ ...worst, broken, isFloor: false }, ascii)
    return broken ? palette.bad(cell) : cell
  })
  return [
    palette.strong(
      `routing errors within the window, at most ${formatCount(most.value)}, limit ${formatCount(most.limit)}`,
    ),
    `${' '.repeat(LABEL)}${cells.join('')}`.trimEnd(),
  ]
}

/** The stretch of time behind each column, ms; the last one holds the last moment as well. */
function timesOf(course: Course, columns: number): readonly { readonly from: number; readonly to: number }[] {
  const [from, end] = spanOf(course)
  const size = (end + 1 - from) / columns
  return Array.from({ length: columns }, (_, column) => ({
    from: from + column * size,
    to: from + (column + 1) * size,
  }))
}

function percentageAt({ percentages }: Course, before: number): number | null {
  return forward(percentages).findLast(({ ms }) => ms < before)?.percentage ?? null
}

function highest(values: readonly (number | null)[]): number | null {
  return values.reduce((most, value) => (value === null ? most : Math.max(most ?? 0, value)), null)
}

type Verdict = Report['checks'][number]['verdict']

const MARKS: readonly (readonly [verdict: Verdict, mark: string])[] = [
  ['error', '!'],
  ['fail', 'x'],
  ['inconclusive', '?'],
  ['pass', '.'],
]

function worst(verdicts: readonly Verdict[]): string {
  return MARKS.find(([verdict]) => verdicts.includes(verdict))?.[1] ?? ' '
}

/** Upright bars of several lines, the uppermost first. */
function bars(
  values: readonly (number | null)[],
  top: number,
  ascii: boolean,
  paint: (character: string, column: number) => string = (character) => character,
): readonly string[] {
  return Array.from({ length: ROWS }, (_, index) => {
    const row = ROWS - 1 - index
    const label = row === ROWS - 1 ? formatRate(top) : row === 0 ? formatRate(0) : ''
    const cells = values.map((value, column) => {
      const filled = ((value ?? 0) / top) * ROWS - row
      // In the lowest row what is not 0 can be seen; above, only what reaches it.
      const share = row === 0 ? filled : filled * 16 < 1 ? 0 : filled
      return paint(bar(share, ascii), column)
    })
    return `${padStart(label, LABEL - 1)} ${cells.join('')}`.trimEnd()
  })
}

function timeLine(course: Course, columns: number): string {
  const from = timeIn(course, course.startedAt)
  const to = timeIn(course, course.seenAt)
  return `${' '.repeat(LABEL)}${from}${padStart(to, columns - from.length)}`
}
