import { readFile } from 'node:fs/promises'
import { usageError } from '../core/error.js'
import type { Clock } from '../ports/clock.js'
import { runTokenCommand } from './token-command.js'
import { expiryOf, parseToken } from './token.js'

export { expiryOf } from './token.js'

/** How long before its expiry a token is renewed, ms. */
const RENEW_BEFORE_MS = 60_000

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
  return new RenewableToken(name, read, { always: true }, clock)
}

/**
 * The token that a command prints: it is run for the first request, before the token expires, and when
 * the server refuses it. The command is never shown, because it can hold a secret of its own.
 *
 * @param timeoutMs how long the command may take
 */
export function commandToken(command: string, clock: Pick<Clock, 'wallTime'>, timeoutMs = 30_000): TokenSource {
  const name = 'the output of --token-command'
  const run = async (): Promise<string> => parseToken(await runTokenCommand(command, timeoutMs), name)
  return new RenewableToken(name, run, { always: false }, clock)
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

class RenewableToken implements TokenSource {
  readonly renewable = true
  readonly #name: string
  readonly #fetch: () => Promise<string>
  readonly #always: boolean
  readonly #clock: Pick<Clock, 'wallTime'>
  #present: string | null = null
  #renewal: Promise<string> | null = null

  constructor(
    name: string,
    fetch: () => Promise<string>,
    { always }: { readonly always: boolean },
    clock: Pick<Clock, 'wallTime'>,
  ) {
    this.#name = name
    this.#fetch = fetch
    this.#always = always
    this.#clock = clock
  }

  /**
   * A token that cannot be renewed is used on, also beyond its expiry: this machine's clock may be wrong, a
   * rollback may depend on the token, and it is for the server to refuse it.
   */
  async token(): Promise<string> {
    const present = this.#present
    if (present === null) return this.renew()
    if (!this.#always && !this.#isAboutToExpire(present)) return present
    return this.renew().catch(() => present)
  }

  /** Calls that come at the same time share one renewal. */
  async renew(): Promise<string> {
    this.#renewal ??= this.#fetch().finally(() => {
      this.#renewal = null
    })
    this.#present = await this.#renewal
    return this.#present
  }

  describe(): string {
    return this.#name
  }

  #isAboutToExpire(token: string): boolean {
    const expiry = expiryOf(token)
    return expiry !== null && expiry.getTime() - this.#clock.wallTime().getTime() <= RENEW_BEFORE_MS
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
