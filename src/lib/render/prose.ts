import { NO_BREAK_SPACE, widthOf, wrap } from './text.js'

/** Programs whose command lines are there to be copied. */
const COMMAND = '(?:wsctl|curl|kill|chmod|tail|less)'
/** A sentence that ends in a command, such as `to go on: wsctl deploy gradual`. */
const ENDS_IN_COMMAND = new RegExp(`^(.*?[:.,;]) +(${COMMAND} .*)$`, 's')
/** A command, and two spaces or more behind it what it is about. */
const BEGINS_WITH_COMMAND = new RegExp(`^(${COMMAND} .*?)(?: {2,}(.*))?$`, 's')

/** What stands before the first line and before the others. Both may be painted. */
export interface Hanging {
  readonly first?: string
  /** By default as much space as the first one takes. */
  readonly rest?: string
}

/**
 * Sentences as lines no wider than a terminal, broken between words. A command is never broken: where it does not
 * fit behind its sentence, it gets a line of its own, as wide as it is. A line that begins with a space is laid out
 * already, and stays as it is.
 *
 * @param width Infinity: nothing is broken
 */
export function layProse(text: string, width: number, { first = '', rest = blank(first) }: Hanging = {}): string[] {
  const lines = text.split('\n').flatMap((line) => {
    const isLaidOut = line.startsWith(' ') || widthOf(first) + widthOf(line) <= width
    return isLaidOut ? [line] : breakLine(line, width - Math.max(widthOf(first), widthOf(rest)))
  })
  return lines.map((line, index) => (index === 0 ? first : rest) + line)
}

/** What to type next: each behind a dash, a command that is too long for that beneath it. */
export function layList(items: readonly string[], width: number, mark: string): string[] {
  return items.flatMap((item) => layProse(item, width, { first: mark }))
}

function breakLine(line: string, width: number): readonly string[] {
  const [, command, about] = BEGINS_WITH_COMMAND.exec(line) ?? []
  if (command !== undefined) return [command, ...(about === undefined ? [] : words(about, width))]
  const [, sentence, last] = ENDS_IN_COMMAND.exec(line) ?? []
  return sentence === undefined || last === undefined ? words(line, width) : [...words(sentence, width), last]
}

/** A flag stays with its value. */
const AFTER_FLAG = /(?<=(?:^|\s)--[a-z][a-z-]*) (?=\S)/g

/** A path or an address that is wider than the terminal stays whole too. */
function words(text: string, width: number): readonly string[] {
  return wrap(text.replaceAll(AFTER_FLAG, NO_BREAK_SPACE), width, { hard: false })
}

function blank(prefix: string): string {
  return ' '.repeat(widthOf(prefix))
}
