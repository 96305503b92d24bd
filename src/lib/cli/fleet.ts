/** Several servers that are moved as one: how they are named, and looked up. */
import { isSameServer } from '../adapters/claim-files.js'
import { usageError } from '../core/error.js'
import { nameServers } from '../core/fleet.js'

/** Servers as they were named. */
export interface NamedFleet {
  /** Base URLs, sorted; empty until they are looked up. */
  readonly servers: readonly string[]
  /** What they are looked up by, such as `dns:NAME:PORT`; null: they were named one by one. */
  readonly from: string | null
}

const DNS = /^dns:([^:/\s]+):(\d{1,5})$/

/**
 * Addresses that were named one after the other, or in one value with commas between them. One address is one server,
 * whatever it holds.
 *
 * @param origin what named them, for messages
 * @throws WsctlError (usage) for one that is named twice
 */
export function readServers(values: readonly string[], origin: string): readonly string[] {
  const servers = values
    .flatMap((value) => value.split(','))
    .map((server) => server.trim().replace(/\/+$/, ''))
    .filter((server) => server !== '')
  servers.forEach((server, index) => {
    const first = servers.findIndex((other) => isSameServer(other, server))
    const before = servers[first]
    if (first === index || before === undefined) return
    const how = before === server ? 'twice' : `as ${before} and as ${server}, which are the same`
    throw usageError(
      `${origin} names the server ${before === server ? `${server} ` : ''}${how}. Nothing was sent`,
      'name each server once: its counters would be added up twice',
    )
  })
  return servers
}

/** What a fleet is called: its servers, or the first of them and how many more. The same fleet is called the same. */
export function nameOfFleet({ servers, from }: NamedFleet): string {
  return from ?? nameServers(servers.toSorted())
}

/**
 * A name and a port behind which servers are found.
 *
 * @throws WsctlError (usage)
 */
export function parseDns(from: string): { readonly name: string; readonly port: number } {
  const [, name, port] = DNS.exec(from) ?? []
  if (name !== undefined && Number(port) > 0 && Number(port) < 65_536) return { name, port: Number(port) }
  throw usageError(
    `--servers-from ${from} names no port of a name. Nothing was sent`,
    'name both, such as: --servers-from dns:chat.internal:8000',
    'or a file with one address a line: --servers-from servers.txt',
  )
}
