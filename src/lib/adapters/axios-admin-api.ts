import { once } from 'node:events'
import type * as z from 'zod'
import {
  clearCacheSchema,
  configureSchema,
  emergencyRollbackSchema,
  healthSchema,
  statsSchema,
  statusSchema,
  toServerStatus,
  userSchema,
  type HealthAnswer,
  type StatsAnswer,
  type UserAnswer,
} from '../contract/admin-api.js'
import { CallError, usageError, WsctlError, type FailureKind } from '../core/error.js'
import type { Configuration, ServerStatus } from '../core/server.js'
import type { RolloutServer } from '../ports/admin-api.js'
import type { Clock } from '../ports/clock.js'
import { invalidAnswer, readAnswer, type AnswerContext } from './answer.js'
import { compareStored, toConfigureBody } from './configure.js'
import { stopped } from './connection-failure.js'
import { exchange } from './http-exchange.js'
import type { Answer } from './http-transport.js'
import { describeCall, isLoopback, ServerAddress, type AddressSettings, type Call } from './server-address.js'
import type { TokenSource } from './token-source.js'

export interface AdminApiOptions extends AddressSettings {
  readonly tokens: TokenSource
  /** For the whole of a request, ms. */
  readonly timeoutMs: number
  /** Whether the token may cross a network in plain text. */
  readonly allowHttp: boolean
  /** Tells how long ago a token expired, and how far off the date of a `Retry-After` is. */
  readonly clock: Pick<Clock, 'wallTime'>
  /** Longest answer that is believed, bytes; 128 MiB when left out. */
  readonly maxAnswerBytes?: number
  /** Trusted to vouch for the server and nobody else is, PEM; the usual authorities when left out. */
  readonly authorities?: string
}

/** The server tells of each open connection in full, status and counters alike: about a kilobyte each, and there may be 100,000. */
const DEFAULT_MAX_ANSWER_BYTES = 128 * 1024 * 1024

/**
 * The admin API over HTTP. Nothing is tried twice here, but for a request that was refused because of
 * a token that could be renewed: authentication comes before anything else in the server (contract of
 * the admin API, fact 9), so a refused request has changed nothing.
 */
export class AxiosAdminApi implements RolloutServer {
  readonly #options: AdminApiOptions
  readonly #address: ServerAddress
  #hadToken = false
  #sent = 0

  /** @throws WsctlError (usage) when the address is none */
  constructor(options: AdminApiOptions) {
    this.#options = options
    this.#address = new ServerAddress(options)
  }

  /** Where the token of its calls comes from. */
  get tokens(): TokenSource {
    return this.#options.tokens
  }

  /** Requests so far: the server takes so many a minute. */
  get sent(): number {
    return this.#sent
  }

  async readStatus(signal?: AbortSignal): Promise<ServerStatus> {
    return toServerStatus((await this.#ask(this.#address.get('status'), statusSchema, signal)).value)
  }

  /** The counters, from the one endpoint that needs no token. */
  async stats(signal?: AbortSignal): Promise<StatsAnswer> {
    return (await this.#ask(this.#address.stats(), statsSchema, signal)).value
  }

  async health(signal?: AbortSignal): Promise<HealthAnswer> {
    return (await this.#ask(this.#address.get('health'), healthSchema, signal)).value
  }

  /** @throws WsctlError (usage) for an id that cannot stand in a path; CallError */
  async user(id: string, signal?: AbortSignal): Promise<UserAnswer> {
    return (await this.#ask(this.#address.user(id), userSchema, signal)).value
  }

  /** Fails as well when the server says that it stored something else than was sent. */
  async configure(configuration: Configuration, signal?: AbortSignal): Promise<void> {
    const call = this.#address.post('configure', toConfigureBody(configuration))
    const { value, answer, context } = await this.#ask(call, configureSchema, signal)
    const difference = compareStored(configuration, value)
    if (difference !== null) {
      throw invalidAnswer(answer, context, `, but stored something else than was sent: ${difference}`)
    }
  }

  async emergencyRollback(signal?: AbortSignal): Promise<void> {
    const call = this.#address.post('emergency-rollback')
    const { value, answer, context } = await this.#ask(call, emergencyRollbackSchema, signal)
    const mode = value.rollback_info.migration_mode_set_to
    if (mode !== 'disabled') throw invalidAnswer(answer, context, `, but set mode ${mode} instead of disabled`)
  }

  async clearCache(signal?: AbortSignal): Promise<boolean> {
    try {
      await this.#ask(this.#address.post('clear-cache'), clearCacheSchema, signal)
      return true
    } catch (error) {
      if (error instanceof CallError && error.failure.kind === 'not-found') return false
      throw error
    }
  }

  async #ask<T>(
    call: Call,
    schema: z.ZodType<T>,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly value: T; readonly answer: Answer; readonly context: AnswerContext }> {
    let token = call.api === 'admin' ? await this.#token(call, signal) : null
    let answer = await this.#send(call, token, signal)
    if (answer.status === 401 && token !== null && this.#options.tokens.renewable) {
      const renewed = await this.#renew(call, signal)
      if (renewed !== null && renewed !== token) {
        token = renewed
        answer = await this.#send(call, token, signal)
      }
    }
    const context = { call, token, now: this.#options.clock.wallTime() }
    return { value: readAnswer(answer, schema, context), answer, context }
  }

  #send(call: Call, token: string | null, signal: AbortSignal | undefined): Promise<Answer> {
    const { timeoutMs, authorities, maxAnswerBytes = DEFAULT_MAX_ANSWER_BYTES } = this.#options
    this.#sent += 1
    return exchange(call, token, { timeoutMs, maxAnswerBytes, ...(authorities && { authorities }) }, signal)
  }

  /**
   * A source that has never given a token is the operator's mistake, found before anything is sent. One
   * that stops giving tokens during a run is a failed call, which the run can count and survive; the
   * server has refused nothing then, so the call is worth trying again.
   */
  async #token(call: Call, signal: AbortSignal | undefined): Promise<string | null> {
    let token: string | null
    try {
      token = await unlessStopped(this.#options.tokens.token(), call, signal)
    } catch (error) {
      if (!this.#hadToken) throw error
      throw asFailure(error, 'unreachable', null, `${describeCall(call)} was not sent, for want of a token`)
    }
    if (token !== null) this.#requirePrivacy(call)
    this.#hadToken ||= token !== null
    return token
  }

  async #renew(call: Call, signal: AbortSignal | undefined): Promise<string | null> {
    try {
      return await unlessStopped(this.#options.tokens.renew(), call, signal)
    } catch (error) {
      const what = `${describeCall(call)} answered 401 Unauthorized, and the token cannot be renewed`
      throw asFailure(error, 'unauthorized', 401, what)
    }
  }

  #requirePrivacy({ url }: Call): void {
    if (this.#options.allowHttp || url.protocol === 'https:' || isLoopback(url)) return
    throw usageError(
      `the token would cross the network to ${url.host} in plain text, so nothing was sent`,
      `use TLS: --server https://${url.hostname}`,
      'or accept that whoever is on the way can read the token: --allow-http',
    )
  }
}

/** Ends the wait, not the work, when the caller's signal is aborted. */
async function unlessStopped<T>(work: Promise<T>, call: Call, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  const settled = new AbortController()
  const stop = async (): Promise<never> => {
    if (!signal.aborted) await once(signal, 'abort', { signal: settled.signal })
    throw stopped(call)
  }
  try {
    return await Promise.race([work, stop()])
  } finally {
    settled.abort()
  }
}

/** A token source's complaint as a failed call. */
function asFailure(error: unknown, kind: FailureKind, status: number | null, what: string): unknown {
  if (!(error instanceof WsctlError) || error instanceof CallError) return error
  const { message, suggestions } = error
  return new CallError({ kind, status, message: `${what}: ${message}` }, { suggestions })
}
