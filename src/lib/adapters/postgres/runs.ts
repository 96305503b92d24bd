import { dirname, join } from 'node:path'
import { decodeEvent } from '../../contract/event.js'
import { WsctlError } from '../../core/error.js'
import type { EventOf, RolloutEvent } from '../../core/event.js'
import { fold, isStart } from '../../core/fold.js'
import type { RolloutPlan, RolloutState } from '../../core/rollout.js'
import type { Clock } from '../../ports/clock.js'
import type { Journal } from '../../ports/journal.js'
import type { Glance, Outline, RunStore } from '../../ports/state-store.js'
import { makeFolder } from '../make-folder.js'
import { findAmong, glanceOf, noBeginning } from '../run-records.js'
import type { Database } from './database.js'
import { PostgresJournal, type RecordedRun } from './journal.js'
import type { HeldFences } from './session.js'
import type { Unmerged } from './unmerged.js'

/** How often a run that is followed is looked at, ms. */
const FOLLOW_MS = 500
/** Enough for the last events of a run, and little enough for every command. */
const TAIL_EVENTS = 100

interface EventRow {
  readonly seq: number
  readonly line: string
}

/** The records of all runs in the database: a row an event. */
export class PostgresRuns implements RunStore {
  readonly place: string

  /** @param stateDir folder of this machine, for what a run in the background prints */
  constructor(
    private readonly stateDir: string,
    private readonly database: Database,
    private readonly held: HeldFences,
    private readonly unmerged: Unmerged,
  ) {
    this.place = database.place
  }

  async create(id: string): Promise<Journal> {
    if (this.database.isGivenUp) return this.#open({ id, fence: '0', isLeased: false }, true)
    const claimed = this.held.get(id)
    const [row] = await this.database.query<{ readonly fence: string }>(
      `insert into wsctl.run (id, fence) values ($1, coalesce($2::bigint, nextval('wsctl.fence'))) returning fence`,
      id,
      claimed?.fence ?? null,
    )
    return this.#open({ id, fence: row?.fence ?? '0', isLeased: claimed?.isLeased ?? false })
  }

  async checkWritable(): Promise<void> {
    const [row] = await this.database.query<{ readonly may: boolean }>(
      `select has_table_privilege('wsctl.event', 'insert') and has_table_privilege('wsctl.run', 'insert') as may`,
    )
    if (row?.may === true) return
    throw new WsctlError('journal-unwritable', `the shared state ${this.place} may not be written to by this user`, {
      outcome: 'usage',
      suggestions: ['the rights that wsctl needs are in docs/shared-state.md'],
    })
  }

  async ids(): Promise<readonly string[]> {
    const rows = await this.database.query<{ readonly id: string }>('select id from wsctl.run order by id desc')
    return rows.map(({ id }) => id)
  }

  async find(prefix: string): Promise<string> {
    return findAmong(await this.ids(), prefix, this.place)
  }

  async events(id: string): Promise<readonly RolloutEvent[]> {
    const { events, damage } = await this.eventsUntilDamage(id)
    if (damage !== null) throw damage
    return events
  }

  async eventsUntilDamage(id: string): ReturnType<RunStore['eventsUntilDamage']> {
    return this.#decode(id, await this.#rows('where run = $1 order by seq', id))
  }

  async state(id: string): Promise<RolloutState | null> {
    return fold(await this.events(id))
  }

  async plan(id: string): Promise<RolloutPlan> {
    const started = await this.#start(id)
    if (started === null) throw noBeginning(id)
    return started.plan
  }

  async outline(id: string): Promise<Outline | null> {
    const [started, glance] = [await this.#start(id), await this.glance(id)]
    return started && glance && { plan: started.plan, startedAt: started.time, ...glance }
  }

  async glance(id: string): Promise<Glance | null> {
    const rows = await this.#rows('where run = $1 order by seq desc limit $2', id, TAIL_EVENTS)
    const { events, damage } = this.#decode(id, rows.toReversed())
    if (damage !== null) throw damage
    return glanceOf(events)
  }

  async reopen(id: string): Promise<{ readonly journal: Journal; readonly state: RolloutState }> {
    const claimed = this.held.get(id)
    const [row] = await this.database.query<{ readonly fence: string }>(
      `update wsctl.run set fence = coalesce($2::bigint, nextval('wsctl.fence')) where id = $1 returning fence`,
      id,
      claimed?.fence ?? null,
    )
    const state = await this.state(id)
    if (row === undefined || state === null) throw noBeginning(id)
    return { journal: await this.#open({ id, fence: row.fence, isLeased: claimed?.isLeased ?? false }), state }
  }

  async *follow(
    id: string,
    { clock, signal }: { readonly clock: Pick<Clock, 'sleep'>; readonly signal: AbortSignal },
  ): AsyncGenerator<readonly RolloutEvent[]> {
    let seen = 0
    while (!signal.aborted) {
      const rows = await this.#rows('where run = $1 and seq > $2 order by seq', id, seen)
      const { events, damage } = this.#decode(id, rows)
      if (damage !== null) throw damage
      seen = events.at(-1)?.seq ?? seen
      yield events
      await clock.sleep(FOLLOW_MS, signal)
    }
  }

  placeOf(id: string): string {
    return `${this.place}, run ${id}`
  }

  logOf(id: string): string {
    return join(this.stateDir, 'runs', `${id}.log`)
  }

  async #open(run: RecordedRun, isApart = false): Promise<Journal> {
    // A companion that takes over prints there.
    await makeFolder(dirname(this.logOf(run.id))).catch(() => undefined)
    return new PostgresJournal(run, this.database, this.unmerged, isApart)
  }

  async #start(id: string): Promise<EventOf<'started'> | null> {
    const { events, damage } = this.#decode(id, await this.#rows('where run = $1 and seq = 1', id))
    if (damage !== null) throw damage
    const [started] = events
    return isStart(started) ? started : null
  }

  #rows(which: string, ...values: readonly unknown[]): Promise<readonly EventRow[]> {
    return this.database.query<EventRow>(`select seq, line from wsctl.event ${which}`, ...values)
  }

  /** The events up to the first row that is none, and what is wrong with that one. */
  #decode(id: string, rows: readonly EventRow[]): Awaited<ReturnType<RunStore['eventsUntilDamage']>> {
    const events: RolloutEvent[] = []
    for (const { seq, line } of rows) {
      try {
        events.push(decodeEvent(line))
      } catch (error) {
        if (!(error instanceof WsctlError)) throw error
        const { code, message, outcome, suggestions } = error
        const damage = new WsctlError(code, `${this.placeOf(id)}, event ${seq}: ${message}`, { outcome, suggestions })
        return { events, damage }
      }
    }
    return { events, damage: null }
  }
}
