/** Text of unknown origin made safe to put into Markdown, as GitHub renders it. */
import { printable } from './text.js'

/** Everything that could begin a link, a tag, an image, emphasis, a table's cell or a mention. */
const SPECIAL = /[\\`*_{}[\]<>#|~!@&]/g

/** Text on one line that shows as it is. */
export function plainMarkdown(text: string): string {
  return printable(text).replaceAll(SPECIAL, (character) => `&#${character.codePointAt(0) ?? 0};`)
}

/** A code span on one line; in a table too, where even code may hold no bar. */
export function codeSpan(text: string): string {
  return `<code>${plainMarkdown(text)}</code>`
}

/** A block to copy from, fenced so that nothing in it ends it. */
export function codeBlock(language: string, lines: readonly string[]): string {
  const safe = lines.map(printable)
  const longest = Math.max(2, ...safe.flatMap((line) => (line.match(/`+/g) ?? []).map(({ length }) => length)))
  const fence = '`'.repeat(longest + 1)
  return [fence + language, ...safe, fence].join('\n')
}

/** A table; its cells have to be Markdown already. */
export function markdownTable(
  head: readonly { readonly title: string; readonly align?: 'right' }[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    line(head.map(({ title }) => title)),
    line(head.map(({ align }) => (align === 'right' ? '--:' : '---'))),
    ...rows.map(line),
  ].join('\n')
}
