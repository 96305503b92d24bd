/** What the last check measured against its limits, and how it went: a line for each threshold. */
import { THRESHOLD_NAMES, type Check, type Finding, type ThresholdName } from '../core/analysis.js'
import { formatOdds } from '../core/judge-sequentially.js'
import type { Thresholds } from '../core/thresholds.js'
import { formatCount, formatRate } from './format.js'
import type { Layout } from './palette.js'
import { limitBar } from './sparkline.js'
import { cut, padEnd, padStart, widthOf } from './text.js'

const INDENT = '  '
/** Columns of the course at most: as many checks, the newest. */
export const COURSE_WIDTH = 40
const COURSE_NARROWEST = 5

interface Row {
  readonly label: string
  readonly isFloor: boolean
  readonly limit: (thresholds: Thresholds) => number
}

const ROWS: Readonly<Record<ThresholdName, Row>> = {
  'max-error-rate': { label: 'error rate', isFloor: false, limit: (t) => t.maxErrorRate },
  'max-routing-errors': { label: 'routing errors', isFloor: false, limit: (t) => t.maxRoutingErrors },
  'max-fallback-rate': { label: 'fallback rate', isFloor: false, limit: (t) => t.maxFallbackRate },
  'min-success-rate': { label: 'success rate', isFloor: true, limit: (t) => t.minSuccessRate },
  'min-adoption': { label: 'adoption', isFloor: true, limit: (t) => t.minAdoption },
}

/**
 * Each threshold with its last value, its limit and, where there is room, its course.
 *
 * @param limits those that hold now, for what was not measured
 * @param course the last checks, oldest first
 */
export function thresholdLines(
  last: Check | null,
  limits: Thresholds,
  course: readonly Check[],
  layout: Layout,
): readonly string[] {
  const words = THRESHOLD_NAMES.map((name) => limitWords(name, limits))
  const widest = Math.max(...words.map(widthOf))
  return THRESHOLD_NAMES.map((name, index) => {
    const line = thresholdLine(name, findingOf(last, name), padEnd(words[index] ?? '', widest), layout)
    return (line + courseOf(name, course, widthOf(line), layout)).trimEnd()
  })
}

function findingOf(check: Check | null, name: ThresholdName): Finding | null {
  return check?.findings.find(({ threshold }) => threshold === name) ?? null
}

function formatFor(name: ThresholdName): (value: number) => string {
  return name === 'max-routing-errors' ? formatCount : formatRate
}

function limitWords(name: ThresholdName, limits: Thresholds): string {
  const { isFloor, limit } = ROWS[name]
  return `${isFloor ? 'min' : 'max'} ${formatFor(name)(limit(limits))}`
}

/** The word first: in a narrow terminal it is the last thing to go. */
function thresholdLine(
  name: ThresholdName,
  finding: Finding | null,
  limit: string,
  { palette, width }: Layout,
): string {
  const { label, isFloor } = ROWS[name]
  const broken = isFloor ? 'UNDER' : 'OVER'
  const [word, level] =
    finding === null ? ['-', 'dim' as const] : finding.broken ? [broken, 'bad' as const] : ['ok', 'good' as const]
  const value = padStart(finding === null ? '-' : formatFor(name)(finding.value), 6)
  const odds = finding?.odds === undefined ? '' : `  odds ${formatOdds(finding.odds)}`
  const rest = cut(`${padEnd(label, 14)} ${value}  ${limit}${odds}`, width - INDENT.length - 6)
  return `${INDENT}${palette[level](padEnd(word, 6))}${finding?.broken ? palette.bad(rest) : rest}`
}

/** How it went, check by check; what was not judged is not shown as if it had been. Empty where there is no room. */
function courseOf(
  name: ThresholdName,
  course: readonly Check[],
  used: number,
  { palette, width, ascii = false }: Layout,
): string {
  const room = Math.min(COURSE_WIDTH, width - used - INDENT.length)
  if (room < COURSE_NARROWEST || course.length === 0) return ''
  const { isFloor } = ROWS[name]
  const bars = course.slice(-room).map((check) => {
    const finding = findingOf(check, name)
    return palette[finding?.broken ? 'bad' : 'dim'](limitBar(finding && { ...finding, isFloor }, ascii))
  })
  return INDENT + bars.join('')
}
