import { describeSettings, type Settings, type Snapshot } from './server.js'

/** What can be compared of a server's settings; a list whose length is not known is not. */
export interface Comparable {
  readonly mode: Settings['mode']
  readonly percentage: number
  readonly legacyFallback: boolean
  readonly explicitRolloutUsers: number | null
  readonly forcedLegacyUsers: number | null
}

/** What is known of how a server was left: lists by their own length, else by what the server said last. */
export function comparable(snapshot: Snapshot, said: Settings | null): Comparable {
  const { mode, percentage, legacyFallback, rolloutUsers, forceLegacyUsers } = snapshot
  return {
    mode,
    percentage,
    legacyFallback,
    explicitRolloutUsers: rolloutUsers?.length ?? said?.explicitRolloutUsers ?? null,
    forcedLegacyUsers: forceLegacyUsers?.length ?? said?.forcedLegacyUsers ?? null,
  }
}

/** What changed, a phrase each, such as `rollout list from 3 to 5 users`. */
export function differences(before: Comparable, after: Comparable): readonly string[] {
  const fields = [
    ['mode', before.mode, after.mode],
    ['percentage', `${before.percentage} %`, `${after.percentage} %`],
    ['rollout list', before.explicitRolloutUsers, users(after.explicitRolloutUsers)],
    ['force-legacy list', before.forcedLegacyUsers, users(after.forcedLegacyUsers)],
    ['fallback', word(before.legacyFallback), word(after.legacyFallback)],
  ] as const
  return fields.flatMap(([name, from, to]) => {
    const isKnown = from !== null && to !== null
    const isSame = from === to || (typeof from === 'number' && users(from) === to)
    return isKnown && !isSame ? [`${name} from ${from} to ${to}`] : []
  })
}

/**
 * A change that a run did not make, in words: what is different, and what the server says now.
 *
 * @param server which of a fleet
 */
export function describeForeignChange(before: Comparable | null, after: Settings, server = 'the server'): string {
  const changes = before === null ? [] : differences(before, after)
  const what = changes.length === 0 ? `it now says ${describeSettings(after)}` : changes.join(', ')
  const rest = changes.length === 0 ? '' : `; it now says ${describeSettings(after)}`
  return `${server} was changed from outside this run: ${what}${rest}`
}

function users(count: number | null): string | null {
  return count === null ? null : `${count} ${count === 1 ? 'user' : 'users'}`
}

function word(isOn: boolean): string {
  return isOn ? 'on' : 'off'
}
