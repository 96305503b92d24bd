import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** An empty folder for each test of the surrounding suite, gone after it. */
export class TemporaryFolder {
  #path: string | null = null

  constructor() {
    beforeEach(async () => {
      this.#path = await mkdtemp(join(tmpdir(), 'wsctl-test-'))
    })
    afterEach(async () => {
      await rm(this.at(), { recursive: true, force: true })
    })
  }

  /** A path within it; the folder itself without one. */
  at(...names: readonly string[]): string {
    if (this.#path === null) throw new RangeError('the folder exists only while a test runs')
    return join(this.#path, ...names)
  }
}
