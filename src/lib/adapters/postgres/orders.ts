import { ORDER_SCHEMA, orderSchema } from '../../contract/order.js'
import type { Command } from '../../core/control.js'
import type { OrderBox } from '../../ports/state-store.js'
import type { Database } from './database.js'

/** How long a run that is not told of a new order goes without looking, ms. */
const LOOK_MS = 2000
/** An order that nobody took within this time is not what its giver wants any more. */
const STALE = `interval '60 seconds'`
const CHANNEL = 'wsctl_command'

/** The orders to one run, a row each. The run is told of them at once, and looks now and then in case it was not. */
export class PostgresOrders implements OrderBox {
  readonly place: string

  constructor(
    private readonly database: Database,
    private readonly rolloutId: string,
  ) {
    this.place = `${database.place}, table wsctl.command`
  }

  async give(command: Command, now: Date): Promise<void> {
    const order = { schema: ORDER_SCHEMA, ...command, givenAt: now.toISOString() }
    await this.database.query(
      `with given as (insert into wsctl.command (id, run, line) values ($1, $2, $3) returning run)
       select pg_notify('${CHANNEL}', run) from given`,
      command.id,
      this.rolloutId,
      JSON.stringify(order),
    )
  }

  async withdraw({ id }: Command): Promise<boolean> {
    const withdrawn = await this.database.query('delete from wsctl.command where id = $1 returning id', id)
    return withdrawn.length > 0
  }

  async follow(pass: (command: Command) => void): Promise<() => Promise<void>> {
    let isClosed = false
    let looking = Promise.resolve()
    let stopListening: (() => void) | null = null
    const look = (): void => {
      looking = looking.then(async () => {
        if (!isClosed) for (const command of await this.#take()) pass(command)
      })
    }
    const hear = (run: string): void => {
      if (run === this.rolloutId) look()
    }
    const listen = async (): Promise<void> => {
      stopListening = () => undefined
      const forget = (): void => {
        stopListening = null
      }
      const stop = await this.database.listen(CHANNEL, hear, forget).catch(() => null)
      stopListening = stop
      if (isClosed) stop?.()
      // What was given while nobody listened is found by looking.
      else look()
    }
    const timer = setInterval(() => {
      look()
      if (stopListening === null) void listen()
    }, LOOK_MS)
    timer.unref()
    void listen()
    look()
    await looking
    return async () => {
      isClosed = true
      clearInterval(timer)
      stopListening?.()
      await looking
      await this.database.query('delete from wsctl.command where run = $1', this.rolloutId).catch(() => undefined)
    }
  }

  /** Taken is who deletes it: an order that was withdrawn meanwhile is not followed. */
  async #take(): Promise<readonly Command[]> {
    const rows = await this.database
      .query<{ readonly line: string; readonly given_at: Date; readonly is_fresh: boolean }>(
        `delete from wsctl.command where run = $1
         returning line, given_at, given_at > clock_timestamp() - ${STALE} as is_fresh`,
        this.rolloutId,
      )
      .catch(() => [])
    const inTurn = rows.toSorted((a, b) => a.given_at.getTime() - b.given_at.getTime())
    return inTurn.flatMap(({ line, is_fresh: isFresh }) => (isFresh ? commandIn(line) : []))
  }
}

function commandIn(line: string): readonly Command[] {
  const { data } = orderSchema.safeParse(JSON.parse(line))
  return data ? [{ id: data.id, order: data.order, step: data.step, by: data.by, reason: data.reason }] : []
}
