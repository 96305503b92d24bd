/** What was looked into, and what was found: of `preflight` and of `doctor`. */
import type { ExitCode, Outcome } from '../core/outcome.js'
import { countOf } from './format.js'
import { LEVEL_WORDS, type Layout, type Level } from './palette.js'
import { layProse } from './prose.js'
import { renderTable } from './table.js'
import { printable, wrap } from './text.js'

export interface FindingView {
  readonly check: string
  readonly verdict: 'pass' | 'warn' | 'fail'
  readonly reason: string
  /** What to type or change next. */
  readonly suggestions: readonly string[]
}

export const LEVELS: Readonly<Record<FindingView['verdict'], Level>> = { pass: 'good', warn: 'warning', fail: 'bad' }

/** How it ended, and how many checks did not pass. */
export function findingsHeadline(
  command: string,
  report: { readonly findings: readonly FindingView[]; readonly outcome: Outcome; readonly exitCode: ExitCode },
  { palette, width }: Layout,
): string {
  const { findings, outcome, exitCode } = report
  const number = (verdict: FindingView['verdict']): number =>
    findings.filter((finding) => finding.verdict === verdict).length
  const level: Level = outcome !== 'completed' ? 'bad' : number('warn') > 0 ? 'warning' : 'good'
  const words = `${countOf(number('fail'), 'failure')}, ${countOf(number('warn'), 'warning')}, ${number('pass')} passed`
  const lines = wrap(`${command}: ${outcome} (exit ${exitCode}); ${words}`, width)
  return lines.map((line) => palette[level](line)).join('\n')
}

/** One row a check, with its verdict as a word. */
export function findingsTable(findings: readonly FindingView[], layout: Layout): string {
  return renderTable(
    [{ title: '', keep: true }, { title: 'check', keep: true }, { title: 'what was found' }],
    findings.map(({ check, verdict, reason }) => [LEVEL_WORDS[LEVELS[verdict]].trim(), check, printable(reason)]),
    layout,
    (line, row, column) => {
      const verdict = findings[row]?.verdict
      return column === 0 && verdict ? layout.palette[LEVELS[verdict]](line) : line
    },
  )
}

/** What to type next, as a section of its own; none when there is nothing. Commands to copy stay whole. */
export function nextLines(findings: readonly FindingView[], { palette, width }: Layout): readonly string[] {
  const lines = findings.flatMap(({ check, suggestions }) =>
    suggestions.flatMap((line) =>
      layProse(printable(line), width, { first: `  ${palette.dim(`${check}:`)} `, rest: '    ' }),
    ),
  )
  return lines.length === 0 ? [] : [`${palette.strong('Next')}\n${lines.join('\n')}`]
}
