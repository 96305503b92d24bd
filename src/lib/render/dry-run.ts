import type { DryRunDocument, DryRunWrite } from '../contract/dry-run.js'
import { countOf } from './format.js'
import type { Layout, Palette } from './palette.js'
import { layProse } from './prose.js'
import { printable, visible, wrap } from './text.js'

/** What a command would write. Bodies and lines are whole, on a line of their own: they are there to be compared. */
export function dryRunText({ command, server, writes, notes }: DryRunDocument, layout: Layout): string {
  const where = server === null ? '' : ` on ${server}`
  const count = writes.length === 0 ? 'nothing to write' : `${countOf(writes.length, 'write')}, none made`
  const title = wrap(printable(`dry run of ${command}${where}: ${count}`), layout.width)
  return [
    title.map((line) => layout.palette.strong(line)).join('\n'),
    ...writes.map((write, index) => writeText(write, index, writes, layout)),
    ...notes.map((note) => layProse(printable(note), layout.width).join('\n')),
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
  const indent = ' '.repeat(String(number).length + 2)
  const head = wrap(printable(whatOf(write, index, writes) + when), width - indent.length).map((line, index) =>
    index === 0 ? `${number}. ${line}` : indent + line,
  )
  return [...head, ...contentOf(write, palette).map((line) => indent + line)].join('\n')
}

function whatOf(write: DryRunWrite, index: number, writes: readonly DryRunWrite[]): string {
  switch (write.kind) {
    case 'request':
      return `${write.method} ${write.path}`
    case 'environment-file': {
      // A run copies the file once: what it writes itself needs no copy.
      const isFirst = writes.findIndex(({ kind }) => kind === 'environment-file') === index
      return `change ${write.path}${isFirst ? ', after a copy of it' : ''}`
    }
    case 'file':
      return `${write.removed.length === 0 && write.added[0]?.line === 1 ? 'write' : 'change'} ${write.path}`
    case 'record':
      return `add a line to ${write.path}`
    case 'order':
      return `leave the order ${write.order} for run ${write.rolloutId} in ${write.path}`
    case 'message':
      return `send to ${write.target}`
  }
}

/** Whole, a line each: it is there to be compared. */
function contentOf(write: DryRunWrite, palette: Palette): readonly string[] {
  switch (write.kind) {
    case 'request':
      return write.body === null ? [] : [visible(JSON.stringify(write.body))]
    case 'environment-file':
    case 'file':
      return changedLines(write, palette)
    case 'record':
      return [visible(JSON.stringify(write.entry))]
    case 'order': {
      const { order, step, by, reason } = write
      return [visible(JSON.stringify({ order, step, by, reason }))]
    }
    case 'message':
      return [printable(write.title), printable(write.message)]
  }
}

function changedLines(
  { removed, added }: Extract<DryRunWrite, { readonly kind: 'file' | 'environment-file' }>,
  palette: Palette,
): readonly string[] {
  const changed = [
    ...removed.map((line) => ({ ...line, mark: '-' as const })),
    ...added.map((line) => ({ ...line, mark: '+' as const })),
  ].sort((a, b) => a.line - b.line)
  return changed.map(({ line, text, mark }) =>
    palette[mark === '+' ? 'good' : 'bad'](`${mark} ${String(line).padStart(3)}  ${visible(text)}`),
  )
}
