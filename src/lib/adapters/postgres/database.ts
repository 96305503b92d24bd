import type pg from 'pg'
import { describeStateAddress, type StateAddress } from '../../contract/state-address.js'
import type { WsctlError } from '../../core/error.js'
import { Patience } from '../patience.js'
import { systemClock } from '../system-clock.js'
import { connect, type Connection } from './connect.js'
import { stateFailure } from './failure.js'

/** How long whoever asks waits at first, ms: less than a run waits for its journal. */
const PATIENCE_MS = 1500
/** How long a connection that does not answer is kept, ms. */
const HOPE_MS = 2000
/** The same for what may take its time, ms. */
const UNHURRIED_MS = 60_000

/** Asks the database one thing. */
export type Query = <R extends pg.QueryResultRow>(sql: string, ...values: readonly unknown[]) => Promise<readonly R[]>

/**
 * A database that may hang, vanish and come back. One thing is asked at a time, over one connection that is opened
 * anew when it breaks. Nobody waits for it long, and what nobody waits for any more is not sent.
 *
 * Everything fails with a `WsctlError`: `state-unreachable` or `state-refused` (exit 2).
 */
export class Database {
  /** For messages. */
  readonly place: string
  readonly #patience = new Patience(systemClock, PATIENCE_MS)
  #connecting: Promise<Connection> | null = null
  #queue: Promise<unknown> = Promise.resolve()
  #givenUp: WsctlError | null = null

  constructor(private readonly address: StateAddress) {
    this.place = describeStateAddress(address)
  }

  query: Query = (sql, ...values) => this.transaction((query) => query(sql, ...values), { isAlone: true })

  /**
   * Does all of it or nothing.
   *
   * @param options.isAlone whether it is a single statement, which is a transaction by itself
   */
  transaction<T>(act: (query: Query) => Promise<T>, { isAlone = false } = {}): Promise<T> {
    return this.#patiently(async (connection) => {
      const query = queryOf(connection)
      if (isAlone) return act(query)
      await query('begin')
      try {
        const result = await act(query)
        await query('commit')
        return result
      } catch (error) {
        await query('rollback').catch(() => connection.destroy())
        throw error
      }
    })
  }

  /** As `transaction`, for what may take its time. */
  async unhurried<T>(act: (query: Query) => Promise<T>): Promise<T> {
    try {
      return await this.#inTurn((connection) => act(queryOf(connection)), new AbortController().signal, UNHURRIED_MS)
    } catch (error) {
      throw stateFailure(error, this.place)
    }
  }

  /**
   * Is told what others tell on a channel, over a connection of its own.
   *
   * @param onEnd is told, once, that nothing comes any more
   * @returns ends it
   */
  async listen(channel: string, hear: (payload: string) => void, onEnd: () => void): Promise<() => void> {
    const { client, destroy } = await connect(this.address, onEnd)
    client.on('notification', ({ payload = '' }) => hear(payload))
    await client.query(`listen ${channel}`)
    return destroy
  }

  /** From now on everything fails at once. */
  giveUp(why: WsctlError): void {
    this.#givenUp = why
  }

  get isGivenUp(): boolean {
    return this.#givenUp !== null
  }

  async close(): Promise<void> {
    const connection = await this.#connecting?.catch(() => null)
    connection?.destroy()
  }

  async #patiently<T>(act: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.#givenUp !== null) throw this.#givenUp
    const waiting = new AbortController()
    const work = this.#inTurn(act, waiting.signal)
    // A database that is only far away must not be taken for one that hangs.
    void work.then(
      () => this.#patience.recover(),
      () => undefined,
    )
    try {
      return await this.#patience.wait(work, 'it')
    } catch (error) {
      throw stateFailure(error, this.place)
    } finally {
      waiting.abort()
    }
  }

  #inTurn<T>(act: (connection: Connection) => Promise<T>, signal: AbortSignal, hopeMs = HOPE_MS): Promise<T> {
    const turn = this.#queue.then(async () => {
      refuseUnwanted(signal)
      const connection = await this.#connected()
      refuseUnwanted(signal)
      const limit = setTimeout(connection.destroy, hopeMs)
      try {
        return await act(connection)
      } finally {
        clearTimeout(limit)
      }
    })
    this.#queue = turn.catch(() => undefined)
    return turn
  }

  #connected(): Promise<Connection> {
    const forget = (): void => {
      this.#connecting = null
    }
    this.#connecting ??= connect(this.address, forget).catch((error: unknown) => {
      forget()
      throw error
    })
    return this.#connecting
  }
}

function refuseUnwanted(signal: AbortSignal): void {
  if (signal.aborted) throw new Error('nobody waits for it any more')
}

function queryOf({ client }: Connection): Query {
  return async <R extends pg.QueryResultRow>(sql: string, ...values: readonly unknown[]) => {
    const { rows } = await client.query<R>(sql, [...values])
    return rows
  }
}
