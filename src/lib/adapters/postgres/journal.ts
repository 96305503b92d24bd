import { encodeEvent } from '../../contract/event.js'
import type { RolloutEvent } from '../../core/event.js'
import type { Journal } from '../../ports/journal.js'
import { beginsAnyway } from '../audited-journal.js'
import { lockLost } from '../server-locks.js'
import type { Database } from './database.js'
import { LEASE, type HeldFence } from './session.js'
import type { Unmerged } from './unmerged.js'

/** A run whose events are recorded. */
export interface RecordedRun extends HeldFence {
  readonly id: string
}

/**
 * A journal in the database. An event is taken only from who has the highest fencing number, and each renews the
 * lease. Once the database has failed, that is told, and what the loop believes all the same goes on on disk.
 */
export class PostgresJournal implements Journal {
  #hasFailed: boolean

  /** @param isApart whether the database is lost already, so that all of it waits on disk */
  constructor(
    private readonly run: RecordedRun,
    private readonly database: Database,
    private readonly unmerged: Unmerged,
    private isApart = false,
  ) {
    this.#hasFailed = isApart
  }

  async append(event: RolloutEvent): Promise<void> {
    const { id, fence } = this.run
    const line = encodeEvent(event, id)
    if (!this.isApart) {
      try {
        await this.#insert(event, line)
        return
      } catch (error) {
        this.isApart = true
        const isBelievedAnyway = this.#hasFailed || beginsAnyway(event)
        this.#hasFailed = true
        if (!isBelievedAnyway) throw error
      }
    }
    await this.unmerged.add({ kind: 'event', run: id, seq: event.seq, fence, line })
    void this.#merge()
  }

  async close(): Promise<void> {
    await this.#merge()
  }

  async #insert({ seq }: RolloutEvent, line: string): Promise<void> {
    const { id, fence, isLeased } = this.run
    const held = isLeased
      ? `update wsctl.claim set leased_until = clock_timestamp() + ${LEASE} where run = $1::text and fence = $3::bigint returning 1`
      : 'select 1'
    const taken = await this.database.query(
      `with held as (${held})
       insert into wsctl.event (run, seq, fence, line) select $1::text, $2::integer, $3::bigint, $4::text from held returning seq`,
      id,
      seq,
      fence,
      line,
    )
    if (taken.length === 0) throw lockLost(this.database.place, 'another run has taken over')
  }

  /** What is on disk comes first: only then is the database written to again. */
  async #merge(): Promise<void> {
    try {
      await this.unmerged.mergeOwn()
      if (this.unmerged.isEmpty) this.isApart = false
    } catch {
      // Whatever reaches both later merges it.
    }
  }
}
