import type { Snapshot } from '../core/server.js'
import { formatCount } from './format.js'
import { visible } from './text.js'

/** Users of a list that are named before the rest is only counted. */
const NAMED = 5

/** What changed of the server's settings besides mode and percentage, as fields; lists as far as they are known. */
export function describeChanges(
  before: Snapshot | null,
  after: Snapshot | null,
): readonly (readonly [string, string])[] {
  if (before === null || after === null) return []
  const changes = [
    ['fallback', describeSwitch(before.legacyFallback, after.legacyFallback)],
    ['rollout list', describeList(before.rolloutUsers, after.rolloutUsers)],
    ['force-legacy list', describeList(before.forceLegacyUsers, after.forceLegacyUsers)],
  ] as const
  return changes.flatMap(([name, change]) => (change === null ? [] : [[name, change] as const]))
}

function describeSwitch(before: boolean, after: boolean): string | null {
  const word = (isOn: boolean): string => (isOn ? 'on' : 'off')
  return before === after ? null : `${word(before)} → ${word(after)}`
}

function describeList(before: readonly string[] | null, after: readonly string[] | null): string | null {
  if (after === null) return null
  if (before === null) return `now ${nameSome(after)}; who was on it is not known`
  const added = after.filter((user) => !before.includes(user))
  const removed = before.filter((user) => !after.includes(user))
  const parts = [
    ...(added.length === 0 ? [] : [`added ${nameSome(added)}`]),
    ...(removed.length === 0 ? [] : [`taken off ${nameSome(removed)}`]),
  ]
  return parts.length === 0 ? null : parts.join('; ')
}

function nameSome(users: readonly string[]): string {
  if (users.length === 0) return 'nobody'
  const names = users.slice(0, NAMED).map(visible).join(', ')
  return users.length > NAMED ? `${names} and ${formatCount(users.length - NAMED)} more` : names
}
