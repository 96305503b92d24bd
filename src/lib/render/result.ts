import { lastSnapshot } from '../contract/result.js'
import { rate } from '../core/analysis.js'
import { exitCodeOf } from '../core/outcome.js'
import type { RolloutState, StepRecord } from '../core/rollout.js'
import { describeSettings } from '../core/server.js'
import { describeChanges } from './describe-changes.js'
import { levelOf } from './describe-event.js'
import { describeLeft, labelOf } from './describe-plan.js'
import { elapsedMs, formatCount, formatDuration, formatInstant, formatRate } from './format.js'
import type { Layout, Level } from './palette.js'
import { layList, layProse } from './prose.js'
import type { Column } from './columns.js'
import { renderFields } from './fields.js'
import { renderTable } from './table.js'
import { printable } from './text.js'

/**
 * How a run ended, for people: outcome and reason, where the server was and is, the steps, what is
 * to be known besides, and what to type next.
 *
 * @param suggestions printed whole, one a line: they are commands to copy
 */
export function resultText(state: RolloutState, suggestions: readonly string[], layout: Layout): string {
  const parts = [headline(state, layout), overview(state, layout)]
  if (state.plan.steps.length > 1 || state.steps.some((step) => step.checks > 0)) parts.push(stepsTable(state, layout))
  if (state.warnings.length > 0) parts.push(list('Warnings', state.warnings, layout))
  if (suggestions.length > 0)
    parts.push([layout.palette.strong('Next'), ...layList(suggestions.map(printable), layout.width, '  ')].join('\n'))
  return parts.join('\n\n')
}

function headline({ plan, phase }: RolloutState, { palette, width }: Layout): string {
  if (phase.name !== 'finished') return palette.warning(`${plan.command}: unfinished`)
  const { outcome, reason } = phase
  const title = palette[levelOf(outcome)](`${plan.command}: ${outcome} (exit ${exitCodeOf(outcome)})`)
  return [title, ...layProse(printable(reason), width)].join('\n')
}

function overview(state: RolloutState, layout: Layout): string {
  const { plan, status, startedAt, endedAt } = state
  const took = endedAt === null ? '' : ` to ${formatInstant(endedAt)}, ${formatDuration(elapsedMs(startedAt, endedAt))}`
  return renderFields(
    [
      ['server', printable(plan.server)],
      ['before', plan.before ? describeSettings(plan.before) : 'not known'],
      [isVerified(state) ? 'after' : 'last seen', status ? describeSettings(status.settings) : 'not known'],
      ...describeChanges(plan.before, lastSnapshot(state)),
      ['time', `${formatInstant(startedAt)}${took}`],
      ['rollout', printable(plan.id)],
    ],
    layout,
  )
}

/** What a server said last is not how it was left, where nobody could see that. */
function isVerified({ phase }: RolloutState): boolean {
  return phase.name !== 'finished' || phase.outcome !== 'rollback-unverified'
}

const STEP_COLUMNS: readonly Column[] = [
  { title: 'step', align: 'right', keep: true },
  { title: 'at', align: 'right', keep: true },
  { title: 'outcome', keep: true },
  { title: 'took', align: 'right', keep: true, spare: true },
  { title: 'checks', align: 'right', keep: true, spare: true },
  { title: 'attempts', align: 'right', keep: true },
  { title: 'errors', align: 'right', keep: true },
  { title: 'fallbacks', align: 'right', keep: true, spare: true },
  { title: 'connected', align: 'right', keep: true },
]

const OUTCOME_LEVELS: Readonly<Record<StepRecord['outcome'], Level>> = {
  running: 'info',
  passed: 'good',
  unproven: 'warning',
  held: 'warning',
  failed: 'bad',
}

function stepsTable(state: RolloutState, layout: Layout): string {
  const { plan, steps } = state
  const rows = steps.map(({ index, percentage, outcome, startedAt, endedAt, checks, tally }) => [
    String(index + 1),
    plan.steps[index]?.target?.mode === 'full' ? labelOf(plan.steps[index]) : `${percentage} %`,
    outcome,
    endedAt === null ? '-' : formatDuration(elapsedMs(startedAt, endedAt)),
    formatCount(checks),
    formatCount(tally.attempts),
    formatRate(rate(tally.errors, tally.attempts)),
    formatRate(rate(tally.fallbacks, tally.attempts)),
    formatRate(rate(tally.legacy + tally.unified, tally.attempts)),
  ])
  const left = describeLeft(state)
  const table = renderTable(STEP_COLUMNS, rows, layout, (line, row, column) => {
    const outcome = steps[row]?.outcome
    return column === 2 && outcome ? layout.palette[OUTCOME_LEVELS[outcome]](line) : line
  })
  return left === null ? table : `${table}\n${layout.palette.dim(left)}`
}

function list(title: string, items: readonly string[], { palette, width }: Layout): string {
  return [palette.warning(title), ...layList(items.map(printable), width, '  - ')].join('\n')
}
