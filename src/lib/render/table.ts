import Table from 'cli-table3'
import type { Layout } from './palette.js'
import { cut, widthOf, wrap } from './text.js'

const GAP = 2
const NARROWEST = 8

/** No lines: they cost columns, and copy badly. */
const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' '.repeat(GAP),
}

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** Broken only when nothing else is left to be narrowed. */
  readonly keep?: boolean
  /** Left out, the last one first, before a column is broken that is to be kept. */
  readonly spare?: boolean
  /** A cell that does not fit, shorter; what is still too wide is cut off. For what is told whole elsewhere. */
  readonly shorten?: (cell: string) => string
}

/** A column that is shown. */
interface Shown {
  /** Among all columns. */
  readonly index: number
  readonly width: number
}

/** Takes from the widest until all fit; below `NARROWEST` nothing could be read any more. */
function narrow(
  widths: readonly number[],
  available: number,
  mayNarrow: (column: number) => boolean,
): readonly number[] {
  const narrowed = [...widths]
  while (sum(narrowed) > available) {
    const widest = Math.max(...narrowed.filter((_, column) => mayNarrow(column)))
    if (widest <= NARROWEST) break
    narrowed[narrowed.findIndex((width, column) => width === widest && mayNarrow(column))] = widest - 1
  }
  return narrowed
}

/** The columns that are shown, and how wide. */
function fitColumns(columns: readonly Column[], natural: readonly number[], width: number): readonly Shown[] {
  const shown = columns.map((column, index) => ({ ...column, index, width: natural[index] ?? 0 }))
  for (;;) {
    const available = width - GAP * (shown.length - 1)
    const widths = shown.map((column) => column.width)
    const gentle = narrow(widths, available, (column) => shown[column]?.keep !== true)
    const spare = shown.findLastIndex((column) => column.spare === true)
    if (spare === -1 || sum(gentle) <= available) {
      const fitted = narrow(gentle, available, () => true)
      return shown.map(({ index }, column) => ({ index, width: fitted[column] ?? NARROWEST }))
    }
    shown.splice(spare, 1)
  }
}

function sum(widths: readonly number[]): number {
  return widths.reduce((total, width) => total + width, 0)
}

/**
 * Aligned columns without lines, no wider than the layout: columns that can be spared are left out, and cells
 * that still do not fit are broken, and cut only where a column says so, because an id that is not whole is of no use.
 * Cells must be printable; colour them with `paint`, which sees each finished line of a cell.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { palette, width }: Layout,
  paint: (line: string, row: number, column: number) => string = (line) => line,
): string {
  const hasTitles = columns.some(({ title }) => title !== '')
  const natural = columns.map(({ title }, column) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[column] ?? ''))),
  )
  const shown = fitColumns(columns, natural, width)
  const lay = (row: readonly string[], colour: (line: string, column: number) => string): string[] =>
    shown.map((column) =>
      linesOf(row[column.index] ?? '', column)
        .map((line) => colour(line, column.index))
        .join('\n'),
    )
  const linesOf = (cell: string, { index, width }: Shown): readonly string[] => {
    const shorten = columns[index]?.shorten
    if (shorten === undefined || widthOf(cell) <= width) return wrap(cell, width)
    return [cut(shorten(cell), width)]
  }
  const table = new Table({
    chars: NO_LINES,
    colAligns: shown.map(({ index }) => columns[index]?.align ?? 'left'),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  if (hasTitles)
    table.push(
      lay(
        columns.map(({ title }) => title),
        palette.dim,
      ),
    )
  rows.forEach((row, index) => table.push(lay(row, (line, column) => paint(line, index, column))))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** Names on the left, values beside them. */
export function renderFields(
  fields: readonly (readonly [name: string, value: string])[],
  layout: Layout,
  paintValue: (line: string, name: string) => string = (line) => line,
): string {
  return renderTable([{ title: '', keep: true }, { title: '' }], fields, layout, (line, row, column) =>
    column === 0 ? layout.palette.dim(line) : paintValue(line, fields[row]?.[0] ?? ''),
  )
}
