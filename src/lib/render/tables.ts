/** What one-shot commands print on stdout for people. Each takes plain data and decides nothing. */
import type { UnfinishedState } from '../contract/history.js'
import type { AssignmentReason } from '../core/assignment.js'
import { rate } from '../core/analysis.js'
import type { Outcome } from '../core/outcome.js'
import type { Mode, ServerStatus } from '../core/server.js'
import { attemptsOf } from '../core/window.js'
import { levelOf } from './describe-event.js'
import { elapsedMs, formatCount, formatDuration, formatInstant, formatRate, phaseOf } from './format.js'
import type { Layout } from './palette.js'
import type { Column } from './columns.js'
import { renderFields } from './fields.js'
import { memberTable, type MemberView } from './member-table.js'
import { renderTable } from './table.js'
import { printable, visible, withoutScheme } from './text.js'

/** Fields as in the document `wsctl/status@1`. */
export interface StatusView {
  readonly server: string
  readonly rollout: {
    readonly mode: Mode
    readonly percentage: number
    readonly explicitRolloutUsers: number
    readonly forcedLegacyUsers: number
    readonly legacyFallback: boolean
    readonly cachedAssignments: number
  }
  readonly connections: {
    /** Open now; null while the system has never been used. */
    readonly legacyOpen: number | null
    readonly unifiedOpen: number | null
    /** Since the server process began. */
    readonly legacyEstablished: number
    readonly unifiedEstablished: number
  }
  readonly errors: { readonly routingErrors: number; readonly fallbackActivations: number }
  readonly health: HealthVerdict
  /** Of a fleet. */
  readonly members?: readonly MemberView[]
}

interface HealthVerdict {
  readonly status: 'healthy' | 'degraded'
  readonly issues: readonly string[]
}

export interface HealthView extends HealthVerdict {
  readonly server: string
  /** Since the server process began. */
  readonly legacyEstablished: number
  readonly unifiedEstablished: number
  readonly routingErrors: number
  readonly fallbackActivations: number
}

/** Fields as in the document `wsctl/user@1`. */
export interface UserView {
  readonly userId: string
  readonly system: 'legacy' | 'unified'
  readonly reason: AssignmentReason
  /** 0-99. */
  readonly bucket: number
  /** The percentage from which mode `gradual` puts the user on the unified system; null: never. */
  readonly movesAtPercentage: number | null
}

export interface EnvironmentView {
  readonly name: string
  /** Null when the file does not set it. */
  readonly value: string | null
}

export interface HistoryView {
  readonly id: string
  readonly command: string
  readonly server: string
  /** ISO 8601. */
  readonly startedAt: string
  readonly state: 'ended' | UnfinishedState
  /** Null before its end. */
  readonly endedAt: string | null
  readonly outcome: Outcome | null
}

function openNow(count: number | null): string {
  return count === null ? 'never used' : formatCount(count)
}

function errorsText(routingErrors: number, fallbackActivations: number): string {
  return `${formatCount(routingErrors)} routing errors, ${formatCount(fallbackActivations)} fallback activations`
}

function verdictFields({ status, issues }: HealthVerdict): readonly (readonly [string, string])[] {
  return [['health', status], ...issues.map((issue, index) => [index === 0 ? 'issues' : '', printable(issue)] as const)]
}

function paintVerdict(verdict: HealthVerdict, { palette }: Layout): (line: string, name: string) => string {
  return (line, name) => (name === 'health' ? palette[verdict.status === 'healthy' ? 'good' : 'bad'](line) : line)
}

/** Where the server stands: phase, rollout, connections, errors, health. */
export function statusTable(view: StatusView, layout: Layout): string {
  const { rollout, connections, errors, health } = view
  const { explicitRolloutUsers: listed, forcedLegacyUsers: forced } = rollout
  const members = view.members === undefined ? '' : `\n\n${memberTable(view.members, layout)}`
  const fields = renderFields(
    [
      ['server', printable(view.server)],
      ['phase', phaseOf(rollout.mode)],
      ['mode', `${rollout.mode}, percentage set to ${rollout.percentage} %`],
      ['users', `${formatCount(listed)} on the rollout list, ${formatCount(forced)} forced to legacy`],
      ['fallback', rollout.legacyFallback ? 'on' : 'off'],
      ['cached', `${formatCount(rollout.cachedAssignments)} assignments`],
      ['open now', `legacy ${openNow(connections.legacyOpen)}, unified ${openNow(connections.unifiedOpen)}`],
      [
        'established',
        `legacy ${formatCount(connections.legacyEstablished)}, unified ${formatCount(connections.unifiedEstablished)}`,
      ],
      ['errors', errorsText(errors.routingErrors, errors.fallbackActivations)],
      ...verdictFields(health),
    ],
    layout,
    paintVerdict(health, layout),
  )
  return fields + members
}

/** The counters since the server process began, and their share of all attempts. */
export function statsTable({ counters, open }: Pick<ServerStatus, 'counters' | 'open'>, layout: Layout): string {
  const attempts = attemptsOf(counters)
  const row = (name: string, count: number): readonly string[] => [
    name,
    formatCount(count),
    formatRate(rate(count, attempts)),
  ]
  const counted = renderTable(
    [
      { title: 'since the process began' },
      { title: 'count', align: 'right' },
      { title: 'of attempts', align: 'right' },
    ],
    [
      row('attempts', attempts),
      row('legacy connections', counters.legacy),
      row('unified connections', counters.unified),
      row('routing errors', counters.errors),
      row('fallback activations', counters.fallbacks),
    ],
    layout,
  )
  return `${counted}\n\n${renderFields([['open now', `legacy ${openNow(open.legacy)}, unified ${openNow(open.unified)}`]], layout)}`
}

/** The server's own verdict. It judges by cumulative counters (contract of the admin API, fact 11). */
export function healthTable(view: HealthView, layout: Layout): string {
  return renderFields(
    [
      ['server', printable(view.server)],
      ...verdictFields(view),
      ['established', `legacy ${formatCount(view.legacyEstablished)}, unified ${formatCount(view.unifiedEstablished)}`],
      ['errors', errorsText(view.routingErrors, view.fallbackActivations)],
    ],
    layout,
    paintVerdict(view, layout),
  )
}

function describeReason(reason: AssignmentReason): string {
  switch (reason) {
    case 'forced-legacy':
      return 'forced to legacy'
    case 'listed':
      return 'on the rollout list'
    case 'bucket':
      return 'bucket'
    case 'mode':
      return 'mode of the server'
  }
}

/** Which system users are on, and why. */
export function userTable(users: readonly UserView[], layout: Layout): string {
  return renderTable(
    [
      { title: 'user' },
      { title: 'system', keep: true },
      { title: 'why' },
      { title: 'bucket', align: 'right' },
      { title: 'moves at', align: 'right' },
    ],
    users.map((user) => [
      visible(user.userId),
      user.system,
      describeReason(user.reason),
      String(user.bucket),
      user.movesAtPercentage === null ? 'never' : `${user.movesAtPercentage} %`,
    ]),
    layout,
  )
}

/** The variables of the server's environment file. */
export function environmentTable(variables: readonly EnvironmentView[], layout: Layout): string {
  return renderTable(
    [{ title: 'variable', keep: true }, { title: 'value' }],
    variables.map(({ name, value }) => [name, value === null ? '(not set)' : visible(value)]),
    layout,
    (line, row, column) => (column === 1 && variables[row]?.value === null ? layout.palette.dim(line) : line),
  )
}

const HISTORY_COLUMNS: readonly Column[] = [
  { title: 'id', keep: true },
  { title: 'started', keep: true, spare: true },
  { title: 'command', keep: true },
  { title: 'outcome', keep: true },
  { title: 'took', align: 'right', keep: true },
  { title: 'server', shorten: withoutScheme },
]
const OUTCOME_COLUMN = 3

/** Past runs, in the order given. A server that all share is told once. */
export function historyTable(runs: readonly HistoryView[], layout: Layout): string {
  const servers = new Set(runs.map((run) => run.server))
  const [only] = servers
  const columns = servers.size > 1 ? HISTORY_COLUMNS : HISTORY_COLUMNS.slice(0, -1)
  const table = renderTable(
    columns,
    runs.map((run) => [
      visible(run.id),
      formatInstant(run.startedAt),
      printable(run.command),
      run.outcome ?? run.state,
      run.endedAt === null ? '-' : formatDuration(elapsedMs(run.startedAt, run.endedAt)),
      printable(run.server),
    ]),
    layout,
    (line, row, column) => {
      const run = runs[row]
      if (column !== OUTCOME_COLUMN || run === undefined || run.state === 'running') return line
      return layout.palette[run.outcome ? levelOf(run.outcome) : 'warning'](line)
    },
  )
  return servers.size === 1 && only !== undefined
    ? `${renderFields([['server', printable(only)]], layout)}\n\n${table}`
    : table
}
