/** What of a run is worth a message to people who are not watching it, and whom it concerns. */
import type { EventOf, RolloutEvent } from './event.js'
import type { ExitCode, Outcome } from './outcome.js'
import { currentStep, type RolloutState } from './rollout.js'
import type { Mode } from './server.js'

/** Occasions for a message. The end of a run is told once, by what became of it. */
export const NOTICE_EVENTS = [
  'started',
  'step-passed',
  'held',
  'waiting',
  'breach',
  'rolled-back',
  'rollback-unverified',
  'finished',
] as const
export type NoticeEvent = (typeof NOTICE_EVENTS)[number]

/** The people whom the deployment guide wants to be within reach. */
export const ROLES = [
  'system-administrator',
  'development-team-lead',
  'database-administrator',
  'network-administrator',
] as const
export type Role = (typeof ROLES)[number]

/** How to reach those whose role is filled. */
export type Contacts = Readonly<Partial<Record<Role, string>>>

/** One message, before it is put into the form that a target wants. */
export interface Notice {
  /** The same whenever and by whichever process it is sent, so that a receiver can drop a repetition. */
  readonly key: string
  readonly event: NoticeEvent | 'test'
  /** Null for a test. */
  readonly rolloutId: string | null
  /** When it happened, ISO 8601. */
  readonly time: string
  readonly command: string
  /** Base URL; null for a test. */
  readonly server: string | null
  /** A few words. */
  readonly title: string
  /** One sentence with the numbers. */
  readonly message: string
  /** As the server last said; null when it was never read. */
  readonly mode: Mode | null
  /** Share of users on unified that follows from it, whole per cent. */
  readonly percentage: number | null
  readonly step: NoticeStep | null
  /** Null before the end. */
  readonly outcome: Outcome | null
  readonly exitCode: ExitCode | null
  readonly contacts: readonly { readonly role: Role; readonly contact: string }[]
  /** What to type next, most useful first. */
  readonly suggestions: readonly string[]
}

/** The step under way, and what was seen of it so far. */
export interface NoticeStep {
  /** From 1. */
  readonly number: number
  readonly of: number
  readonly percentage: number
  readonly attempts: number
  /** Per cent of the attempts; null without attempts. */
  readonly errorRate: number | null
  readonly fallbackRate: number | null
  readonly successRate: number | null
}

/**
 * The occasion that an event is; null for most.
 *
 * @param state the run after the event
 */
export function noticeEventOf(event: RolloutEvent, state: RolloutState): NoticeEvent | null {
  switch (event.type) {
    case 'started':
      return 'started'
    case 'step-passed':
      return isObserved(state) ? 'step-passed' : null
    case 'breached':
      return 'breach'
    case 'waiting':
      return event.for === 'approval' ? 'waiting' : null
    case 'finished':
      return endingOf(event, state)
    default:
      return null
  }
}

/** A step that is only written proves nothing, and the one step of a watch passes with its end. */
function isObserved(state: RolloutState): boolean {
  return state.plan.intent !== 'watch' && currentStep(state).durationMs !== 0
}

function endingOf({ outcome }: EventOf<'finished'>, { plan }: RolloutState): NoticeEvent {
  switch (outcome) {
    case 'held':
    case 'rolled-back':
    case 'rollback-unverified':
      return outcome
    case 'completed':
      return plan.intent === 'emergency' ? 'rolled-back' : 'finished'
    case 'failed':
    case 'usage':
    case 'refused':
    case 'unreachable':
    case 'breached':
      return 'finished'
  }
}

/**
 * Whom an occasion concerns. A breach concerns those who can find its cause: where counters broke a
 * threshold, that is the application and what it rests on; where the server gave no valid answer (`silence`),
 * the machines and the way to them.
 */
const CONCERNED: Readonly<Record<NoticeEvent | 'silence', readonly Role[]>> = {
  started: ROLES,
  'step-passed': [],
  held: ['development-team-lead', 'system-administrator'],
  waiting: ['development-team-lead', 'system-administrator'],
  breach: ['development-team-lead', 'database-administrator', 'system-administrator'],
  silence: ['system-administrator', 'network-administrator', 'development-team-lead'],
  'rolled-back': ['development-team-lead', 'system-administrator'],
  'rollback-unverified': ROLES,
  finished: ['development-team-lead'],
}

/** The contacts whom an occasion concerns, most concerned first, as far as their roles are filled. */
export function contactsFor(event: NoticeEvent, state: RolloutState, contacts: Contacts): Notice['contacts'] {
  const isSilent = state.lastCheck?.verdict === 'error' || outcomeOf(state) === 'unreachable'
  const roles = CONCERNED[isSilent && (event === 'breach' || event === 'finished') ? 'silence' : event]
  return namedContacts(roles, contacts)
}

/** The contacts of these roles, as far as they are filled. */
export function namedContacts(roles: readonly Role[], contacts: Contacts): Notice['contacts'] {
  return roles.flatMap((role) => {
    const contact = contacts[role]
    return contact === undefined ? [] : [{ role, contact }]
  })
}

function outcomeOf({ phase }: RolloutState): Outcome | null {
  return phase.name === 'finished' ? phase.outcome : null
}
