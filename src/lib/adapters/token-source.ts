import { readFile } from 'node:fs/promises'
import { usageError } from '../core/error.js'
import type { Clock } from '../ports/clock.js'
import { runTokenCommand } from './token-command.js'
import { expiryOf, parseToken } from './token.js'

export { expiryOf } from './token.js'

/** How long before its expiry a token is renewed, ms. */
const RENEW_BEFORE_MS = 60_000

/** How long a renewal may hold up requests that have a token to go on with, ms. */
const PATIENCE_MS = 1000

/** Where the token comes from. Its calls fail with a usage error; nothing it says holds the token. */
export interface TokenSource {
  /** A token for the next request; null when there is none. */
  token(): Promise<string | null>
  /** Asks where it comes from once more, because the server refused what `token` gave. */
  renew(): Promise<string | null>
  /** Whether `renew` can bring another token. */
  readonly renewable: boolean
  /** Names the source, such as `WSCTL_TOKEN` or `the file /run/token`. */
  describe(): string
}

/** No token: for the calls that need none. */
export function noToken(): TokenSource {
  return new GivenToken(null, 'no token')
}

/**
 * A token from the environment, which cannot change while wsctl runs.
 *
 * @param variable the name of the variable, for messages
 * @throws WsctlError (usage) when the value cannot be a token
 */
export function environmentToken(value: string, variable: string): TokenSource {
  return new GivenToken(parseToken(value, variable), variable)
}

/** The token that a file holds now: it is read for every request, so a new one is used at once. */
export function fileToken(path: string, clock: Pick<Clock, 'wallTime'>): TokenSource {
  const name = `the file ${path}`
  const read = async (): Promise<string> => parseToken(await readTokenFile(path), name)
  return new RenewableToken(name, read, { always: true, patienceMs: PATIENCE_MS }, clock)
}

/**
 * The token that a command prints: it is run for the first request, before the token expires, and when
 * the server refuses it. The command is never shown, because it can hold a secret of its own.
 *
 * @param timeoutMs how long the command may take
 * @param patienceMs how long it may hold up requests while the token it gave before is good
 */
export function commandToken(
  command: string,
  clock: Pick<Clock, 'wallTime'>,
  timeoutMs = 30_000,
  patienceMs = PATIENCE_MS,
): TokenSource {
  const name = 'the output of --token-command'
  const run = async (): Promise<string> => parseToken(await runTokenCommand(command, timeoutMs), name)
  return new RenewableToken(name, run, { always: false, patienceMs }, clock)
}

class GivenToken implements TokenSource {
  readonly renewable = false
  readonly #token: string | null
  readonly #name: string

  constructor(token: string | null, name: string) {
    this.#token = token
    this.#name = name
  }

  async token(): Promise<string | null> {
    return this.#token
  }

  async renew(): Promise<string | null> {
    return this.#token
  }

  describe(): string {
    return this.#name
  }
}

interface Renewal {
  readonly token: Promise<string>
  /** Resolves when the renewal has held requests up for long enough. */
  readonly patience: Promise<void>
}

interface RenewalOptions {
  /** Whether each request renews the token, or only one that finds it about to expire. */
  readonly always: boolean
  readonly patienceMs: number
}

class RenewableToken implements TokenSource {
  readonly renewable = true
  readonly #name: string
  readonly #fetch: () => Promise<string>
  readonly #options: RenewalOptions
  readonly #clock: Pick<Clock, 'wallTime'>
  #present: string | null = null
  #refused: string | null = null
  #running: Renewal | null = null

  constructor(name: string, fetch: () => Promise<string>, options: RenewalOptions, clock: Pick<Clock, 'wallTime'>) {
    this.#name = name
    this.#fetch = fetch
    this.#options = options
    this.#clock = clock
  }

  /**
   * A token that cannot be renewed is used on, also beyond its expiry: this machine's clock may be wrong, a
   * rollback may depend on the token, and it is for the server to refuse it. While it is good, a renewal
   * that takes long goes on behind the requests, which do not wait for it.
   */
  async token(): Promise<string> {
    const present = this.#present
    if (present === null) return holdOpen(this.#renewal().token)
    if (!this.#options.always && !this.#expiresWithin(present, RENEW_BEFORE_MS)) return present
    const { token, patience } = this.#renewal()
    const renewed = token.catch(() => present)
    const isGood = present !== this.#refused && !this.#expiresWithin(present, 0)
    return isGood ? Promise.race([renewed, patience.then(() => present)]) : holdOpen(renewed)
  }

  async renew(): Promise<string> {
    this.#refused = this.#present
    return holdOpen(this.#renewal().token)
  }

  /** Calls that come while a renewal is running share it, and its patience. */
  #renewal(): Renewal {
    this.#running ??= this.#startRenewal()
    return this.#running
  }

  #startRenewal(): Renewal {
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#options.patienceMs)
    })
    const fetchToken = async (): Promise<string> => {
      try {
        this.#present = await this.#fetch()
        return this.#present
      } finally {
        clearTimeout(timer)
        this.#running = null
      }
    }
    return { token: fetchToken(), patience }
  }

  describe(): string {
    return this.#name
  }

  #expiresWithin(token: string, ms: number): boolean {
    const expiry = expiryOf(token)
    return expiry !== null && expiry.getTime() - this.#clock.wallTime().getTime() <= ms
  }
}

/** Waits for work that does not keep wsctl from ending by itself, as a token command does not. */
async function holdOpen<T>(work: Promise<T>): Promise<T> {
  const hold = setInterval(() => undefined, 60_000)
  try {
    return await work
  } finally {
    clearInterval(hold)
  }
}

async function readTokenFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    const what = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`
    throw usageError(`the token file ${path} ${what}`, 'name the file that holds the token: --token-file FILE')
  }
}
