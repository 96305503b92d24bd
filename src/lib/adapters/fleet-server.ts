import { CallError, type CallFailure } from '../core/error.js'
import { gatherStatus, jointFailure, type MemberReading } from '../core/fleet.js'
import type { Configuration, ServerStatus } from '../core/server.js'
import type { RolloutServer } from '../ports/admin-api.js'
import { systemClock } from './system-clock.js'

export interface FleetOptions<M extends RolloutServer> {
  /** Base URLs. */
  readonly servers: readonly string[]
  /** A client of one of them. */
  readonly open: (server: string) => M
  /** Looks up which servers there are now; null: they are fixed. */
  readonly lookUp: (() => Promise<readonly string[]>) | null
  /** Whether a server that was found anew is taken in, but for an emergency, which asks nobody; left out: each is. */
  readonly admit?: ((server: string) => Promise<boolean>) | undefined
  /** How long a call waits for one server once everybody is taken back, ms. */
  readonly graceMs?: number
  /** How long what was looked up is believed, ms. */
  readonly refreshMs?: number
}

/** Slower than this holds nobody up in an emergency, ms. */
const GRACE_MS = 2000
const REFRESH_MS = 5000
/** Readings that are under way at once; what is written goes to all at once. */
const READINGS_AT_ONCE = 50

/**
 * Several servers as one. Each call goes to all of them in parallel; a reading brings what each said. A failure names
 * the servers. From an emergency on, no server waits for another: who is slow is told as not having answered, its request
 * stays under way, and what comes of it is part of a later reading.
 */
export class FleetServer<M extends RolloutServer = RolloutServer> implements RolloutServer {
  readonly #options: FleetOptions<M>
  readonly #members = new Map<string, M>()
  readonly #readings = new Map<string, Promise<MemberReading>>()
  #servers: readonly string[]
  #lookedUpMs = Number.NEGATIVE_INFINITY
  #isGoingBack = false

  constructor(options: FleetOptions<M>) {
    this.#options = options
    this.#servers = options.servers
  }

  /** Those that are known now. */
  get servers(): readonly string[] {
    return this.#servers
  }

  /** A client of one of them. */
  member(server: string): M {
    const known = this.#members.get(server)
    if (known !== undefined) return known
    const member = this.#options.open(server)
    this.#members.set(server, member)
    return member
  }

  /**
   * The same servers, each by way of something that stands before it.
   *
   * @param options.servers those that are known from elsewhere, such as the journal of a run that is taken up
   */
  through<N extends RolloutServer>(
    wrap: (member: M) => N,
    { servers = this.#servers, admit }: Partial<Pick<FleetOptions<N>, 'servers' | 'admit'>> = {},
  ): FleetServer<N> {
    return new FleetServer({ ...this.#options, servers, admit, open: (server) => wrap(this.member(server)) })
  }

  /** Fails only when none of them answers. */
  async readStatus(signal?: AbortSignal): Promise<ServerStatus> {
    if (this.#isGoingBack) void this.#refresh()
    else await this.#refresh()
    const readings = this.#isGoingBack
      ? await this.#readInTime(signal)
      : await inTurns(this.#servers, READINGS_AT_ONCE, (server) => this.#begin(server, signal))
    const status = gatherStatus(readings)
    if (status !== null) return status
    const failed = readings.flatMap((reading) => ('failure' in reading ? [{ ...reading, counters: null }] : []))
    const failure = jointFailure(failed)
    throw new CallError({ ...failure, message: `none of ${failed.length} servers answered; ${failure.message}` })
  }

  configure(configuration: Configuration, signal?: AbortSignal, servers?: readonly string[]): Promise<void> {
    return this.#tell(servers, (member) => member.configure(configuration, signal))
  }

  emergencyRollback(signal?: AbortSignal, servers?: readonly string[]): Promise<void> {
    this.#isGoingBack = true
    return this.#tell(servers, (member) => member.emergencyRollback(signal))
  }

  async clearCache(signal?: AbortSignal): Promise<boolean> {
    let isOffered = false
    await this.#tell(undefined, async (member) => {
      if (await member.clearCache(signal)) isOffered = true
    })
    return isOffered
  }

  /**
   * Asks each of them something; who fails is named.
   *
   * @param onFailure takes the failures of some; it fails then only when all do
   */
  async askAll<T>(
    ask: (member: M) => Promise<T>,
    { onFailure }: { readonly onFailure?: (server: string, failure: CallFailure) => void } = {},
  ): Promise<readonly { readonly server: string; readonly value: T }[]> {
    const answers: { server: string; value: T }[] = []
    try {
      await this.#tell(undefined, async (member, server) => {
        answers.push({ server, value: await ask(member) })
      })
    } catch (error) {
      if (onFailure === undefined || answers.length === 0) throw error
      const failure = toFailure(error)
      failure.servers?.forEach((server) => onFailure(server, failure))
    }
    return answers
  }

  async #tell(
    servers: readonly string[] = this.#servers,
    call: (member: M, server: string) => Promise<unknown>,
  ): Promise<void> {
    const failed = await Promise.all(
      servers.map(async (server) => {
        const failure = await this.#inTime(failureOf(call(this.member(server), server)), (late) => late)
        return failure === null ? [] : [{ server, counters: null, failure }]
      }),
    )
    const all = failed.flat()
    if (all.length === 0) return
    const failure = jointFailure(all)
    const isPartial = all.length < this.#servers.length
    throw new CallError(isPartial ? { ...failure, servers: all.map(({ server }) => server) } : failure)
  }

  /** What is under way from before is not waited for, unless there is nothing else to wait for. */
  async #readInTime(signal: AbortSignal | undefined): Promise<readonly MemberReading[]> {
    const pending = new Map(this.#readings)
    const isLate = (server: string): boolean => pending.has(server) && pending.size < this.#servers.length
    const read = (server: string): Promise<MemberReading> =>
      this.#inTime(pending.get(server) ?? this.#begin(server, signal), (failure) => ({ server, failure }))
    const others = Promise.all(this.#servers.filter((server) => !isLate(server)).map(read))
    const late = this.#servers.filter(isLate).map((server) => {
      const reading = pending.get(server) ?? this.#begin(server, signal)
      return Promise.race([reading, others.then((): MemberReading => ({ server, failure: this.#lateness }))])
    })
    const found = new Map([...(await others), ...(await Promise.all(late))].map((reading) => [reading.server, reading]))
    return this.#servers.flatMap((server) => found.get(server) ?? [])
  }

  #begin(server: string, signal: AbortSignal | undefined): Promise<MemberReading> {
    const read = async (): Promise<MemberReading> => {
      try {
        return { server, status: await this.member(server).readStatus(signal) }
      } catch (error) {
        return { server, failure: toFailure(error) }
      }
    }
    const reading = read().finally(() => this.#readings.delete(server))
    this.#readings.set(server, reading)
    return reading
  }

  /** What comes of a call, or that nothing has come of it in time. */
  async #inTime<T>(call: Promise<T>, otherwise: (failure: CallFailure) => T): Promise<T> {
    if (!this.#isGoingBack) return call
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<T>((resolve) => {
      timer = setTimeout(() => resolve(otherwise(this.#lateness)), this.#graceMs)
    })
    try {
      return await Promise.race([call, late])
    } finally {
      clearTimeout(timer)
    }
  }

  get #graceMs(): number {
    return this.#options.graceMs ?? GRACE_MS
  }

  get #lateness(): CallFailure {
    return { kind: 'timeout', status: null, message: `it has not answered within ${this.#graceMs / 1000} s` }
  }

  /** Looks the servers up anew. Where that fails, or finds none, those that are known stay; in an emergency they all do. */
  async #refresh(): Promise<void> {
    const { lookUp, refreshMs = REFRESH_MS } = this.#options
    const nowMs = systemClock.monotonicMs()
    if (lookUp === null || nowMs - this.#lookedUpMs < refreshMs) return
    this.#lookedUpMs = nowMs
    const admitted = await this.#admitted(await lookUp().catch(() => []))
    if (admitted.length === 0) return
    const staying = this.#isGoingBack ? this.#servers : []
    this.#servers = [...new Set([...staying, ...admitted])].toSorted()
  }

  async #admitted(found: readonly string[]): Promise<readonly string[]> {
    const { admit } = this.#options
    if (admit === undefined || this.#isGoingBack) return found
    const admitted: string[] = []
    for (const server of found) {
      if (this.#servers.includes(server) || (await admit(server))) admitted.push(server)
    }
    return admitted
  }
}

/** Null: it did not fail. */
async function failureOf(call: Promise<unknown>): Promise<CallFailure | null> {
  try {
    await call
    return null
  } catch (error) {
    return toFailure(error)
  }
}

/** @throws what is no failed call: settings with which nothing can be sent concern all servers alike */
function toFailure(error: unknown): CallFailure {
  if (error instanceof CallError) return error.failure
  throw error
}

/** As `Promise.all`, but no more at once than that. */
async function inTurns<A, B>(all: readonly A[], atOnce: number, act: (one: A) => Promise<B>): Promise<readonly B[]> {
  const results = new Map<number, B>()
  const waiting = all.entries()
  const work = async (): Promise<void> => {
    for (const [index, one] of waiting) results.set(index, await act(one))
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, all.length) }, work))
  return all.flatMap((_, index) => results.get(index) ?? [])
}
