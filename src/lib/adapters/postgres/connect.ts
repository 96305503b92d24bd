import { readFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import pg from 'pg'
import { describeStateAddress, type StateAddress } from '../../contract/state-address.js'
import { usageError } from '../../core/error.js'

/** How long a connection may take to be opened, ms. */
const CONNECT_MS = 2000
/** How long the database may work on one statement, ms; whoever waits gives up before. */
const STATEMENT_MS = 5000
/** After this long in silence it is looked whether the other side is still there, ms. */
const KEEP_ALIVE_MS = 10_000

/** A connection that was opened. */
export interface Connection {
  readonly client: pg.Client
  /** Ends it at once, whatever is under way. */
  readonly destroy: () => void
}

/** @param onEnd is told, once, that it is of no use any more */
export async function connect(address: StateAddress, onEnd: () => void): Promise<Connection> {
  const { host, port, database, user } = address
  const socket = new Socket()
  const client: pg.Client = new pg.Client({
    host,
    database,
    ...(port !== null && { port }),
    ...(user !== null && { user }),
    password: () => passwordOf(address, client),
    ssl: await sslOf(address),
    stream: () => socket,
    application_name: 'wsctl',
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
  })
  const destroy = (): void => {
    socket.destroy()
  }
  // What breaks while nothing is asked has nobody to tell.
  client.on('error', destroy)
  client.once('end', onEnd)
  try {
    await client.connect()
  } catch (error) {
    destroy()
    throw error
  }
  return { client, destroy }
}

/** As psql finds it: in the URL, in PGPASSWORD, in the file of passwords. Empty: the database may not want any. */
async function passwordOf(address: StateAddress, { host, port, database = '', user = '' }: pg.Client): Promise<string> {
  const given = address.password ?? process.env['PGPASSWORD']
  if (given !== undefined) return given
  const { default: passwordFor } = await import('pgpass')
  return new Promise((resolve) => {
    passwordFor({ host, port, database, user }, (password) => resolve(password ?? ''))
  })
}

/** As libpq understands `sslmode`. */
async function sslOf(address: StateAddress): Promise<ConnectionOptions | false> {
  const { sslMode, sslRootCert, sslCert, sslKey } = address
  if (sslMode === 'disable') return false
  const files = {
    ...(sslRootCert !== null && { ca: await pem(address, 'sslrootcert', sslRootCert) }),
    ...(sslCert !== null && { cert: await pem(address, 'sslcert', sslCert) }),
    ...(sslKey !== null && { key: await pem(address, 'sslkey', sslKey) }),
  }
  if (sslMode === 'verify-full') return files
  if (sslMode === 'require' && sslRootCert === null) return { ...files, rejectUnauthorized: false }
  return { ...files, checkServerIdentity: () => undefined }
}

async function pem(address: StateAddress, parameter: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw usageError(
      `${parameter} of the shared state ${describeStateAddress(address)} cannot be read: ${reason}`,
      'name a PEM file by its whole path',
    )
  }
}
