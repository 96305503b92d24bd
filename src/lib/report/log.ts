/** A run in sentences. */
import type { Report } from '../contract/report.js'
import type { EventOf, EventType, RolloutEvent } from '../core/event.js'
import { currentStep } from '../core/rollout.js'
import { describeEvent } from '../render/describe-event.js'
import { countOf, formatRate } from '../render/format.js'
import { printable } from '../render/text.js'
import type { Moment } from './moments.js'

type LogEntry = Report['log'][number]

/** What is marked in the charts. A breach is followed by its rollback at once, so that one mark tells both. */
const OUTSTANDING: ReadonlySet<EventType> = new Set<EventType>([
  'resumed',
  'waiting',
  'commanded',
  'restart-detected',
  'foreign-change-detected',
  'several-processes-detected',
  'step-extended',
  'breached',
  'interrupted',
  'rollback-verified',
  'rollback-abandoned',
  'journal-failed',
])

/** The events that stand out, each in a sentence. */
export function outstanding(moments: readonly Moment[]): Report['events'] {
  return moments.flatMap(({ event, state }) => {
    const description = OUTSTANDING.has(event.type) || isOwnRollback(event) ? describeEvent(event, state) : null
    return description === null ? [] : [{ time: event.time, level: description.level, text: description.text }]
  })
}

function isOwnRollback(event: RolloutEvent): boolean {
  return event.type === 'rollback-started' && event.cause !== 'breach'
}

/** Every decision, with its numbers. Checks that follow each other with the same uneventful verdict are told as one. */
export function decisionLog(moments: readonly Moment[]): LogEntry[] {
  const groups: Moment[][] = []
  for (const moment of moments) {
    const group = groups.at(-1)
    const last = group?.at(-1)
    if (group && last && isMoreOfTheSame(last.event, moment.event)) group.push(moment)
    else groups.push([moment])
  }
  return groups.flatMap(describeGroup)
}

function isMoreOfTheSame(last: RolloutEvent, next: RolloutEvent): boolean {
  return (
    last.type === 'checked' &&
    next.type === 'checked' &&
    last.step === next.step &&
    last.check.verdict === next.check.verdict &&
    (next.check.verdict === 'pass' || next.check.verdict === 'inconclusive')
  )
}

function describeGroup(group: readonly Moment[]): LogEntry[] {
  const checks = group.map(({ event }) => event).filter((event) => event.type === 'checked')
  const [first] = checks
  const last = checks.at(-1)
  const begun = group[0]?.state
  if (begun && first && last && first !== last) {
    const level = last.check.verdict === 'pass' ? 'good' : 'info'
    const text = `${currentStep(begun).percentage} %: ${countOf(checks.length, 'check')} ${describeChecks(checks, last)}`
    return [{ time: first.time, endedAt: last.time, level, text: printable(text) }]
  }
  return group.flatMap(({ event, state }) => {
    const description = describeEvent(event, state)
    return description === null ? [] : [{ time: event.time, endedAt: null, ...description }]
  })
}

function describeChecks(checks: readonly EventOf<'checked'>[], last: EventOf<'checked'>): string {
  if (last.check.verdict !== 'pass') return `were inconclusive, the last one with ${last.check.reason}`
  const highest = checks.reduce<number | null>(
    (most, { check }) => (check.errorRate === null ? most : Math.max(most ?? 0, check.errorRate)),
    null,
  )
  return `passed, error rate at most ${formatRate(highest)}`
}
