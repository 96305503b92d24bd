import type { RunFolder } from '../adapters/run-folder.js'
import { refuseOverlap } from '../contract/user-list.js'
import type { ListSource, PinSources } from '../core/pins.js'
import type { Pins } from '../core/server.js'
import type { EnvironmentFile } from '../ports/environment-file.js'
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
  runs: RunFolder,
  server: string,
): Promise<PinSources> {
  const rollout = flags['rollout-users'] && (await flagSource('--rollout-users', flags['rollout-users']))
  const forced = flags['force-legacy-users'] && (await flagSource('--force-legacy-users', flags['force-legacy-users']))
  if (rollout && forced) refuseOverlap(rollout.users, forced.users)
  const file = environmentFile && (await environmentFile.readPins())
  const record = await lastRecord(runs, server)
  const sources = (key: keyof Pins, flag: ListSource | undefined): readonly ListSource[] => [
    ...(flag ? [flag] : []),
    ...(environmentFile && file?.[key] ? [{ origin: environmentFile.path, users: file[key] }] : []),
    ...(record ? [{ origin: `the record ${record.id}`, users: record.pins[key] }] : []),
  ]
  return { rolloutUsers: sources('rolloutUsers', rollout), forceLegacyUsers: sources('forceLegacyUsers', forced) }
}

async function flagSource(flag: string, values: readonly string[]): Promise<ListSource> {
  return { origin: flag, users: await readUserList(flag, values) }
}

/** The lists that the latest run against this server knew. A record that cannot be read is no source. */
async function lastRecord(
  runs: RunFolder,
  server: string,
): Promise<{ readonly id: string; readonly pins: Pins } | null> {
  const ids = await runs.ids().catch(() => [])
  for (const id of ids.slice(0, RUNS_TO_SEARCH)) {
    const plan = await runs.plan(id).catch(() => null)
    if (plan?.server === server && plan.pins !== null) return { id, pins: plan.pins }
  }
  return null
}
