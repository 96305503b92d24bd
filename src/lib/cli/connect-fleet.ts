/** Loaded only where several servers are named. */
import type { AxiosAdminApi } from '../adapters/axios-admin-api.js'
import { AxiosFleet } from '../adapters/axios-fleet.js'
import { linesOfServers, serversOfName } from '../adapters/look-up-servers.js'
import type { PacedServer } from '../adapters/paced-server.js'
import type { RolloutServer } from '../ports/admin-api.js'
import { nameOfFleet, parseDns, readServers, type NamedFleet } from './fleet.js'
import type { KnownOfFleet } from './joining-servers.js'
import type { Settings } from './settings.js'

/**
 * Settings whose servers are known. Where a file named a single one, it is that server alone.
 *
 * @throws WsctlError (usage) when there are none, or one is named twice
 */
export async function lookUpFleet(settings: Settings, fleet: NamedFleet): Promise<Settings> {
  if (fleet.servers.length > 0 || fleet.from === null) return settings
  if (fleet.from.startsWith('dns:')) {
    return { ...settings, fleet: { ...fleet, servers: await serversOfName(parseDns(fleet.from)) } }
  }
  const servers = readServers(await linesOfServers(fleet.from), fleet.from).toSorted()
  const [one, ...more] = servers
  if (one !== undefined && more.length === 0) return { ...settings, server: one, fleet: undefined }
  const named = { servers, from: null }
  return { ...settings, server: nameOfFleet(named), fleet: named }
}

/** A client of each; that an address is none is found out now, and not while a step is set. */
export function openFleet({ servers, from }: NamedFleet, open: (server: string) => AxiosAdminApi): AxiosFleet {
  const [first] = servers
  if (first === undefined) throw new RangeError('a fleet whose servers were not looked up was connected to')
  const lookUp = from === null ? null : () => serversOfName(parseDns(from))
  const fleet = new AxiosFleet({ servers, open, lookUp }, open(first).tokens)
  servers.forEach((server) => fleet.member(server))
  return fleet
}

/** Each server at the pace that it takes, and those that join asked for first. */
export function pacedFleet(
  fleet: AxiosFleet,
  pace: (member: AxiosAdminApi) => PacedServer,
  known: KnownOfFleet,
): RolloutServer {
  return fleet.through(pace, known)
}
