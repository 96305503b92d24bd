import type { StateAddress } from '../../contract/state-address.js'
import type { WsctlError } from '../../core/error.js'
import type { DeliveryRecord } from '../../ports/notices.js'
import type { AuditStore, KeptText, LockStore, OrderBox, RunStore, StateStore } from '../../ports/state-store.js'
import { PostgresAudit } from './audit.js'
import { Database } from './database.js'
import { PostgresLocks } from './locks.js'
import { PostgresOrders } from './orders.js'
import { PostgresRuns } from './runs.js'
import { prepareSchema } from './schema.js'
import type { HeldFences } from './session.js'
import { Unmerged } from './unmerged.js'

/** The state in a PostgreSQL database, for all who name the same one. */
export class PostgresState implements StateStore {
  readonly runs: RunStore
  readonly locks: LockStore
  readonly audit: AuditStore
  readonly #database: Database
  readonly #unmerged: Unmerged

  /** @param stateDir folder of this machine, for what cannot wait for the database */
  constructor(address: StateAddress, stateDir: string) {
    const held: HeldFences = new Map()
    this.#database = new Database(address)
    this.#unmerged = new Unmerged(stateDir, this.#database)
    this.runs = new PostgresRuns(stateDir, this.#database, held, this.#unmerged)
    this.locks = new PostgresLocks(this.#database, held)
    this.audit = new PostgresAudit(this.#database, this.#unmerged)
  }

  /**
   * Connects, and has the tables made where there are none.
   *
   * @param options.mayMigrate false for one that has no time to
   * @returns what an operator has to know of what waited on this machine to be merged, a line each
   * @throws WsctlError `state-unreachable`, `state-refused` or `state-newer` (exit 2)
   */
  async prepare(options: { readonly mayMigrate: boolean }): Promise<readonly string[]> {
    await prepareSchema(this.#database, options)
    return this.#unmerged.mergeLeft()
  }

  /** From now on everything fails at once, but for what can wait on this machine. */
  giveUp(why: WsctlError): void {
    this.#database.giveUp(why)
  }

  orders(rolloutId: string): OrderBox {
    return new PostgresOrders(this.#database, rolloutId)
  }

  deliveries(rolloutId: string): DeliveryRecord {
    return {
      isSettled: async (target, key) => {
        const rows = await this.#database.query(
          'select 1 as settled from wsctl.delivery where run = $1 and target = $2 and key = $3',
          ...[rolloutId, target, key],
        )
        return rows.length > 0
      },
      settle: async (target, key, result) => {
        await this.#database.query(
          'insert into wsctl.delivery (run, target, key, result) values ($1, $2, $3, $4) on conflict do nothing',
          ...[rolloutId, target, key, result],
        )
      },
    }
  }

  noticeSetup(rolloutId: string): KeptText {
    return {
      read: async () => {
        const rows = await this.#database
          .query<{ readonly notices: string | null }>('select notices from wsctl.run where id = $1', rolloutId)
          .catch(() => [])
        return rows[0]?.notices ?? null
      },
      write: async (text) => {
        await this.#database.query('update wsctl.run set notices = $2 where id = $1', rolloutId, text)
      },
    }
  }

  async close(): Promise<void> {
    await this.#database.close()
  }
}
