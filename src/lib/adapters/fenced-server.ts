import { WsctlError } from '../core/error.js'
import { effectivePercentage, isAbove, type Configuration, type ServerStatus, type Settings } from '../core/server.js'
import type { RolloutServer } from '../ports/admin-api.js'
import type { ServerLock } from '../ports/state-store.js'
import { diskPatience } from './patience.js'

/**
 * A server that is raised only by who certainly still has its lock: that is looked up right before the write, and the
 * write is given up when the certainty ends. Going down and looking ask nobody.
 */
export class FencedServer implements RolloutServer {
  /** Of the server, or of each of a fleet that answered. */
  #present: readonly Settings[] = []

  constructor(
    private readonly server: RolloutServer,
    private readonly lock: Pick<ServerLock, 'confirm'>,
  ) {}

  async readStatus(signal?: AbortSignal): Promise<ServerStatus> {
    const status = await this.server.readStatus(signal)
    this.#present = [status.settings, ...(status.members ?? []).flatMap(({ settings }) => settings ?? [])]
    return status
  }

  async configure(configuration: Configuration, signal?: AbortSignal, servers?: readonly string[]): Promise<void> {
    if (!this.#mayRaise(configuration)) return this.server.configure(configuration, signal, servers)
    const certainMs = await diskPatience.wait(this.lock.confirm(), 'the lock')
    if (certainMs === null) return this.server.configure(configuration, signal, servers)
    if (certainMs <= 0) throw new WsctlError('lock-lost', 'it took too long to look up the lock', { outcome: 'held' })
    const certain = AbortSignal.timeout(Math.floor(certainMs))
    return this.server.configure(configuration, signal ? AbortSignal.any([signal, certain]) : certain, servers)
  }

  emergencyRollback(signal?: AbortSignal, servers?: readonly string[]): Promise<void> {
    return this.server.emergencyRollback(signal, servers)
  }

  clearCache(signal?: AbortSignal): Promise<boolean> {
    return this.server.clearCache(signal)
  }

  /** Whatever does not certainly go down may raise. */
  #mayRaise(configuration: Configuration): boolean {
    if (effectivePercentage(configuration) === 0) return false
    return this.#present.length === 0 || this.#present.some((settings) => !isAbove(settings, configuration))
  }
}
