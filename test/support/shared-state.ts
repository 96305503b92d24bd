import { Postgres } from './postgres.js'
import { Shell } from './wsctl.js'

/** A PostgreSQL for a suite, and for each of its tests a database of its own and another machine that knows its URL. */
export class SharedState {
  #postgres: Postgres | undefined
  #current: { readonly url: string; readonly elsewhere: Shell } | undefined

  static forEachTest(): SharedState {
    const shared = new SharedState()
    before(async () => {
      shared.#postgres = await Postgres.open()
    })
    after(() => shared.postgres.close())
    beforeEach(async () => {
      shared.#current = { elsewhere: await Shell.open(), url: await shared.postgres.database() }
    })
    afterEach(() => shared.elsewhere.close())
    return shared
  }

  get postgres(): Postgres {
    if (this.#postgres === undefined) throw new RangeError('the database is open within tests alone')
    return this.#postgres
  }

  get url(): string {
    return this.#parts.url
  }

  /** Another machine: its own home, its own folder of records, and nothing of the first but the URL. */
  get elsewhere(): Shell {
    return this.#parts.elsewhere
  }

  /** Runs SQL in the database of the test. */
  run(sql: string): ReturnType<Postgres['run']> {
    return this.postgres.run(new URL(this.url).pathname.slice(1), sql)
  }

  /** Makes each claim that of a process on another machine, of which nobody can tell whether it lives. */
  async moveClaimsElsewhere(): Promise<void> {
    await this.run(`update wsctl.claim set claim = replace(claim, '"place":"', '"place":"another ')`)
  }

  get #parts(): { readonly url: string; readonly elsewhere: Shell } {
    if (this.#current === undefined) throw new RangeError('there is a database within a test alone')
    return this.#current
  }
}
