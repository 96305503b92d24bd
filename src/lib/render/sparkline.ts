/** Numbers as a row of bars, in one line of text. */

/** From nothing to full. */
const BLOCKS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const
/** The same where only ASCII can be shown. */
const CHARACTERS = [' ', '.', '.', ':', '-', '=', '+', '*', '#'] as const
const FULL = BLOCKS.length - 1
/** Where nothing was measured: not the same as nothing. */
const UNKNOWN = '?'

/**
 * The bars of values from 0 to `top`; what is above fills its place, and what is not 0 can be seen.
 *
 * @param values null: not measured
 */
export function sparkline(values: readonly (number | null)[], top: number, ascii: boolean): string {
  return values.map((value) => (value === null ? UNKNOWN : bar(value / top, ascii))).join('')
}

/** One bar; `share` of a full one, which is bounded to 0-1. */
export function bar(share: number, ascii: boolean): string {
  const level = share > 0 ? Math.min(FULL, Math.max(1, Math.round(share * FULL))) : 0
  return (ascii ? CHARACTERS : BLOCKS)[level] ?? ' '
}
