import type { TakenOver } from '../contract/takeover.js'
import type { Command } from '../core/control.js'
import type { RolloutState } from '../core/rollout.js'
import { describeStep } from './describe-plan.js'
import { describeOrder } from '../core/control.js'
import { formatInstant } from './format.js'
import type { Layout } from './palette.js'
import { layProse } from './prose.js'
import type { Column } from './columns.js'
import { renderTable } from './table.js'
import { takeoverAdvice, takeoverText } from './takeover.js'
import { printable, visible, withoutScheme } from './text.js'

/** Fields as in the document `wsctl/rollouts@1`. */
export interface RolloutView {
  readonly rolloutId: string
  readonly command: string
  readonly name: string | null
  readonly server: string
  readonly operator: string
  readonly since: string
  readonly state: string
  readonly percentage: number | null
  readonly step: number | null
  readonly steps: number
  readonly reason: string | null
  readonly takenOver: TakenOver | null
}

/** In a narrow terminal the id tells since when, and the server is told whole by --json. */
const COLUMNS: readonly Column[] = [
  { title: 'id', keep: true },
  { title: 'state', keep: true },
  { title: 'step', keep: true },
  { title: 'at', align: 'right', keep: true },
  { title: 'operator', keep: true, spare: true },
  { title: 'since', keep: true, spare: true },
  { title: 'server', shorten: withoutScheme },
]

/** Runs that have not come to their end. */
export function rolloutsTable(runs: readonly RolloutView[], layout: Layout): string {
  const rows = runs.map((run) => [
    visible(run.rolloutId),
    run.state,
    run.step === null ? '-' : `${run.step}/${run.steps}`,
    run.percentage === null ? '-' : `${run.percentage} %`,
    printable(run.operator),
    formatInstant(run.since),
    printable(run.server),
  ])
  const paint = (line: string, row: number, column: number): string =>
    column === 1 && runs[row]?.state !== 'running' ? layout.palette.warning(line) : line
  const reasons = runs.flatMap(({ rolloutId, reason }) =>
    reason === null ? [] : layProse(`${rolloutId}: ${printable(reason)}`, layout.width, { rest: '  ' }),
  )
  const companions = runs.flatMap(({ rolloutId, takenOver }) =>
    takenOver === null
      ? []
      : [
          `${rolloutId}: ${takeoverText(takenOver)}`,
          ...takeoverAdvice(takenOver, rolloutId).map((line) => `  - ${line}`),
        ],
  )
  const below = [...reasons, ...companions]
  return [renderTable(COLUMNS, rows, layout, paint), ...(below.length > 0 ? ['', ...below] : [])].join('\n')
}

/** What is wrong with a run whose journal holds no whole line. */
export function unrecordedText(journal: string): string {
  return `its beginning could not be recorded: ${journal} does not hold it`
}

/** What an order did, and what becomes of the run. */
export function orderText(command: Command, { plan, stepIndex, phase }: RolloutState, { width }: Layout): string {
  const step = plan.steps[stepIndex]
  const place =
    plan.steps.length > 1 ? `step ${stepIndex + 1} of ${plan.steps.length} (${describeStep(step)})` : plan.command
  const follows = phase.name === 'finished' ? `It ended: ${phase.outcome}.` : FOLLOWS[command.order]
  return layProse(`${plan.id}, ${place}: ${printable(describeOrder(command))}. ${follows}`, width).join('\n')
}

/** What becomes of a run that follows an order. */
export const FOLLOWS: Readonly<Record<Command['order'], string>> = {
  pause: 'It is observed on, and still rolls back on a breach.',
  resume: 'It goes on as planned.',
  promote: 'The step ends as soon as it may.',
  hold: 'It ends where it is, and the percentage stays.',
  abort: 'Everybody is taken back to legacy.',
}
