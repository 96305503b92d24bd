import { FileState } from '../../src/lib/adapters/file-state.js'
import { PostgresState } from '../../src/lib/adapters/postgres/state.js'
import { parseStateAddress } from '../../src/lib/contract/state-address.js'
import type { StateStore } from '../../src/lib/ports/state-store.js'
import { Postgres } from './postgres.js'
import { TemporaryFolder } from './temporary-folder.js'

/** Somewhere that state can be kept, for a suite. */
export interface StateScene {
  /** As another process of wsctl opens the state of this test. */
  open(): Promise<StateStore>
}

/** Registers what each test of the surrounding suite needs. */
export const STATE_SCENES: Readonly<Record<string, () => StateScene>> = {
  files: () => {
    const folder = new TemporaryFolder()
    return { open: () => Promise.resolve(new FileState(folder.at('state'))) }
  },
  PostgreSQL: () => {
    const scene = new PostgresScene()
    return { open: () => scene.open() }
  },
}

/** A PostgreSQL for the surrounding suite, and an empty database for each test. */
export class PostgresScene {
  readonly folder = new TemporaryFolder()
  readonly #opened: PostgresState[] = []
  #postgres: Postgres | null = null
  /** URL of the database of this test. */
  url = ''

  constructor() {
    before(async function () {
      this.timeout(60_000)
    })
    before(async () => {
      this.#postgres = await Postgres.open()
    })
    beforeEach(async () => {
      this.url = await this.server.database()
    })
    afterEach(async () => {
      for (const state of this.#opened.splice(0)) await state.close()
    })
    after(() => this.#postgres?.close())
  }

  get server(): Postgres {
    if (this.#postgres === null) throw new RangeError('it runs only while a suite does')
    return this.#postgres
  }

  /** @param machine whose folder it is: each has its own */
  async open(machine = 'here', url = this.url): Promise<PostgresState> {
    const state = this.unprepared(machine, url)
    await state.prepare({ mayMigrate: true })
    return state
  }

  unprepared(machine = 'here', url = this.url): PostgresState {
    const state = new PostgresState(parseStateAddress(url), this.folder.at(machine))
    this.#opened.push(state)
    return state
  }

  /** Runs SQL in the database of this test. */
  run(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return this.server.run(new URL(this.url).pathname.slice(1), sql)
  }

  /** As time does, to the lease of a run. */
  async lapse(rolloutId: string): Promise<void> {
    await this.run(`update wsctl.claim set leased_until = now() - interval '1 second' where run = '${rolloutId}'`)
  }
}
