import { countItems } from '../contract/checklist.js'
import type { Report } from '../contract/report.js'
import { phaseTitle, sourcesOf } from '../render/checklist.js'
import { elapsedMs, formatCount, formatDuration, formatInstant, formatRate } from '../render/format.js'
import { createPalette, LEVEL_WORDS } from '../render/palette.js'
import { MEASURE_NAMES, MEASURES, timeIn } from './chart-data.js'
import { textChart } from './text-chart.js'
import {
  COMPARISON_TITLES,
  comparisonRows,
  describeConnections,
  describePercentages,
  describeMeasure,
  describeVerdicts,
  hasConnections,
  keyFigures,
  runFacts,
  titleOf,
} from './words.js'

/** The report for a pull request or a wiki. */
export function markdownReport(report: Report): string {
  const parts = [
    `# ${text(titleOf(report))}`,
    `${text(report.server)}, run ${code(report.rolloutId)}`,
    `> ${text(report.conclusion)}`,
    section('Summary', [
      text(report.summary),
      figures(report),
      list(report.warnings.map((line) => `Warning: ${text(line)}`)),
    ]),
    section('Recommendations', [recommendations(report)]),
    section('Timeline', [text(describePercentages(report)), chart(report), events(report)]),
    section('Rates and verdicts', rates(report)),
    section('Steps', [steps(report)]),
    section('Comparison with the baseline', [comparison(report)]),
    section('Decision log', [log(report)]),
    section('Checklist', checklist(report)),
    section('About this run', [table(['', ''], runFacts(report))]),
    `Made by ${text(report.generator)} at ${formatInstant(report.generatedAt)}.`,
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** What would be markup, a mention or a reference in Markdown. */
const SPECIAL = /[\\`*_[\]|~$]/g
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '@': '&#64;',
  '#': '&#35;',
}

/** Text of unknown origin, such that Markdown shows it as it is. */
function text(plain: string): string {
  return plain
    .replaceAll(/[&<>@#]/g, (character) => ENTITIES[character] ?? '')
    .replaceAll(SPECIAL, (character) => `\\${character}`)
}

/** Between backticks nothing is special but backticks, and in a table the bar. */
function code(plain: string): string {
  return `\`${plain.replaceAll('`', "'").replaceAll('|', '\\|')}\``
}

/** Nothing at all when there is nothing to say. */
function section(title: string, parts: readonly string[]): string {
  const said = parts.filter((part) => part !== '')
  return said.length === 0 ? '' : [`## ${title}`, ...said].join('\n\n')
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n')
}

function table(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  alignments: readonly string[] = titles.map(() => '---'),
): string {
  if (rows.length === 0) return ''
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(titles), line(alignments), ...rows.map((row) => line(row.map(text)))].join('\n')
}

/** Names on the left, numbers on the right. */
function numbers(titles: readonly string[]): readonly string[] {
  return titles.map((_, column) => (column < 2 ? '---' : '---:'))
}

function figures(report: Report): string {
  return table(
    ['', '', ''],
    keyFigures(report).map(({ name, value, note }) => [name, value, note]),
  )
}

function recommendations(report: Report): string {
  return report.recommendations
    .map(
      ({ text: words, command }, index) => `${index + 1}. ${text(words)}${command === null ? '' : ` ${code(command)}`}`,
    )
    .join('\n')
}

function chart(report: Report): string {
  if (report.percentages.length === 0) return ''
  const layout = { palette: createPalette(false), width: Number.POSITIVE_INFINITY }
  return `\`\`\`text\n${textChart(report, layout)}\n\`\`\``
}

function events(report: Report): string {
  return report.events
    .map(
      ({ time, level, text: words }, index) =>
        `${index + 1}. ${timeIn(report, time)} ${LEVEL_WORDS[level].trim()} ${text(words)}`,
    )
    .join('\n')
}

function rates(report: Report): readonly string[] {
  if (report.checks.length === 0) return []
  return [
    list([
      ...MEASURE_NAMES.map((name) => `${MEASURES[name].title}: ${text(describeMeasure(report, name))}`),
      `Checks: ${text(describeVerdicts(report))}`,
      ...(hasConnections(report) ? [text(describeConnections(report))] : []),
    ]),
  ]
}

function steps(report: Report): string {
  const titles = ['Step', 'Outcome', 'Took', 'Checks', 'Attempts', 'Errors', 'Fallbacks', 'Success', 'Adoption']
  const rows = report.steps.map((step) => [
    `${step.number}. ${step.label}`,
    step.outcome,
    step.endedAt === null ? '-' : formatDuration(elapsedMs(step.startedAt, step.endedAt)),
    formatCount(step.checks),
    formatCount(step.attempts),
    formatRate(step.errorRate),
    formatRate(step.fallbackRate),
    formatRate(step.successRate),
    formatRate(step.adoption),
  ])
  return table(titles, rows, numbers(titles))
}

function comparison({ baseline, comparison: compared }: Report): string {
  if (baseline === null) return ''
  const rows = comparisonRows(baseline, compared, `Before the first step, ${formatDuration(baseline.observedMs)}`)
  return table(COMPARISON_TITLES, rows, numbers(COMPARISON_TITLES))
}

function log(report: Report): string {
  const rows = report.log.map((entry) => [
    timeIn(report, entry.time) + (entry.endedAt === null ? '' : ` to ${timeIn(report, entry.endedAt)}`),
    LEVEL_WORDS[entry.level].trim(),
    entry.text,
  ])
  return table(['Time', '', 'Decision'], rows)
}

function checklist({ checklist: phases }: Report): readonly string[] {
  const counts = `${countItems(phases, 'proven')} proven, ${countItems(phases, 'signed')} signed, ${countItems(phases, 'open')} open.`
  return [
    counts,
    ...phases.flatMap(({ phase, items }) => [
      `### ${phaseTitle(phase)}`,
      items
        .map((item) => {
          const sources = sourcesOf(item).map((source) => `; ${text(source)}`)
          return `- [${item.status === 'open' ? ' ' : 'x'}] ${text(item.text)} (${code(item.id)})${sources.join('')}`
        })
        .join('\n'),
    ]),
  ]
}
