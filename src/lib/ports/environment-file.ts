import type { Pins, Snapshot } from '../core/server.js'

/** The server's environment file, as far as a rollout is concerned. */
export interface EnvironmentFile {
  /** For messages. */
  readonly path: string
  /** The lists that the file holds, in its order; null for one that it does not name. */
  readPins(): Promise<{ readonly [List in keyof Pins]: Pins[List] | null }>
  /**
   * Backs the file up, then changes the seven variables in place; a list that is null stays as it
   * is. Fails with a `WsctlError`.
   */
  write(configuration: Snapshot): Promise<void>
}
