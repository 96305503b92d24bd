/** Numbers as a row of bars, in one line of text. */

/** From nothing to full. */
const BLOCKS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const
/** The same where only ASCII can be shown. */
const CHARACTERS = [' ', '.', '.', ':', '-', '=', '+', '*', '#'] as const
const FULL = BLOCKS.length - 1

/** The bars of a line: the lowest is a line along the bottom, so that nothing is not the same as no line. */
const LINE_BLOCKS = BLOCKS.slice(1)
const LINE_CHARACTERS = ['_', '.', ':', '-', '=', '+', '*', '#'] as const
const TOP = LINE_BLOCKS.length - 1
/** Where nothing was measured: not the same as nothing. */
const UNKNOWN = '?'

/** A value in the line of a limit. */
export interface LimitedValue {
  readonly value: number
  readonly limit: number
  /** Whether the limit did not hold. */
  readonly broken: boolean
  /** Whether the limit is a lower one, of a share in per cent. */
  readonly isFloor: boolean
}

/**
 * One value as a bar of such a line. Its height is told by its limit alone, so that it can be read without colours
 * and never changes with what comes later: a full bar is above an upper limit, and one along the bottom is below
 * a lower limit; nothing else is.
 *
 * @param measured null: not measured
 */
export function limitBar(measured: LimitedValue | null, ascii: boolean): string {
  return measured === null ? UNKNOWN : ((ascii ? LINE_CHARACTERS : LINE_BLOCKS)[levelOf(measured)] ?? UNKNOWN)
}

function levelOf({ value, limit, broken, isFloor }: LimitedValue): number {
  if (isFloor) {
    const room = Math.max(0, value - limit) / Math.max(Number.EPSILON, 100 - limit)
    return broken ? 0 : 1 + Math.round(Math.min(1, room) * (TOP - 1))
  }
  if (broken) return TOP
  return value > 0 ? Math.max(1, Math.min(TOP - 1, Math.round((value / limit) * (TOP - 1)))) : 0
}

/** One bar; `share` of a full one, which is bounded to 0-1. What is not 0 can be seen. */
export function bar(share: number, ascii: boolean): string {
  const level = share > 0 ? Math.min(FULL, Math.max(1, Math.round(share * FULL))) : 0
  return (ascii ? CHARACTERS : BLOCKS)[level] ?? ' '
}
