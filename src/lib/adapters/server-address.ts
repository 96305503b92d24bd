import { isIPv4 } from 'node:net'
import { usageError } from '../core/error.js'

/** Where the admin API is, as set by the operator. */
export interface AddressSettings {
  /** Base URL, such as `http://localhost:8000`; may have a path of its own. */
  readonly server: string
  /** Path of the admin API below the base URL, such as `/api/websocket-admin`. */
  readonly adminPath: string
  /** Path of the counters below the base URL, such as `/api/websocket/stats`. */
  readonly statsPath: string
}

/** One request of wsctl to the server. */
export interface Call {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  /** Which setting the path comes from. The token goes to `admin` alone: the counters are public. */
  readonly api: 'admin' | 'stats'
  /** Sent as JSON; nothing is sent when left out. */
  readonly body?: object
}

/** Names a call in messages. */
export function describeCall({ method, url }: Call): string {
  return `${method} ${url.pathname}`
}

/** The calls that an address offers. They never leave the configured host, whatever the paths hold. */
export class ServerAddress {
  readonly #base: URL
  readonly #adminPath: string
  readonly #statsPath: string

  /** @throws WsctlError (usage) when the settings are no address */
  constructor(settings: AddressSettings) {
    this.#base = parseBase(settings.server)
    this.#adminPath = parsePath(settings.adminPath, '--admin-path')
    this.#statsPath = parsePath(settings.statsPath, '--stats-path')
  }

  stats(): Call {
    return { method: 'GET', url: this.#below(this.#statsPath), api: 'stats' }
  }

  get(endpoint: 'status' | 'health'): Call {
    return { method: 'GET', url: this.#below(`${this.#adminPath}/${endpoint}`), api: 'admin' }
  }

  post(endpoint: 'configure' | 'emergency-rollback' | 'clear-cache', body?: object): Call {
    const url = this.#below(`${this.#adminPath}/${endpoint}`)
    return { method: 'POST', url, api: 'admin', ...(body && { body }) }
  }

  /**
   * The assignment of one user. Some ids cannot stand in a path: one with `/` is split by the server
   * (contract of the admin API, fact 12), and `.` and `..` are resolved away before anything is sent.
   * The apostrophe is encoded too, because the URL is shown within quotes for a shell.
   *
   * @throws WsctlError (usage) for an id that cannot be asked for
   */
  user(id: string): Call {
    if (id === '' || id === '.' || id === '..' || id.includes('/') || /\p{Cs}/u.test(id)) {
      throw usageError(
        `the server cannot be asked for the user ${JSON.stringify(id)}: ` +
          'an id in a path is never empty, "." or "..", and holds no "/"',
      )
    }
    const url = this.#below(`${this.#adminPath}/user/${encodeURIComponent(id).replaceAll("'", '%27')}`)
    return { method: 'GET', url, api: 'admin' }
  }

  /** Setting the path of a URL cannot change its host, as resolving a reference could. */
  #below(path: string): URL {
    const url = new URL(this.#base)
    url.pathname = this.#base.pathname.replace(/\/+$/, '') + path
    return url
  }
}

/** Whether a URL names this very machine, so that what is sent to it crosses no network. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'))
}

function parseBase(server: string): URL {
  const example = 'give the base URL: --server http://localhost:8000 (or WSCTL_SERVER)'
  const url = URL.canParse(server) ? new URL(server) : null
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw usageError('the server address is not a URL that starts with http:// or https://', example)
  }
  if (url.username !== '' || url.password !== '') {
    throw usageError(
      `the address of ${url.host} holds a user name or password, which would show in records and process lists`,
      'leave it out of --server, and give a token: --token-file FILE or --token-command COMMAND',
    )
  }
  if (url.search !== '' || url.hash !== '') {
    throw usageError(`the server address ${url.href} holds a query or a fragment`, example)
  }
  return url
}

function parsePath(path: string, flag: '--admin-path' | '--stats-path'): string {
  if (!/^\/[^?#\\\s]*$/.test(path)) {
    throw usageError(
      `${flag} is ${JSON.stringify(path)}, which is not a path on the server`,
      `give it from its first slash on, without host or query: ${flag} /api/…`,
    )
  }
  return path.replace(/\/+$/, '')
}
