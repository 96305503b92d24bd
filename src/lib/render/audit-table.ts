/** The audit record for people: who changed what, and what came of it. */
import { formatCount, formatInstant } from './format.js'
import type { Layout } from './palette.js'
import { layProse } from './prose.js'
import type { Column } from './columns.js'
import { renderFields } from './fields.js'
import { renderTable } from './table.js'
import { printable, visible, widthOf } from './text.js'

interface SettingsView {
  readonly mode: string
  readonly percentage: number
  readonly legacyFallback: boolean
  readonly explicitRolloutUsers: number | null
  readonly forcedLegacyUsers: number | null
  readonly rolloutUsers: readonly string[] | null
  readonly forceLegacyUsers: readonly string[] | null
}

type VariablesView = Readonly<Record<string, string | null>>

/** Fields as in the entries of the document `wsctl/audit@1`. */
export type AuditView = {
  /** ISO 8601. */
  readonly time: string
  readonly operator: string
  readonly command: string
  readonly rolloutId: string | null
  readonly server: string | null
  readonly change: string
  readonly reason: string | null
  readonly failure: string | null
} & (
  | { readonly target: 'server'; readonly before: SettingsView | null; readonly after: SettingsView | null }
  | {
      readonly target: 'environment-file'
      readonly path: string
      readonly before: VariablesView | null
      readonly after: VariablesView | null
    }
  | { readonly target: 'checklist'; readonly item: string }
)

const COLUMNS: readonly Column[] = [
  { title: 'time', keep: true },
  { title: 'who', keep: true },
  { title: 'run', keep: true },
  { title: 'server', keep: true },
  { title: 'change', keep: true },
  { title: 'why', keep: true },
  { title: 'answer', keep: true },
]

/**
 * Changes in the order given. A server that all share is told once; a change of which none is known has a dash. Where
 * a table does not fit, each change is a paragraph: its words are worth more than its columns.
 */
export function auditTable(entries: readonly AuditView[], layout: Layout): string {
  const servers = new Set(entries.map(({ server }) => server))
  const [only] = servers
  const shared = servers.size === 1 && only != null ? only : null
  const table = wideTable(entries, { ...layout, width: Number.POSITIVE_INFINITY }, shared !== null)
  const fits = table.split('\n').every((line) => widthOf(line) <= layout.width)
  const changes = fits ? table : entries.map((entry) => paragraph(entry, layout, shared !== null)).join('\n')
  return shared === null ? changes : `${renderFields([['server', printable(shared)]], layout)}\n\n${changes}`
}

function wideTable(entries: readonly AuditView[], layout: Layout, isShared: boolean): string {
  const columns = isShared ? COLUMNS.filter(({ title }) => title !== 'server') : COLUMNS
  return renderTable(
    columns,
    entries.map((entry) => [
      formatInstant(entry.time),
      printable(entry.operator),
      entry.rolloutId === null ? '-' : visible(entry.rolloutId),
      ...(isShared ? [] : [serverOf(entry)]),
      describeChange(entry),
      reasonOf(entry),
      answerOf(entry),
    ]),
    layout,
    (line, row, column) =>
      column === columns.length - 1 && entries[row]?.failure !== null ? layout.palette.bad(line) : line,
  )
}

function paragraph(entry: AuditView, { palette, width }: Layout, isShared: boolean): string {
  const { time, operator, rolloutId, failure } = entry
  const run = rolloutId === null ? '' : `  ${visible(rolloutId)}`
  const lay = (text: string): readonly string[] => layProse(text, width, { first: '  ', rest: '    ' })
  return [
    ...layProse(`${formatInstant(time)}  ${printable(operator)}${run}`, width, { rest: '  ' }),
    ...lay(`${isShared ? '' : `${serverOf(entry)}  `}${describeChange(entry)}`),
    ...lay(reasonOf(entry)),
    ...lay(answerOf(entry)).map((line) => (failure === null ? palette.dim(line) : palette.bad(line))),
  ].join('\n')
}

function serverOf({ server }: AuditView): string {
  return server === null ? '-' : printable(server)
}

function reasonOf({ command, reason }: AuditView): string {
  return printable(reason === null ? command : `${command}: ${reason}`)
}

function answerOf({ failure }: AuditView): string {
  return failure === null ? 'accepted' : printable(failure)
}

function describeChange(entry: AuditView): string {
  if (entry.target === 'environment-file') {
    return `${entry.change} ${printable(entry.path)}: ${describeVariables(entry.before, entry.after)}`
  }
  if (entry.target === 'checklist') return `${entry.change} ${visible(entry.item)}`
  const { before, after } = entry
  if (entry.change === 'clear-cache') return entry.change
  const from = before === null ? 'unknown' : describeSettings(before)
  const to = after === null ? 'disabled' : describeSettings(after)
  return `${entry.change}: ${from} → ${to}${before && after ? describeLists(before, after) : ''}`
}

function describeSettings({ mode, percentage, legacyFallback }: SettingsView): string {
  return `${printable(mode)} ${percentage} %${legacyFallback ? '' : ' without fallback'}`
}

function describeLists(before: SettingsView, after: SettingsView): string {
  const lists = [
    ['rollout list', before.explicitRolloutUsers, after.explicitRolloutUsers, before.rolloutUsers, after.rolloutUsers],
    [
      'force-legacy list',
      before.forcedLegacyUsers,
      after.forcedLegacyUsers,
      before.forceLegacyUsers,
      after.forceLegacyUsers,
    ],
  ] as const
  return lists
    .filter(([, from, to, were, are]) => from !== to || (were && are && were.join() !== are.join()))
    .map(([name, from, to]) => `; ${name} ${describeCount(from)} → ${describeCount(to)}`)
    .join('')
}

function describeCount(count: number | null): string {
  return count === null ? 'unknown' : formatCount(count)
}

function describeVariables(before: VariablesView | null, after: VariablesView | null): string {
  if (before === null || after === null) return 'nothing was written'
  const changed = Object.keys(after).filter((name) => before[name] !== after[name])
  if (changed.length === 0) return 'no variable of the server'
  return changed.map((name) => `${printable(name)} ${value(before[name])} → ${value(after[name])}`).join(', ')
}

function value(text: string | null | undefined): string {
  if (text == null) return '(not set)'
  return text === '' ? '(empty)' : visible(text)
}
