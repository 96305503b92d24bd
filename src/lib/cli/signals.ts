import type { Interrupts } from '../ports/interrupts.js'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** The signals of a process as interrupts of a run. */
export interface SignalInterrupts extends Interrupts {
  /** Gives the signals back to the process. */
  release(): void
}

/**
 * Listens for Ctrl-C and SIGTERM: each is passed on once as a request.
 *
 * @param onInsist called when one comes in while the one before has not been taken note of, or the
 *   run went on in spite of it
 */
export function listenForSignals(onInsist: () => void): SignalInterrupts {
  let controller = new AbortController()
  let requests = 0
  const listen = (name: NodeJS.Signals): void => {
    requests += 1
    if (requests > 1) onInsist()
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
