import { diskPatience } from '../adapters/patience.js'
import { refuseOverlap } from '../contract/user-list.js'
import type { ListSource, PinSources } from '../core/pins.js'
import type { RolloutPlan } from '../core/rollout.js'
import { holdsSame, type Pins } from '../core/server.js'
import type { EnvironmentFile } from '../ports/environment-file.js'
import type { RunStore } from '../ports/state-store.js'
import { readUserList } from './user-lists.js'

/** How many of the latest runs are searched for a server's lists. */
const RUNS_TO_SEARCH = 50

export interface PinFlags {
  readonly 'rollout-users'?: readonly string[] | undefined
  readonly 'force-legacy-users'?: readonly string[] | undefined
}

/**
 * Everywhere that the two lists may be known from, best first: flags, the server's environment file,
 * the last record kept for the server.
 *
 * @throws WsctlError (usage) for lists that cannot be, or that share a user
 */
export async function gatherPinSources(
  flags: PinFlags,
  environmentFile: EnvironmentFile | null,
  runs: RunStore,
  server: string,
): Promise<PinSources> {
  const rollout = flags['rollout-users'] && (await flagSource('--rollout-users', flags['rollout-users']))
  const forced = flags['force-legacy-users'] && (await flagSource('--force-legacy-users', flags['force-legacy-users']))
  if (rollout && forced) refuseOverlap(rollout.users, forced.users)
  const file = environmentFile && (await environmentFile.readPins())
  const record = await diskPatience.wait(lastRecord(runs, server), 'the folder of the records').catch(() => null)
  const sources = (key: keyof Pins, flag: ListSource | undefined): readonly ListSource[] => [
    ...(flag ? [flag] : []),
    ...(environmentFile && file?.[key] ? [{ origin: environmentFile.path, users: file[key] }] : []),
    ...(record?.lists[key].map((users) => ({ origin: `the record ${record.id}`, users })) ?? []),
  ]
  return { rolloutUsers: sources('rolloutUsers', rollout), forceLegacyUsers: sources('forceLegacyUsers', forced) }
}

async function flagSource(flag: string, values: readonly string[]): Promise<ListSource> {
  return { origin: flag, users: await readUserList(flag, values) }
}

/** Lists that the server may hold. */
type PossibleLists = Readonly<Record<keyof Pins, readonly ListSource['users'][]>>

/** The lists that the latest run against this server knew. A record that cannot be read is no source. */
async function lastRecord(
  runs: RunStore,
  server: string,
): Promise<{ readonly id: string; readonly lists: PossibleLists } | null> {
  const ids = await runs.ids().catch(() => [])
  for (const id of ids.slice(0, RUNS_TO_SEARCH)) {
    const plan = await runs.plan(id).catch(() => null)
    if (plan?.server === server && plan.pins !== null) return { id, lists: await listsAfter(runs, id, plan, plan.pins) }
  }
  return null
}

/**
 * A run that set out to replace a list and did not come to a good end leaves the old one or the new one, and
 * only by their length can the server's be told to be the one or the other.
 */
async function listsAfter(runs: RunStore, id: string, { before }: RolloutPlan, pins: Pins): Promise<PossibleLists> {
  const isKept = before !== null && holdsSame(before, pins)
  const isCertain = isKept || (await isCompleted(runs, id))
  const possible = (key: keyof Pins): PossibleLists[keyof Pins] => {
    const [own, old] = [pins[key], before?.[key] ?? null]
    if (isCertain || (old !== null && old.join() === own.join())) return [own]
    return old === null || old.length === own.length ? [] : [own, old]
  }
  return { rolloutUsers: possible('rolloutUsers'), forceLegacyUsers: possible('forceLegacyUsers') }
}

async function isCompleted(runs: RunStore, id: string): Promise<boolean> {
  const state = await runs.state(id).catch(() => null)
  return state?.phase.name === 'finished' && state.phase.outcome === 'completed'
}
