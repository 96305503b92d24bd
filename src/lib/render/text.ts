/** Text of unknown origin made safe to print, and fitted into columns. */
import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'

/** Control, format (such as right-to-left overrides), lone surrogates, line and paragraph separators. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/**
 * A message on one line. Escape sequences and every other control or format character are taken
 * out, so that what a server says can neither move the cursor nor reorder the line.
 */
export function printable(message: string): string {
  if (isPlain(message)) return message.trim().replaceAll(/ {2,}/g, ' ')
  return stripVTControlCharacters(message).replaceAll(/\s+/gu, ' ').replaceAll(UNPRINTABLE, '').trim()
}

/** An identifier with unprintable characters as `\u{…}`: two ids that differ never look the same. */
export function visible(identifier: string): string {
  return identifier.replaceAll(UNPRINTABLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
}

/** An address as short as people know it, such as `127.0.0.1:8000`. */
export function withoutScheme(url: string): string {
  return url.replace(/^https?:\/\//, '')
}

/** Letters, digits and signs that take one column each: nearly all that is ever shown, and quickly told from the rest. */
const PLAIN = /^[\x20-\x7E]*$/

/** Columns that a line takes on a terminal. */
export function widthOf(line: string): number {
  return isPlain(line) ? line.length : stringWidth(line)
}

function isPlain(text: string): boolean {
  return PLAIN.test(text)
}

/** A line at most `width` columns wide; what was cut off is marked by an ellipsis. */
export function cut(line: string, width: number): string {
  if (widthOf(line) <= width) return line
  if (width < 2) return '…'.slice(0, width)
  const [head = ''] = wrapAnsi(line, width - 1, { hard: true, wordWrap: false, trim: false }).split('\n')
  return `${head}…`
}

/** A number stays with its per cent sign. */
const BEFORE_UNIT = / (?=%)/g
/** Takes the place of a space at which no line may be broken; `wrap` puts the space back. */
export const NO_BREAK_SPACE = '\u00A0'

/**
 * Lines at most `width` columns wide, broken between words where that is possible.
 *
 * @param hard false: a word that is wider stays whole
 */
export function wrap(text: string, width: number, { hard = true } = {}): readonly string[] {
  if (!Number.isFinite(width) || (isPlain(text) && text.length <= width && text.trim() === text)) return [text]
  const wrapped = wrapAnsi(text.replaceAll(BEFORE_UNIT, NO_BREAK_SPACE), Math.max(1, width), { hard })
  return wrapped.replaceAll(NO_BREAK_SPACE, ' ').split('\n')
}

/** As `wrap`, at most so many lines; the last one then ends in an ellipsis. */
export function wrapAndCut(text: string, width: number, lines: number): readonly string[] {
  const all = wrap(text, width)
  return all.length > lines ? [...all.slice(0, lines - 1), cut(all.slice(lines - 1).join(' '), width)] : all
}

/** Fills up with spaces, also behind characters that take two columns. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)))
}

/** Fills up with spaces from the left, for numbers. */
export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text
}
