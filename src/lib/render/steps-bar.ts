import type { RolloutState, StepRecord } from '../core/rollout.js'
import { labelOf } from './describe-plan.js'
import type { Level, Palette } from './palette.js'
import { widthOf } from './text.js'

interface Cell {
  readonly text: string
  readonly level: Level | 'dim' | 'strong'
}

const GAP = '  '
const MORE = '…'

const MARKS: Readonly<Record<StepRecord['outcome'], { readonly mark: string; readonly level: Cell['level'] }>> = {
  passed: { mark: '✓', level: 'good' },
  unproven: { mark: '?', level: 'warning' },
  running: { mark: '▶', level: 'strong' },
  held: { mark: '=', level: 'warning' },
  failed: { mark: '✗', level: 'bad' },
}

function cellsOf({ plan, steps }: RolloutState): readonly Cell[] {
  const records = new Map(steps.map((step) => [step.index, step]))
  return plan.steps.map((step, index) => {
    const record = records.get(index)
    const { mark, level } = record ? MARKS[record.outcome] : { mark: '·', level: 'dim' as const }
    return { text: `${labelOf(step)} ${mark}`, level }
  })
}

/** The longest run of cells around `centre` that fits, taking the next ones before the past ones. */
function visibleRange(
  cells: readonly Cell[],
  centre: number,
  width: number,
): { readonly from: number; readonly to: number } {
  const widths = cells.map((cell) => widthOf(cell.text))
  const total = (from: number, to: number): number => {
    const inner = widths.slice(from, to).reduce((sum, cell) => sum + cell + GAP.length, -GAP.length)
    const more = MORE.length + GAP.length
    return inner + (from > 0 ? more : 0) + (to < cells.length ? more : 0)
  }
  let range = { from: centre, to: Math.min(centre + 1, cells.length) }
  for (;;) {
    const { from, to } = range
    const wider = [
      { from, to: to + 1 },
      { from: from - 1, to },
    ].filter((next) => next.from >= 0 && next.to <= cells.length && total(next.from, next.to) <= width)
    const ahead = to - centre - 1 <= centre - from ? wider[0] : wider.at(-1)
    if (ahead === undefined) return range
    range = ahead
  }
}

/**
 * The steps of a run in a row, such as `5 ✓  20 ✓  35 ▶  50 ·`. Where they do not fit, those around
 * the present one are shown, between ellipses.
 */
export function stepsBar(state: RolloutState, width: number, palette: Palette): string {
  const cells = cellsOf(state)
  const { from, to } = visibleRange(cells, state.stepIndex, width)
  const shown = cells.slice(from, to).map((cell) => palette[cell.level](cell.text))
  return [...(from > 0 ? [palette.dim(MORE)] : []), ...shown, ...(to < cells.length ? [palette.dim(MORE)] : [])].join(
    GAP,
  )
}
