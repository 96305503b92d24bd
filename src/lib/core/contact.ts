import type { CallFailure } from './error.js'
import type { RolloutEvent } from './event.js'
import { ROLLBACK_CONFIRMATIONS } from './percentage-reset.js'
import type { RolloutState } from './rollout.js'
import type { Snapshot } from './server.js'
import { span } from './span.js'

/** When the server was heard of last. Wall-clock times, ISO 8601: they are for people. */
export interface Contact {
  /** Of the last reading; null when there was none. */
  readonly readAt: string | null
  /** Of the last answer since then that was no reading; null: there was none. */
  readonly answeredAt: string | null
  /** Whether a write was accepted since then, which may have worked. */
  readonly accepted: boolean
  /** Calls since then that brought no answer. */
  readonly missed: number
}

/** What an event adds to what was heard. */
export function hear(contact: Contact, event: RolloutEvent): Contact {
  if ('status' in event && event.status !== null) return heardAt(event.time)
  switch (event.type) {
    case 'write-answered':
    case 'rollback-called':
    case 'revert-called':
    case 'cache-cleared':
      return answered(contact, event.time, event.failure, true)
    case 'measured':
    case 'read-back':
    case 'checked':
    case 'rollback-read':
    case 'revert-read':
      return event.failure === null ? contact : answered(contact, event.time, event.failure, false)
    default:
      return contact
  }
}

/** After a reading. */
export function heardAt(readAt: string | null): Contact {
  return { readAt, answeredAt: null, accepted: false, missed: 0 }
}

function answered(contact: Contact, time: string, failure: CallFailure | null, isWrite: boolean): Contact {
  if (failure !== null && failure.status === null) return { ...contact, missed: contact.missed + 1 }
  return { ...contact, answeredAt: time, accepted: contact.accepted || (isWrite && failure === null) }
}

/**
 * What is known of a server that could not be seen to be back on legacy, in sentences: what it showed last and
 * when, what that means for the users, and whether it was reached since.
 */
export function describeLastSeen(state: RolloutState): string {
  const settings = state.said ?? state.plan.before
  const { readAt } = state.contact
  if (settings === null || readAt === null) {
    return `The server was never read, so it is not known how many users are on it. ${describeSince(state)}`
  }
  return (
    `The last reading showed mode ${settings.mode} at ${settings.percentage} % at ${clockTime(state, readAt)}, ` +
    `${consequenceOf(settings)}. ${describeSince(state)}`
  )
}

function consequenceOf({ mode, percentage }: Pick<Snapshot, 'mode' | 'percentage'>): string {
  switch (mode) {
    case 'disabled':
      return (
        `but not ${ROLLBACK_CONFIRMATIONS} times in a row, which it takes to be believed, so new connections may ` +
        'still go to the unified system'
      )
    case 'testing':
      return 'so new connections of the users on the rollout list may still go to the unified system'
    case 'gradual':
      return `so about ${percentage} % of new connections may still go to the unified system`
    case 'full':
      return 'so all new connections but those of users forced to legacy may still go to the unified system'
  }
}

function describeSince(state: RolloutState): string {
  const { readAt, answeredAt, accepted, missed } = state.contact
  const since = readAt === null ? '' : ' since'
  const calls = `${missed} ${missed === 1 ? 'call' : 'calls'} without an answer`
  if (answeredAt === null) {
    return missed === 0 ? 'It was not asked again.' : `The server was not reached${since}: ${calls}.`
  }
  const last = `last at ${clockTime(state, answeredAt)}${missed === 0 ? '' : `, with ${calls}`}`
  return accepted
    ? `The server was reached${since}, ${last}, and accepted a write, which may have worked: no reading tells.`
    : `The server was reached${since}, ${last}, but gave no valid reading.`
}

/** Longer ago than this is told in minutes and hours, ms. */
const IN_SECONDS_MS = 600_000

/** To the second, UTC, with how long ago that is. */
function clockTime({ time }: RolloutState, iso: string): string {
  const agoMs = Math.max(0, Date.parse(time) - Date.parse(iso))
  const ago = agoMs < IN_SECONDS_MS ? `${Math.round(agoMs / 1000)}s` : span(agoMs)
  return `${iso.slice(11, 19)}Z (${ago} ago)`
}
