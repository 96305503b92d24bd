/** How wide columns are, side by side. */

/** Spaces between two columns. */
export const GAP = 2
const NARROWEST = 8

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
export interface Shown {
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
export function fitColumns(columns: readonly Column[], natural: readonly number[], width: number): readonly Shown[] {
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
