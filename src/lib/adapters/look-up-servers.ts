import { readFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { usageError } from '../core/error.js'

/** Looks all addresses of a name up; stands in for the system's in tests. */
export type LookUp = (name: string) => Promise<readonly string[]>

/** By the system, the hosts file included, as any other program does. */
async function systemLookUp(name: string): Promise<readonly string[]> {
  const { lookup } = await import('node:dns/promises')
  return (await lookup(name, { all: true })).map(({ address }) => address)
}

/**
 * Base URLs of the servers behind a name, sorted.
 *
 * @throws WsctlError (usage) when there are none
 */
export async function serversOfName(
  { name, port }: { readonly name: string; readonly port: number },
  lookUp: LookUp = systemLookUp,
): Promise<readonly string[]> {
  let addresses: readonly string[]
  try {
    addresses = await lookUp(name)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw noAddresses(name, `it cannot be looked up (${code})`)
  }
  if (addresses.length === 0) throw noAddresses(name, 'it has no addresses')
  return [...new Set(addresses)]
    .map((address) => `http://${isIPv6(address) ? `[${address}]` : address}:${port}`)
    .toSorted()
}

function noAddresses(name: string, why: string): Error {
  return usageError(
    `no server was found behind the name ${name}: ${why}. Nothing was sent`,
    `see whether it is known here: getent ahosts ${name}`,
    'or name the servers: --server http://HOST:PORT --server http://HOST:PORT',
  )
}

/**
 * Lines of a file that names one server a line; blank lines and what follows a `#` do not count.
 *
 * @throws WsctlError (usage) for a file that cannot be read, or names none
 */
export async function linesOfServers(path: string): Promise<readonly string[]> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw usageError(
      `the list of servers ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}. Nothing was sent`,
      'name a file with one address a line: --servers-from servers.txt',
    )
  }
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')
  if (lines.length > 0) return lines
  throw usageError(
    `the list of servers ${path} names none. Nothing was sent`,
    'write one address a line, such as http://10.0.0.5:8000; what follows a # is a comment',
  )
}
