import type { ScheduleDocument } from '../contract/schedule.js'
import { flagName } from '../contract/options.js'
import type { Gate } from '../core/gate.js'
import { span } from '../core/span.js'
import type { Thresholds } from '../core/thresholds.js'
import { countOf, elapsedMs, formatCount, formatDuration, formatInstant } from './format.js'
import type { Layout } from './palette.js'
import type { Column } from './columns.js'
import { renderFields } from './fields.js'
import { renderTable } from './table.js'
import { printable, wrap } from './text.js'

/** What a gradual rollout would do, were it to begin now. */
export function scheduleText(document: ScheduleDocument, layout: Layout): string {
  return [
    headline(document, layout),
    overview(document, layout),
    stepsTable(document, layout),
    ...notes(document, layout),
  ].join('\n\n')
}

function headline({ name, steps }: ScheduleDocument, { palette, width }: Layout): string {
  const [first, last] = [steps[0]?.percentage ?? 0, steps.at(-1)]
  const end = last?.mode === 'full' ? '100 %, then mode full' : `${last?.percentage ?? 0} %`
  const gradual = steps.filter(({ mode }) => mode === 'gradual')
  const range = gradual.length === 1 ? end : `${first} % to ${end}`
  return wrap(printable(`${name ?? 'deploy gradual'}: ${countOf(gradual.length, 'step')}, ${range}`), width)
    .map((line) => palette.strong(line))
    .join('\n')
}

function overview({ beginsAt, endsAt, longestEndsAt, ...document }: ScheduleDocument, layout: Layout): string {
  const tookMs = elapsedMs(beginsAt, endsAt)
  const { freeze, frozenUntil, baselineMs, users, monitoring, steps } = document
  const gates = steps.filter(({ gate }) => gate !== null).length
  const frozenMs = tookMs - steps.reduce((sum, { durationMs }) => sum + durationMs, baselineMs ?? 0)
  const frozen = frozenMs > 0 ? `, ${formatDuration(frozenMs)} of it kept by freeze windows` : ''
  const waits = gates === 0 ? '' : `; what ${countOf(gates, 'gate')} may add is not counted`
  return renderFields(
    [
      [
        'begins',
        frozenUntil === null
          ? `${formatInstant(beginsAt)}, were it started now`
          : `${formatInstant(beginsAt)}, when the freeze window of now ends: started before, it is refused`,
      ],
      ['ends', `${formatInstant(endsAt)}, after ${formatDuration(tookMs)}${frozen}${waits}`],
      ...(longestEndsAt === endsAt
        ? []
        : [['at most', `${formatInstant(longestEndsAt)}, when every step is extended`] as const]),
      ...(baselineMs === null ? [] : [['baseline', `observed for ${formatDuration(baselineMs)} first`] as const]),
      ...(freeze.length === 0 ? [] : [['freeze', printable(freeze.join('; '))] as const]),
      ...(monitoring ? [] : [['judged', 'nothing: it will not roll back'] as const]),
      ...(users === null ? [] : [['users', usersText(users, document.steps.at(-1)?.users?.unified ?? 0)] as const]),
    ],
    layout,
  )
}

function usersText({ total, forcedLegacy }: NonNullable<ScheduleDocument['users']>, unified: number): string {
  const forced = forcedLegacy === 0 ? '' : `; ${formatCount(forcedLegacy)} forced to legacy`
  return `${formatCount(unified)} of ${formatCount(total)} on unified in the end${forced}`
}

const COLUMNS: readonly Column[] = [
  { title: 'step', align: 'right' },
  { title: 'at', align: 'right' },
  { title: 'begins' },
  { title: 'observed', align: 'right' },
  { title: 'attempts', align: 'right' },
  { title: 'to notice', align: 'right' },
  { title: 'to find 2x', align: 'right' },
]

function stepsTable({ steps, users }: ScheduleDocument, layout: Layout): string {
  const rows = steps.map((step, index) => [
    String(index + 1),
    step.mode === 'full' ? 'full' : `${step.percentage} %`,
    formatInstant(step.beginsAt),
    step.durationMs === 0 ? '-' : formatDuration(step.durationMs),
    step.attempts === null ? '-' : formatCount(step.attempts),
    step.attemptsToNotice === null ? '-' : formatCount(step.attemptsToNotice),
    step.attemptsToFindDoubling === null ? '-' : formatCount(step.attemptsToFindDoubling),
    ...(step.users === null ? [] : [formatCount(step.users.moved)]),
  ])
  const columns = users === null ? COLUMNS : [...COLUMNS, { title: 'moves', align: 'right' } as const]
  return renderTable(columns, rows, layout)
}

function notes(
  { steps, monitoring, thresholds: all, analysis, traffic }: ScheduleDocument,
  { palette, width }: Layout,
): readonly string[] {
  const own = steps.flatMap(({ thresholds, gate }, index) => {
    const parts = [
      ...(thresholds ? [differingLimits(thresholds, all)] : []),
      ...(gate ? [`then waits for ${describeGate(gate)}`] : []),
    ]
    return parts.length === 0 ? [] : [`step ${index + 1}: ${parts.join('; ')}`]
  })
  const legend =
    'attempts: what a rate needs before it means anything. to notice: how many it takes until users who are turned ' +
    `away without an error are noticed. to find 2x: about how many until twice the limit of errors is told from chance` +
    `${analysis.rule === 'sequential' ? ` (confidence ${analysis.confidence})` : ''}${describeTraffic(steps, traffic)}.`
  return [
    ...(own.length === 0 ? [] : [own.flatMap((line) => wrap(printable(line), width)).join('\n')]),
    ...(monitoring
      ? [
          wrap(legend, width)
            .map((line) => palette.dim(line))
            .join('\n'),
        ]
      : []),
  ]
}

/** How long the slowest step takes to find a doubling, or at what rate of attempts it has the time to. */
function describeTraffic(steps: ScheduleDocument['steps'], traffic: ScheduleDocument['traffic']): string {
  const found = steps.flatMap(({ attemptsToFindDoubling: attempts, durationMs }) =>
    attempts === null ? [] : [{ attempts, perSecond: attempts / (durationMs / 1000) }],
  )
  if (found.length === 0) return ''
  if (traffic === null) {
    const perSecond = Math.max(...found.map((step) => step.perSecond))
    return `; at ${formatRatio(perSecond)} attempts a second or more every step is long enough for that`
  }
  const slowestMs = Math.max(...steps.map(({ findsDoublingMs }) => findsDoublingMs ?? 0))
  const tooShort = steps.filter(({ findsDoublingMs, durationMs }) => (findsDoublingMs ?? 0) > durationMs).length
  const verdict = tooShort === 0 ? '' : `, longer than ${tooShort} of the steps`
  return (
    `; at the ${formatRatio(traffic.attemptsPerSecond)} attempts a second that run ${traffic.rolloutId} saw it takes ` +
    `${formatDuration(Math.ceil(slowestMs / 1000) * 1000)}${verdict}`
  )
}

function formatRatio(value: number): string {
  return String(Number(value.toPrecision(2)))
}

function differingLimits(own: Thresholds, all: Thresholds): string {
  return Object.entries(own)
    .filter(([key, value]) => value !== Reflect.get(all, key))
    .map(([key, value]: [string, number]) => {
      const name = flagName(key.replace(/Ms$/, ''))
      return `${name} ${key.endsWith('Ms') ? span(value) : value}`
    })
    .join(', ')
}

/** What a gate waits for, and for how long. */
function describeGate(gate: Gate): string {
  const limit = gate.limitMs === null ? '' : `, ${span(gate.limitMs)} at most, then ${LIMITS[gate.onLimit]}`
  switch (gate.kind) {
    case 'approval':
      return `an approval${limit}`
    case 'command':
      return `a yes of ${gate.command}, asked every ${span(gate.everyMs)}${limit}`
    case 'url':
      return `a yes of ${gate.url}, asked every ${span(gate.everyMs)}${limit}`
  }
}

const LIMITS: Readonly<Record<Gate['onLimit'], string>> = { hold: 'holds', rollback: 'rolls back' }
