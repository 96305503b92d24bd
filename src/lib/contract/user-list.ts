import { usageError } from '../core/error.js'

/**
 * User ids from the values of a flag: separated by spaces or commas, in repeats. Trimmed and without
 * duplicates, in the order given; an empty text means nobody. The server cannot hold an id with a comma
 * or with spaces around it (contract of the admin API, fact 12).
 *
 * @param flag for messages, such as `--rollout-users`
 * @throws WsctlError (usage) for an empty id between commas, or one with control characters
 */
export function parseUserList(values: readonly string[], flag: string): readonly string[] {
  const ids = values.flatMap((value) => {
    const text = value.trim()
    return text === '' ? [] : text.split(/\s*,\s*|\s+/)
  })
  const bad = ids.find((id) => id === '' || /\p{Cc}/u.test(id))
  if (bad === undefined) return [...new Set(ids)]
  throw usageError(
    bad === ''
      ? `${flag} holds an empty id between two commas`
      : `${flag} holds an id with control characters: ${JSON.stringify(bad)}`,
    'give ids separated by commas or spaces, such as: alice,bob',
  )
}

/**
 * @throws WsctlError (usage) when a user is on both lists, where force-legacy would silently win
 */
export function refuseOverlap(rolloutUsers: readonly string[], forceLegacyUsers: readonly string[]): void {
  const forced = new Set(forceLegacyUsers)
  const both = rolloutUsers.filter((id) => forced.has(id))
  if (both.length === 0) return
  throw usageError(
    `on both lists: ${both.slice(0, 5).join(', ')}${both.length > 5 ? `, and ${both.length - 5} more` : ''}`,
    'a user is either on --rollout-users or on --force-legacy-users: take each off one of them',
  )
}
