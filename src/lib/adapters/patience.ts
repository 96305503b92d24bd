import { WsctlError } from '../core/error.js'
import type { Clock } from '../ports/clock.js'
import type { Journal } from '../ports/journal.js'
import { systemClock } from './system-clock.js'

/** How long a disk may take before whoever waits goes on without it, ms. */
const PATIENCE_MS = 2000
/** The same for a disk that has just been too slow, ms. */
const LITTLE_PATIENCE_MS = 100

/**
 * Waits for the folder of the records, but not for ever: a network folder that hangs, or a disk that is
 * frozen, must not keep users on a system that fails. Once it has been too slow, little more is waited for.
 */
export class Patience {
  #isWorn = false

  /** @param firstMs how long at most, before it has ever been too slow, ms */
  constructor(
    private readonly clock: Pick<Clock, 'sleep'> = systemClock,
    private readonly firstMs = PATIENCE_MS,
  ) {}

  /** It answers again, if too late for who waited. */
  recover(): void {
    this.#isWorn = false
  }

  /**
   * @param what is waited for, for the message
   * @throws WsctlError `disk-hangs` (exit 2) when it takes too long
   */
  async wait<T>(work: Promise<T>, what: string): Promise<T> {
    const done = new AbortController()
    const limitMs = this.#isWorn ? LITTLE_PATIENCE_MS : this.firstMs
    // In two parts, so that a process which was kept from running sees what came meanwhile before it gives up.
    const almost = this.clock.sleep(limitMs * 0.9, done.signal)
    const tooLong = almost
      .then(() => this.clock.sleep(limitMs * 0.1, done.signal))
      .then(() => {
        if (!done.signal.aborted) this.#isWorn = true
        throw new WsctlError('disk-hangs', `${what} did not answer within ${limitMs} ms`, {
          outcome: 'usage',
          suggestions: ['name a folder on a disk of this machine: --state-dir DIR (or WSCTL_STATE_DIR)'],
        })
      })
    try {
      const result = await Promise.race([work, tooLong])
      this.#isWorn = false
      return result
    } finally {
      done.abort()
      // Whichever comes second has nobody left to tell.
      void work.catch(() => undefined)
      void tooLong.catch(() => undefined)
    }
  }
}

/** One for the process: what is slow for one is slow for all. */
export const diskPatience = new Patience()

/** A journal that fails rather than hangs. While an append is out, none is queued behind it. */
export class PatientJournal implements Journal {
  #isBusy = false

  constructor(
    private readonly journal: Journal,
    private readonly patience = diskPatience,
  ) {}

  async append(event: Parameters<Journal['append']>[0]): Promise<void> {
    if (this.#isBusy) throw new WsctlError('disk-hangs', 'the journal still hangs', { outcome: 'usage' })
    this.#isBusy = true
    const written = this.journal.append(event).finally(() => {
      this.#isBusy = false
    })
    await this.patience.wait(written, 'the journal')
  }

  async close(): Promise<void> {
    await this.patience.wait(this.journal.close(), 'the journal').catch(() => undefined)
  }
}
