import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../ports/clock.js'
import { systemClock } from './system-clock.js'

/** A companion process that takes over when this one dies. */
export interface Watchdog {
  /** The run has come to its end, or is left on purpose: nothing is to be taken over. */
  dismiss(): void
}

/** A companion as it was started. */
export interface Companion {
  readonly pid: number
  /** How it ended, such as `SIGKILL`. Never settles while it lives, and never rejects. */
  readonly ended: Promise<string>
  sayGoodbye(): void
}

/** What becomes of the companion while the run goes on. */
export type CompanionNews =
  /** It ended before the run; `againInMs` from now another is started, null: none any more. */
  | { readonly kind: 'lost'; readonly pid: number; readonly how: string; readonly againInMs: number | null }
  | { readonly kind: 'replaced'; readonly pid: number }
  /** Another one could not be started; `againInMs` as above. */
  | { readonly kind: 'not-replaced'; readonly reason: string; readonly againInMs: number | null }

export interface Takeover {
  /** What the process that takes over prints goes to this file. */
  readonly log: string
  /** Arguments of Node for that process; the environment is that of this one. */
  readonly command: readonly string[]
}

/** Pauses before another companion is started, ms: what ends each of them at once would end a hundred. */
const PAUSES_MS = [1000, 5000, 30_000]

/**
 * Starts a companion, and another when it ends before the run does: a few in all. None of that holds the run up.
 *
 * @param tell is told what becomes of it; it must not throw
 * @throws Error when the first one cannot be started
 */
export async function startWatchdog(
  takeover: Takeover,
  tell: (news: CompanionNews) => void,
  { clock = systemClock, start = startCompanion }: WatchdogMeans = {},
): Promise<Watchdog> {
  const kept = new KeptCompanion(await start(takeover), () => start(takeover), tell, clock)
  void kept.keep()
  return kept
}

/** What a test puts in the place of processes and time. */
export interface WatchdogMeans {
  readonly clock?: Pick<Clock, 'sleep'>
  readonly start?: (takeover: Takeover) => Promise<Companion>
}

class KeptCompanion implements Watchdog {
  readonly #goodbye = new AbortController()
  readonly #pausesMs = [...PAUSES_MS]

  constructor(
    /** Null while there is none. */
    private companion: Companion | null,
    private readonly start: () => Promise<Companion>,
    private readonly tell: (news: CompanionNews) => void,
    private readonly clock: Pick<Clock, 'sleep'>,
  ) {}

  dismiss(): void {
    this.#goodbye.abort()
    this.companion?.sayGoodbye()
  }

  async keep(): Promise<void> {
    while (this.companion !== null) {
      const { pid, ended } = this.companion
      const how = await ended
      if (this.#isDismissed()) return
      this.companion = null
      const againInMs = this.#pausesMs.shift() ?? null
      this.tell({ kind: 'lost', pid, how, againInMs })
      await this.#replace(againInMs)
    }
  }

  async #replace(inMs: number | null): Promise<void> {
    for (let pauseMs = inMs; pauseMs !== null; pauseMs = this.#pausesMs.shift() ?? null) {
      await this.clock.sleep(pauseMs, this.#goodbye.signal)
      if (this.#isDismissed()) return
      try {
        this.companion = await this.start()
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        this.tell({ kind: 'not-replaced', reason, againInMs: this.#pausesMs[0] ?? null })
        continue
      }
      // The run may have ended while it was started.
      if (this.#isDismissed()) this.companion.sayGoodbye()
      else this.tell({ kind: 'replaced', pid: this.companion.pid })
      return
    }
  }

  #isDismissed(): boolean {
    return this.#goodbye.signal.aborted
  }
}

/**
 * Starts a companion in a session of its own. What ties it to this process is a pipe: the system closes
 * it when this process is gone, even by `kill -9`.
 */
async function startCompanion({ log, command }: Takeover): Promise<Companion> {
  const companion = fileURLToPath(new URL('./companion.js', import.meta.url))
  const child = spawn(process.execPath, [companion, log, ...command], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code ?? 'unknown'}`))
  })
  await once(child, 'spawn')
  const { stdin, pid = 0 } = child
  // A companion that is gone already leaves nobody to say goodbye to.
  stdin.on('error', () => undefined)
  child.unref()
  if (stdin instanceof Socket) stdin.unref()
  return { pid, ended, sayGoodbye: () => void stdin.end('done') }
}
