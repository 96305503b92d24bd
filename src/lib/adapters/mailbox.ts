import type { Arrival } from '../core/event.js'
import type { Inbox } from '../ports/inbox.js'

/** An inbox that the edges of a run post to. */
export class Mailbox implements Inbox {
  #controller = new AbortController()
  readonly #arrivals: Arrival[] = []

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  take(): Arrival | null {
    const arrival = this.#arrivals.shift() ?? null
    if (this.#arrivals.length === 0 && this.#controller.signal.aborted) this.#controller = new AbortController()
    return arrival
  }

  post(arrival: Arrival): void {
    this.#arrivals.push(arrival)
    this.#controller.abort()
  }
}
