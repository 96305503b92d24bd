import type { Checklist, ChecklistDocument } from '../contract/checklist.js'
import type { ChecklistPhase } from '../core/checklist.js'
import { formatInstant } from './format.js'
import type { Layout } from './palette.js'
import { renderTable } from './table.js'
import { printable, visible, wrap } from './text.js'

type Item = Checklist[number]['items'][number]

const TITLES: Readonly<Record<ChecklistPhase, string>> = {
  'pre-deployment': 'Before',
  testing: 'Test users',
  'gradual-rollout': 'A growing percentage',
  'full-deployment': 'Everybody',
  'post-deployment': 'Afterwards',
}

/** A phase in words, such as `Test users`. */
export function phaseTitle(phase: ChecklistPhase): string {
  return TITLES[phase]
}

/** What stands behind an item that is ticked, in words, one line a source; empty for an open one. */
export function sourcesOf({ evidence, signature }: Item): readonly string[] {
  return [
    ...(evidence === null
      ? []
      : [`proven: ${evidence.text}${evidence.rolloutId === null ? '' : ` (run ${evidence.rolloutId})`}`]),
    ...(signature === null ? [] : [`signed: ${signature.note} (${signature.by}, ${formatInstant(signature.at)})`]),
  ].map(printable)
}

/** The items of a checklist by phase, each with what stands behind it, and what to type for the open ones. */
export function checklistText(document: ChecklistDocument, layout: Layout): string {
  const { server, since, proven, signed, open, phases } = document
  const { palette, width } = layout
  const counts = `${proven} proven, ${signed} signed, ${open} open`
  const head = [
    palette.strong(`Checklist of ${printable(server)}: ${counts}`),
    ...(since === null
      ? []
      : wrap(
          `Everybody was taken back at ${formatInstant(since)}; what was proven or signed before counts no more.`,
          width,
        )),
  ]
  const tables = phases.map(
    ({ phase, items }) => `${palette.strong(TITLES[phase])} ${palette.dim(`(${phase})`)}\n${itemsTable(items, layout)}`,
  )
  const next = open === 0 ? [] : [palette.dim('To sign one: wsctl checklist sign ITEM --note TEXT')]
  return [head.join('\n'), ...tables, ...next].join('\n\n')
}

/** The mark is told by its shape, not by its colour. */
function itemsTable(items: readonly Item[], layout: Layout): string {
  const rows = items.flatMap((item) => [
    { item, cells: [item.status === 'open' ? '[ ]' : '[x]', visible(item.id), item.text] },
    ...sourcesOf(item).map((source) => ({ item, cells: ['', '', source] })),
  ])
  return renderTable(
    [{ title: '', keep: true }, { title: '', keep: true }, { title: '' }],
    rows.map(({ cells }) => cells),
    layout,
    (line, row, column) => {
      const found = rows[row]
      if (found === undefined || column === 1) return line
      if (column === 0) return found.item.status === 'open' ? layout.palette.warning(line) : layout.palette.good(line)
      return found.cells[0] === '' ? layout.palette.dim(line) : line
    },
  )
}
