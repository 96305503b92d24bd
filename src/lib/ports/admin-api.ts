import type { Configuration, ServerStatus } from '../core/server.js'

/**
 * What the control loop needs of the server. Every call goes out over a fresh connection, because
 * a kept-alive one hides several processes behind one address (contract of the admin API, fact 5).
 * Every call fails with a `CallError`, and ends early when the signal is aborted.
 */
export interface RolloutServer {
  /** Settings and counters of one moment. */
  readStatus(signal?: AbortSignal): Promise<ServerStatus>
  /**
   * Replaces the whole configuration (fact 1).
   *
   * @param servers of a fleet, which of it; all of it when left out
   */
  configure(configuration: Configuration, signal?: AbortSignal, servers?: readonly string[]): Promise<void>
  /**
   * Sets mode `disabled`; may fail and still have worked (fact 2).
   *
   * @param servers of a fleet, which of it; all of it when left out
   */
  emergencyRollback(signal?: AbortSignal, servers?: readonly string[]): Promise<void>
  /** Resolves to false when this release of the server does not offer it. */
  clearCache(signal?: AbortSignal): Promise<boolean>
}
