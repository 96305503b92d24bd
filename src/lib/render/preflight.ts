import type { PreflightDocument } from '../contract/preflight.js'
import type { PreflightFinding } from '../core/preflight.js'
import { countOf, formatDuration } from './format.js'
import { LEVEL_WORDS, type Layout, type Level } from './palette.js'
import { renderFields, renderTable } from './table.js'
import { printable, wrap } from './text.js'

const LEVELS: Readonly<Record<PreflightFinding['verdict'], Level>> = { pass: 'good', warn: 'warning', fail: 'bad' }

/**
 * Every check before a run, what could not be looked into, and what to type next.
 *
 * @param layout suggestions are printed whole whatever its width: they are commands to copy
 */
export function preflightText(document: PreflightDocument, layout: Layout): string {
  const { findings, unchecked } = document
  const parts = [headline(document, layout), overview(document, layout), findingsTable(document, layout)]
  const suggestions = findings.flatMap((finding) => finding.suggestions.map((line) => [finding.check, line] as const))
  if (unchecked.length > 0) parts.push(uncheckedLines(document, layout))
  if (suggestions.length > 0) {
    const lines = suggestions.map(([check, line]) => `  ${layout.palette.dim(`${check}:`)} ${printable(line)}`)
    parts.push(`${layout.palette.strong('Next')}\n${lines.join('\n')}`)
  }
  return parts.join('\n\n')
}

/** Findings one after the other, each with what to type next, as a run tells them before it begins. */
export function findingLines(findings: readonly PreflightFinding[], { palette, width }: Layout): string {
  return findings
    .flatMap(({ check, verdict, reason, suggestions }) => {
      const level = LEVELS[verdict]
      const [first = '', ...more] = wrap(printable(`${check}: ${reason}`), width - LEVEL_WORDS[level].length - 1)
      return [
        `${palette[level](LEVEL_WORDS[level])} ${first}`,
        ...more.map((line) => `     ${line}`),
        ...suggestions.map((suggestion) => `     ${palette.dim('-')} ${printable(suggestion)}`),
      ]
    })
    .join('\n')
}

function headline({ findings, outcome, exitCode }: PreflightDocument, { palette, width }: Layout): string {
  const number = (verdict: PreflightFinding['verdict']): number =>
    findings.filter((finding) => finding.verdict === verdict).length
  const level: Level = outcome === 'refused' ? 'bad' : number('warn') > 0 ? 'warning' : 'good'
  const words = `${countOf(number('fail'), 'failure')}, ${countOf(number('warn'), 'warning')}, ${number('pass')} passed`
  const lines = wrap(`preflight: ${outcome} (exit ${exitCode}); ${words}`, width)
  return lines.map((line) => palette[level](line)).join('\n')
}

function overview({ server, plan, attemptsPerSecond }: PreflightDocument, layout: Layout): string {
  const { steps, plannedMs, longestMs } = plan
  const longer = longestMs > plannedMs ? `, ${formatDuration(longestMs)} with every extension` : ''
  const traffic = attemptsPerSecond === null ? 'not known' : `${attemptsPerSecond.toFixed(1)} attempts a second`
  return renderFields(
    [
      ['server', printable(server)],
      ['plan', `${countOf(steps, 'step')}, ${formatDuration(plannedMs)}${longer}`],
      ['traffic', traffic],
    ],
    layout,
  )
}

function findingsTable({ findings }: PreflightDocument, layout: Layout): string {
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

/** One line a reason: a server that does not answer leaves most things open. */
function uncheckedLines({ unchecked }: PreflightDocument, { palette, width }: Layout): string {
  const reasons = [...new Set(unchecked.map(({ reason }) => reason))]
  const lines = reasons.flatMap((reason) => {
    const checks = unchecked.filter((one) => one.reason === reason).map(({ check }) => check)
    return wrap(printable(`${checks.join(', ')}: ${reason}`), width - 2).map((line) => `  ${line}`)
  })
  return [palette.strong('Not checked'), ...lines].join('\n')
}
