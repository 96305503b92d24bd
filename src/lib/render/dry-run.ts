import type { DryRunDocument, DryRunWrite } from '../contract/dry-run.js'
import { countOf } from './format.js'
import type { Layout } from './palette.js'
import { printable, visible, wrap } from './text.js'

/** What a command would write. Bodies and lines are whole, on a line of their own: they are there to be compared. */
export function dryRunText({ command, server, writes, notes }: DryRunDocument, layout: Layout): string {
  const where = server === null ? '' : ` on ${server}`
  const count = writes.length === 0 ? 'nothing to write' : `${countOf(writes.length, 'write')}, none made`
  const title = wrap(printable(`dry run of ${command}${where}: ${count}`), layout.width)
  return [
    title.map((line) => layout.palette.strong(line)).join('\n'),
    ...writes.map((write, index) => writeText(write, index, writes, layout)),
    ...notes.map((note) => wrap(printable(note), layout.width).join('\n')),
  ].join('\n\n')
}

function writeText(
  write: DryRunWrite,
  index: number,
  writes: readonly DryRunWrite[],
  { palette, width }: Layout,
): string {
  const number = index + 1
  const when = write.when === null ? '' : ` (${write.when})`
  // A run copies the file once: what it writes itself needs no copy.
  const isFirst = writes.findIndex(({ kind }) => kind === 'environment-file') === index
  const change = `change ${write.path}${isFirst ? ', after a copy of it' : ''}`
  const what = write.kind === 'request' ? `${write.method} ${write.path}` : change
  const indent = ' '.repeat(String(number).length + 2)
  const head = wrap(printable(what + when), width - indent.length).map((line, index) =>
    index === 0 ? `${number}. ${line}` : indent + line,
  )
  if (write.kind === 'request') {
    return [...head, ...(write.body === null ? [] : [indent + visible(JSON.stringify(write.body))])].join('\n')
  }
  const changed = [
    ...write.removed.map((line) => ({ ...line, mark: '-' as const })),
    ...write.added.map((line) => ({ ...line, mark: '+' as const })),
  ].sort((a, b) => a.line - b.line)
  return [
    ...head,
    ...changed.map(({ line, text, mark }) =>
      palette[mark === '+' ? 'good' : 'bad'](`${indent}${mark} ${String(line).padStart(3)}  ${visible(text)}`),
    ),
  ].join('\n')
}
