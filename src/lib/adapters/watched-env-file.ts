import { isDeepStrictEqual } from 'node:util'
import type { Snapshot } from '../core/server.js'
import type { EnvironmentFile } from '../ports/environment-file.js'
import type { EnvFile } from './env-file.js'

/** The server's variables by name, null where not set. */
export type Variables = Readonly<Record<string, string | null>>

export interface VariableChange {
  readonly before: Variables
  readonly after: Variables
}

/** An environment file that remembers what its writes changed, until that is on record. */
export class WatchedEnvFile implements EnvironmentFile {
  readonly path: string
  #change: VariableChange | null = null

  constructor(private readonly file: EnvironmentFile & Pick<EnvFile, 'read'>) {
    this.path = file.path
  }

  /** What was changed and is not on record yet; null for nothing. */
  get change(): VariableChange | null {
    return this.#change && isDeepStrictEqual(this.#change.before, this.#change.after) ? null : this.#change
  }

  /** The change is on record. */
  forgetChange(): void {
    this.#change = null
  }

  readPins(): ReturnType<EnvironmentFile['readPins']> {
    return this.file.readPins()
  }

  async write(configuration: Snapshot): Promise<void> {
    const before = this.#change?.before ?? (await variablesOf(this.file))
    await this.file.write(configuration)
    this.#change = { before, after: await variablesOf(this.file) }
  }
}

export async function variablesOf(file: Pick<EnvFile, 'read'>): Promise<Variables> {
  return Object.fromEntries((await file.read()).map(({ name, value }) => [name, value]))
}
