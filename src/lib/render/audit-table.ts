/** The audit record for people: who changed what, and what came of it. */
import { formatCount, formatInstant } from './format.js'
import type { Layout } from './palette.js'
import { renderFields, renderTable, type Column } from './table.js'
import { printable, visible } from './text.js'

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
  { title: 'who' },
  { title: 'run', keep: true, spare: true },
  { title: 'server' },
  { title: 'change' },
  { title: 'why' },
  { title: 'answer' },
]

/** Changes in the order given. A server that all share is told once; a change of which none is known has a dash. */
export function auditTable(entries: readonly AuditView[], layout: Layout): string {
  const servers = new Set(entries.map(({ server }) => server))
  const [only] = servers
  const isShared = servers.size === 1 && only != null
  const columns = isShared ? COLUMNS.filter(({ title }) => title !== 'server') : COLUMNS
  const answerColumn = columns.length - 1
  const table = renderTable(
    columns,
    entries.map((entry) => [
      formatInstant(entry.time),
      printable(entry.operator),
      entry.rolloutId === null ? '-' : visible(entry.rolloutId),
      ...(isShared ? [] : [entry.server === null ? '-' : printable(entry.server)]),
      describeChange(entry),
      printable(entry.reason === null ? entry.command : `${entry.command}: ${entry.reason}`),
      entry.failure === null ? 'accepted' : printable(entry.failure),
    ]),
    layout,
    (line, row, column) =>
      column === answerColumn && entries[row]?.failure !== null ? layout.palette.bad(line) : line,
  )
  return isShared ? `${renderFields([['server', printable(only)]], layout)}\n\n${table}` : table
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
