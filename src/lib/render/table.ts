import Table from 'cli-table3'
import { fitColumns, GAP, type Column, type Shown } from './columns.js'
import type { Layout } from './palette.js'
import { cut, widthOf, wrap } from './text.js'

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
