import type { Arrival } from '../core/event.js'
import type { Inbox } from '../ports/inbox.js'

/** An inbox that the edges of a run post to. */
export class Mailbox implements Inbox {
  #controller = new AbortController()
  #stop = new AbortController()
  readonly #arrivals: Arrival[] = []

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get stopSignal(): AbortSignal {
    return this.#stop.signal
  }

  take(): Arrival | null {
    const arrival = this.#arrivals.shift() ?? null
    const isToStop = this.#arrivals.some(({ kind }) => kind === 'interrupted')
    if (!isToStop && this.#stop.signal.aborted) this.#stop = new AbortController()
    if (this.#arrivals.length === 0 && this.#controller.signal.aborted) this.#controller = new AbortController()
    return arrival
  }

  post(arrival: Arrival): void {
    this.#arrivals.push(arrival)
    this.#controller.abort()
    if (arrival.kind === 'interrupted') this.#stop.abort()
  }
}
