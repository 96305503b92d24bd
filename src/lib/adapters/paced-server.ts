import { CallError } from '../core/error.js'
import type { Configuration, ServerStatus } from '../core/server.js'
import type { RolloutServer } from '../ports/admin-api.js'
import type { Clock } from '../ports/clock.js'
import type { Inbox } from '../ports/inbox.js'
import { excessOf, Pace } from './pace.js'

/** What is to be known of others who ask the same server. */
interface PaceShare {
  /** Requests that this process has just sent. */
  readonly alreadySent: number
  /** Whether others go first once the server has refused a request: a run that only watches leaves them half. */
  readonly yields: boolean
}

/**
 * A server that is asked no faster than it takes. An emergency goes first, and so does all that follows
 * it: nothing holds a rollback up.
 *
 * Who asks for more polls than the server takes gets them until it refuses one: not every server has a
 * limit, and a poll that is late leaves users unwatched. From then on the pace is kept, what went out before included.
 */
export class PacedServer implements RolloutServer {
  readonly #pace: Pace
  #isPaced: boolean
  #isRollingBack = false

  constructor(
    private readonly server: RolloutServer,
    clock: Pick<Clock, 'monotonicMs' | 'sleep'>,
    /** May want a rollback, so that one ends the wait for a turn. */
    private readonly inbox: Pick<Inbox, 'signal'>,
    pollIntervalMs: number,
    private readonly share: PaceShare = { alreadySent: 0, yields: false },
  ) {
    this.#pace = new Pace(clock)
    this.#isPaced = excessOf(pollIntervalMs) === null
    for (let sent = 0; sent < share.alreadySent; sent++) this.#pace.count()
  }

  readStatus(signal?: AbortSignal): Promise<ServerStatus> {
    return this.#inTurn(() => this.server.readStatus(signal))
  }

  configure(configuration: Configuration, signal?: AbortSignal): Promise<void> {
    return this.#inTurn(() => this.server.configure(configuration, signal))
  }

  emergencyRollback(signal?: AbortSignal): Promise<void> {
    this.#isRollingBack = true
    this.#pace.count()
    return this.server.emergencyRollback(signal)
  }

  clearCache(signal?: AbortSignal): Promise<boolean> {
    return this.#inTurn(() => this.server.clearCache(signal))
  }

  async #inTurn<T>(call: () => Promise<T>): Promise<T> {
    if (this.#isPaced && !this.#isRollingBack) await this.#pace.turn(this.inbox.signal)
    else this.#pace.count()
    try {
      return await call()
    } catch (error) {
      if (error instanceof CallError && error.failure.kind === 'rate-limited') {
        this.#isPaced = true
        this.#pace.useUp(this.share.yields)
      }
      throw error
    }
  }
}
