import { usageError, type WsctlError } from '../core/error.js'

/** How a connection to the database is kept private, in the words of PostgreSQL. */
const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const
type SslMode = (typeof SSL_MODES)[number]

const PARAMETERS = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const

/** Where a shared state is, as its URL says. What the URL leaves out follows from the variables of PostgreSQL. */
export interface StateAddress {
  /** Name or address; a path for a socket of this machine. */
  readonly host: string
  readonly port: number | null
  readonly database: string
  readonly user: string | null
  readonly password: string | null
  readonly sslMode: SslMode
  /** Paths of PEM files. */
  readonly sslRootCert: string | null
  readonly sslCert: string | null
  readonly sslKey: string | null
}

const EXAMPLE = 'such as postgres://wsctl@db.example.com/wsctl?sslmode=verify-full'

/**
 * Reads the URL of a shared state. A message never repeats the URL: it may hold a password.
 *
 * @throws WsctlError (usage)
 */
export function parseStateAddress(text: string): StateAddress {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol)) {
    throw refused('it is no URL of a PostgreSQL database', `give one, ${EXAMPLE}`)
  }
  const host = url.searchParams.get('host') ?? decode(url.hostname.replace(/^\[(.*)\]$/, '$1'))
  const database = decode(url.pathname.slice(1))
  if (host === '') throw refused('it names no host', `give one, ${EXAMPLE}`)
  if (database === '') throw refused('it names no database', `give one, ${EXAMPLE}`)
  for (const name of url.searchParams.keys()) {
    if (name === 'host' || PARAMETERS.some((known) => known === name)) continue
    throw refused(`it has a parameter ${name}, which there is not`, `there are: ${PARAMETERS.join(', ')}`)
  }
  return {
    host,
    port: url.port === '' ? null : Number(url.port),
    database,
    user: url.username === '' ? null : decode(url.username),
    password: url.password === '' ? null : decode(url.password),
    sslMode: sslModeOf(url.searchParams.get('sslmode'), host),
    sslRootCert: url.searchParams.get('sslrootcert'),
    sslCert: url.searchParams.get('sslcert'),
    sslKey: url.searchParams.get('sslkey'),
  }
}

/** For messages, and to tell one state from another: without user and password. */
export function describeStateAddress({ host, port, database }: StateAddress): string {
  if (host.startsWith('/')) return `postgres:///${database}?host=${host}`
  const name = host.includes(':') ? `[${host}]` : host
  return `postgres://${name}${port === null ? '' : `:${port}`}/${database}`
}

/** The same URL without its password, for a list of processes. */
export function withoutPassword(text: string): string {
  const url = new URL(text)
  url.password = ''
  return url.href
}

/** Nothing goes to another machine in the open unless that was said. */
function sslModeOf(given: string | null, host: string): SslMode {
  if (given === null) return isThisMachine(host) ? 'disable' : 'verify-full'
  const known = SSL_MODES.find((mode) => mode === given)
  if (known !== undefined) return known
  throw refused(`its sslmode is ${given}`, `there are: ${SSL_MODES.join(', ')}`)
}

function isThisMachine(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw refused('it holds a % that is no escape', 'write % as %25')
  }
}

function refused(why: string, ...suggestions: readonly string[]): WsctlError {
  return usageError(`--state (or WSCTL_STATE): ${why}`, ...suggestions)
}
