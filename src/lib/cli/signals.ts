import { systemClock } from '../adapters/system-clock.js'
import type { Clock } from '../ports/clock.js'
import type { Interrupts } from '../ports/interrupts.js'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** A terminal and a wrapper such as npx both pass one and the same Ctrl-C on, within this time, ms. */
const SAME_REQUEST_MS = 300

/** The signals of a process as interrupts of a run. */
export interface SignalInterrupts extends Interrupts {
  /** Gives the signals back to the process. */
  release(): void
}

export interface SignalOptions {
  /** Whether the run belongs to no terminal, so that it is none of its business when one is closed. */
  readonly ignoreHangup?: boolean
  readonly clock?: Pick<Clock, 'monotonicMs'>
}

/**
 * Listens for Ctrl-C, SIGTERM and a terminal that is closed: each is passed on once as a request.
 *
 * @param onInsist called when Ctrl-C or SIGTERM comes again, because the run went on in spite of the
 *   request or has not taken note of it yet. A terminal that is closed never insists.
 */
export function listenForSignals(
  onInsist: () => void,
  { ignoreHangup = false, clock = systemClock }: SignalOptions = {},
): SignalInterrupts {
  let controller = new AbortController()
  let requestedMs: number | null = null
  const listen = (name: NodeJS.Signals): void => {
    if (name === 'SIGHUP' && (ignoreHangup || requestedMs !== null)) return
    const nowMs = clock.monotonicMs()
    if (requestedMs !== null && nowMs - requestedMs < SAME_REQUEST_MS) return
    if (requestedMs !== null) onInsist()
    requestedMs = nowMs
    controller.abort(name)
  }
  for (const name of SIGNALS) process.on(name, listen)
  return {
    get signal() {
      return controller.signal
    },
    acknowledge() {
      controller = new AbortController()
    },
    release() {
      for (const name of SIGNALS) process.off(name, listen)
    },
  }
}
