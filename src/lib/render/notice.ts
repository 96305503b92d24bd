import { rate } from '../core/analysis.js'
import type { RolloutEvent } from '../core/event.js'
import {
  contactsFor,
  namedContacts,
  noticeEventOf,
  ROLES,
  type Contacts,
  type Notice,
  type NoticeEvent,
  type NoticeStep,
} from '../core/notice.js'
import { exitCodeOf } from '../core/outcome.js'
import type { RolloutState } from '../core/rollout.js'
import { effectivePercentage } from '../core/server.js'
import { describeEvent } from './describe-event.js'
import type { Level } from './palette.js'
import { printable } from './text.js'

const TITLES: Readonly<Record<NoticeEvent, string>> = {
  started: 'Started',
  'step-passed': 'Step passed',
  held: 'Held',
  waiting: 'Waiting for approval',
  breach: 'Breach',
  'rolled-back': 'Rolled back',
  'rollback-unverified': 'Rollback NOT verified',
  finished: 'Finished',
}

export interface NoticeContext {
  readonly contacts: Contacts
  /** What to type next; empty as long as there is nothing to be done. */
  readonly advice: (state: RolloutState) => readonly string[]
}

/**
 * The message that an event is worth; null for most.
 *
 * @param state the run after the event
 */
export function composeNotice(
  event: RolloutEvent,
  state: RolloutState,
  { contacts, advice }: NoticeContext,
): Notice | null {
  const occasion = noticeEventOf(event, state)
  if (occasion === null) return null
  const { plan, phase } = state
  const settings = state.status?.settings ?? plan.before
  const outcome = phase.name === 'finished' ? phase.outcome : null
  return {
    key: `${plan.id}/${event.seq}`,
    event: occasion,
    rolloutId: plan.id,
    time: event.time,
    command: plan.command,
    server: plan.server,
    title: printable(`${titleOf(occasion, state)}: ${plan.command} on ${hostOf(plan.server)}`),
    message: describeEvent(event, state)?.text ?? TITLES[occasion],
    mode: settings?.mode ?? null,
    percentage: settings ? effectivePercentage(settings) : null,
    step: stepOf(state),
    outcome,
    exitCode: outcome && exitCodeOf(outcome),
    contacts: contactsFor(occasion, state, contacts),
    suggestions: advice(state).map(printable),
  }
}

/** A message that says that nothing has happened, for all who would ever be named. */
export function testNotice(time: string, contacts: Contacts): Notice {
  return {
    key: `test/${time}`,
    event: 'test',
    rolloutId: null,
    time,
    command: 'notify test',
    server: null,
    title: 'Test: messages of wsctl arrive here',
    message: 'this is only a test: nothing has happened, and nothing has to be done',
    mode: null,
    percentage: null,
    step: null,
    outcome: null,
    exitCode: null,
    contacts: namedContacts(ROLES, contacts),
    suggestions: [],
  }
}

/** How grave an occasion is. */
export function levelOfNotice({ event, outcome }: Pick<Notice, 'event' | 'outcome'>): Level {
  switch (event) {
    case 'test':
    case 'started':
      return 'info'
    case 'step-passed':
      return 'good'
    case 'finished':
      return outcome === 'completed' ? 'good' : 'bad'
    case 'held':
    case 'waiting':
      return 'warning'
    case 'breach':
    case 'rolled-back':
    case 'rollback-unverified':
      return 'bad'
  }
}

/** Facts beside the sentence, for people: a name and a value each. */
export function noticeFacts(notice: Notice): readonly (readonly [name: string, value: string])[] {
  const { server, mode, percentage, step, outcome, exitCode, rolloutId } = notice
  const facts: (readonly [string, string | null])[] = [
    ['Server', server],
    ['Users on unified', percentage === null ? null : `${percentage} % (mode ${mode ?? 'unknown'})`],
    ['Step', step && `${step.number} of ${step.of}, ${step.percentage} %`],
    ['Outcome', outcome && `${outcome} (exit ${exitCode ?? '?'})`],
    ['Run', rolloutId],
  ]
  return facts.flatMap(([name, value]) => (value === null ? [] : [[name, printable(value)] as const]))
}

/** The contacts of a message, one a line, such as `System administrator: Ana, +49 30 1234`. */
export function contactLines({ contacts }: Notice): readonly string[] {
  return contacts.map(({ role, contact }) => {
    const words = role.replaceAll('-', ' ')
    return `${words.charAt(0).toUpperCase()}${words.slice(1)}: ${printable(contact)}`
  })
}

/** Text with at most so many characters; what was cut off is marked by an ellipsis. */
export function shorten(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text
}

/** A run that ended in another way than by a success, a hold or a rollback is not just finished. */
function titleOf(occasion: NoticeEvent, { phase }: RolloutState): string {
  const isPlain = occasion !== 'finished' || phase.name !== 'finished' || phase.outcome === 'completed'
  return isPlain ? TITLES[occasion] : `Ended, ${phase.outcome}`
}

function stepOf({ plan, steps }: RolloutState): NoticeStep | null {
  const last = steps.at(-1)
  if (last === undefined) return null
  const { legacy, unified, errors, fallbacks, attempts } = last.tally
  return {
    number: last.index + 1,
    of: plan.steps.length,
    percentage: last.percentage,
    attempts,
    errorRate: rate(errors, attempts),
    fallbackRate: rate(fallbacks, attempts),
    successRate: rate(legacy + unified, attempts),
  }
}

function hostOf(server: string): string {
  return URL.canParse(server) ? new URL(server).host : server
}
