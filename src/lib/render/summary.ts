import type { Result } from '../contract/result.js'
import type { RolloutState } from '../core/rollout.js'
import { describeSettings } from '../core/server.js'
import { describeLeft } from './describe-plan.js'
import { elapsedMs, formatCount, formatDuration, formatInstant, formatRate } from './format.js'
import { codeBlock, codeSpan, markdownTable, plainMarkdown } from './markdown.js'

/** A reason longer than this is told in the log as a whole. */
const LONGEST_REASON = 4000

/**
 * How a run ended, as Markdown for the summary of a pipeline. What is needed first comes first, so that it
 * stays when the end has to be cut off.
 *
 * @param suggestions what to type next, most useful first
 * @param state the run at its end; null when none was begun
 */
export function summaryMarkdown(result: Result, suggestions: readonly string[], state: RolloutState | null): string {
  const { command, outcome, exitCode, reason, steps, warnings } = result
  const short = reason.length > LONGEST_REASON ? `${reason.slice(0, LONGEST_REASON)}…` : reason
  const parts = [`### ${plainMarkdown(`wsctl ${command}: ${outcome} (exit ${exitCode})`)}`, paragraphs(short)]
  if (suggestions.length > 0) parts.push('#### What to type next', nextBlock(suggestions))
  parts.push(overview(result))
  if (steps.length > 0) parts.push('#### Steps', stepsTable(result))
  const left = state && describeLeft(state)
  if (steps.length > 0 && left !== null) parts.push(`${left}.`)
  if (warnings.length > 0) {
    parts.push('#### Warnings', warnings.map((warning) => `- ${plainMarkdown(warning)}`).join('\n'))
  }
  return `${parts.join('\n\n')}\n`
}

/** A message of several lines, such as the failed checks before a run. */
function paragraphs(reason: string): string {
  return reason
    .split('\n')
    .map(plainMarkdown)
    .filter((line) => line !== '')
    .join('<br>\n')
}

/** Commands as they are typed, each under what it is for. */
function nextBlock(suggestions: readonly string[]): string {
  const lines = suggestions.flatMap((suggestion) => {
    const [, purpose, command] = /^(.*?): +((?:wsctl|curl) .*)$/s.exec(suggestion) ?? []
    return purpose === undefined || command === undefined ? [`# ${suggestion}`] : [`# ${purpose}`, command]
  })
  return codeBlock('sh', lines)
}

function overview({ server, before, after, startedAt, endedAt, rolloutId, outcome }: Result): string {
  const time =
    startedAt === null || endedAt === null
      ? null
      : `${formatInstant(startedAt)} to ${formatInstant(endedAt)}, ${formatDuration(elapsedMs(startedAt, endedAt))}`
  const rows = [
    ['server', server === null ? null : codeSpan(server)],
    ['before', rolloutId === null ? null : before === null ? 'not known' : describeSettings(before)],
    [
      outcome === 'rollback-unverified' ? 'last seen' : 'after',
      rolloutId === null ? null : after === null ? 'not known' : describeSettings(after),
    ],
    ['time', time],
    ['rollout', rolloutId === null ? 'none was begun' : codeSpan(rolloutId)],
  ] as const
  return rows.flatMap(([name, value]) => (value === null ? [] : [`- ${name}: ${value}`])).join('\n')
}

function stepsTable({ steps }: Result): string {
  return markdownTable(
    [
      { title: 'step', align: 'right' },
      { title: 'at', align: 'right' },
      { title: 'outcome' },
      { title: 'took', align: 'right' },
      { title: 'checks', align: 'right' },
      { title: 'attempts', align: 'right' },
      { title: 'errors', align: 'right' },
      { title: 'fallbacks', align: 'right' },
      { title: 'connected', align: 'right' },
    ],
    steps.map((step, index) => [
      String(index + 1),
      `${step.percentage} %`,
      step.outcome === 'passed' ? step.outcome : `**${step.outcome}**`,
      step.endedAt === null ? '-' : formatDuration(elapsedMs(step.startedAt, step.endedAt)),
      formatCount(step.checks),
      formatCount(step.attempts),
      formatRate(step.errorRate),
      formatRate(step.fallbackRate),
      formatRate(step.successRate),
    ]),
  )
}
