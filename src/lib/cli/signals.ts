import { systemClock } from '../adapters/system-clock.js'
import type { Clock } from '../ports/clock.js'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** A terminal and a wrapper such as npx both pass one and the same Ctrl-C on, within this time, ms. */
const SAME_REQUEST_MS = 300

export interface SignalListener {
  /** Called once with the name of the signal. */
  readonly onRequest: (name: NodeJS.Signals) => void
  /**
   * Called when Ctrl-C or SIGTERM comes again, because the run went on in spite of the request or has
   * not taken note of it yet. A terminal that is closed never insists.
   */
  readonly onInsist: () => void
}

export interface SignalOptions {
  /** Whether the run belongs to no terminal, so that it is none of its business when one is closed. */
  readonly ignoreHangup?: boolean
  readonly clock?: Pick<Clock, 'monotonicMs'>
}

/**
 * Listens for Ctrl-C, SIGTERM and a terminal that is closed.
 *
 * @returns gives the signals back to the process
 */
export function listenForSignals(
  { onRequest, onInsist }: SignalListener,
  { ignoreHangup = false, clock = systemClock }: SignalOptions = {},
): () => void {
  let requestedMs: number | null = null
  const listen = (name: NodeJS.Signals): void => {
    if (name === 'SIGHUP' && (ignoreHangup || requestedMs !== null)) return
    const nowMs = clock.monotonicMs()
    if (requestedMs !== null && nowMs - requestedMs < SAME_REQUEST_MS) return
    if (requestedMs === null) onRequest(name)
    else onInsist()
    requestedMs = nowMs
  }
  for (const name of SIGNALS) process.on(name, listen)
  return () => {
    for (const name of SIGNALS) process.off(name, listen)
  }
}

/** The first of them as an `AbortSignal`, for what only has to come to its end. */
export function listenForStop(
  onInsist: () => void,
  options: SignalOptions = {},
): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController()
  const release = listenForSignals({ onRequest: (name) => controller.abort(name), onInsist }, options)
  return { signal: controller.signal, release }
}
