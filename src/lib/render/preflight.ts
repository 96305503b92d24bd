import type { PreflightDocument } from '../contract/preflight.js'
import type { PreflightFinding } from '../core/preflight.js'
import { findingsHeadline, findingsTable, LEVELS, nextLines } from './findings.js'
import { countOf, formatDuration } from './format.js'
import { LEVEL_WORDS, type Layout } from './palette.js'
import { layList } from './prose.js'
import { renderFields } from './fields.js'
import { printable, wrap } from './text.js'

/**
 * Every check before a run, what could not be looked into, and what to type next.
 *
 * @param layout suggestions are printed whole whatever its width: they are commands to copy
 */
export function preflightText(document: PreflightDocument, layout: Layout): string {
  const { findings, unchecked } = document
  const parts = [
    findingsHeadline('preflight', document, layout),
    overview(document, layout),
    findingsTable(findings, layout),
    ...(unchecked.length > 0 ? [uncheckedLines(document, layout)] : []),
    ...nextLines(findings, layout),
  ]
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
        ...layList(suggestions.map(printable), width, `     ${palette.dim('-')} `),
      ]
    })
    .join('\n')
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

/** One line a reason: a server that does not answer leaves most things open. */
function uncheckedLines({ unchecked }: PreflightDocument, { palette, width }: Layout): string {
  const reasons = [...new Set(unchecked.map(({ reason }) => reason))]
  const lines = reasons.flatMap((reason) => {
    const checks = unchecked.filter((one) => one.reason === reason).map(({ check }) => check)
    return wrap(printable(`${checks.join(', ')}: ${reason}`), width - 2).map((line) => `  ${line}`)
  })
  return [palette.strong('Not checked'), ...lines].join('\n')
}
