import { setMaxListeners } from 'node:events'
import { pauseBeforeRetry, type DeliveryAttempt, type FailedDelivery } from '../core/delivery.js'
import type { RolloutEvent } from '../core/event.js'
import type { Notice } from '../core/notice.js'
import type { RolloutState } from '../core/rollout.js'
import type { Clock } from '../ports/clock.js'
import type { DeliveryRecord, NoticeTarget } from '../ports/notices.js'

/** How long the last messages may take once the run has ended, ms. */
export const FINISH_WITHIN_MS = 10_000
/** How long a message lets those before it go first, ms: the news of a breach must not wait for that of a start. */
const HEAD_START_MS = 1000

export interface DeliveryPorts {
  readonly targets: readonly NoticeTarget[]
  readonly record: DeliveryRecord
  readonly clock: Pick<Clock, 'sleep'>
  /** The message that an event is worth; null for most. */
  readonly compose: (event: RolloutEvent, state: RolloutState) => Notice | null
}

/** A message that did not arrive. */
export interface Undelivered {
  readonly notice: Notice
  /** Name of the target. */
  readonly target: string
  readonly reason: string
}

/**
 * Delivers the messages of a run beside its loop. A target that hangs holds up neither the loop nor the
 * others, and a message that does not get through holds up no later one.
 */
export class NoticeDelivery {
  readonly #compose: DeliveryPorts['compose']
  readonly #clock: DeliveryPorts['clock']
  readonly #couriers: readonly Courier[]
  /** Aborted when the run has ended: nobody is waited for any longer than needed. */
  readonly #hurry = new AbortController()
  /** Aborted when the time is up. */
  readonly #over = new AbortController()

  constructor({ targets, record, clock, compose }: DeliveryPorts) {
    this.#compose = compose
    this.#clock = clock
    // Every message under way listens to them; more than ten are no leak to warn of.
    setMaxListeners(0, this.#hurry.signal, this.#over.signal)
    const patience = { hurry: this.#hurry.signal, over: this.#over.signal }
    this.#couriers = targets.map((target) => new Courier(target, record, clock, patience))
  }

  /** Takes the message that an event is worth, if any. Returns at once. */
  take(event: RolloutEvent, state: RolloutState): void {
    const notice = this.#compose(event, state)
    if (notice === null) return
    for (const courier of this.#couriers) courier.take(notice)
  }

  /** How many messages are still on their way. */
  get pending(): number {
    return this.#couriers.reduce((sum, courier) => sum + courier.pending, 0)
  }

  /**
   * Gives what is on its way a last chance, for a limited time.
   *
   * @param signal ends the wait
   * @returns everything of this run that this process did not deliver
   */
  async finish(signal?: AbortSignal): Promise<readonly Undelivered[]> {
    const stop = new AbortController()
    const end = (): void => stop.abort()
    signal?.addEventListener('abort', end, { once: true })
    if (signal?.aborted) end()
    this.#hurry.abort()
    const limit = this.#clock.sleep(FINISH_WITHIN_MS, stop.signal)
    await Promise.race([Promise.all(this.#couriers.map((courier) => courier.idle())), limit])
    stop.abort()
    const undelivered = this.#couriers.flatMap((courier) => courier.undelivered())
    this.#over.abort()
    signal?.removeEventListener('abort', end)
    return undelivered
  }
}

/** Where a message to one target stands. */
interface Message {
  readonly notice: Notice
  /** How many were begun. */
  attempts: number
  lastFailure: string | null
  state: 'under-way' | 'settled' | 'given-up'
}

/**
 * Brings messages to one target. Each is tried again on its own; a new one only lets those before it go
 * first, so that they arrive in order where the target is well.
 */
class Courier {
  readonly #messages = new Map<string, Message>()
  readonly #work: Promise<void>[] = []
  /** Resolves when every message so far was tried once. */
  #tried: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly target: NoticeTarget,
    private readonly record: DeliveryRecord,
    private readonly clock: Pick<Clock, 'sleep'>,
    private readonly patience: { readonly hurry: AbortSignal; readonly over: AbortSignal },
  ) {}

  get pending(): number {
    return [...this.#messages.values()].filter(({ state }) => state === 'under-way').length
  }

  take(notice: Notice): void {
    if (!this.target.wants(notice.event) || this.#messages.has(notice.key)) return
    const message: Message = { notice, attempts: 0, lastFailure: null, state: 'under-way' }
    this.#messages.set(notice.key, message)
    const first = this.#tryInTurn(message, this.#tried)
    this.#tried = Promise.all([this.#tried, first])
    this.#work.push(this.#deliver(message, first))
  }

  /** Resolves when nothing is left to be done. */
  async idle(): Promise<void> {
    await Promise.all(this.#work)
  }

  undelivered(): readonly Undelivered[] {
    return [...this.#messages.values()]
      .filter(({ state }) => state !== 'settled')
      .map((message) => ({ notice: message.notice, target: this.target.name, reason: reasonOf(message) }))
  }

  /** @param first the first attempt, as `#try` tells it */
  async #deliver(message: Message, first: Promise<number | null>): Promise<void> {
    const { hurry, over } = this.patience
    for (let pauseMs = await first; pauseMs !== null; pauseMs = await this.#try(message)) {
      await this.clock.sleep(pauseMs, hurry.aborted ? over : hurry)
    }
  }

  async #tryInTurn(message: Message, before: Promise<unknown>): Promise<number | null> {
    const turn = new AbortController()
    const limit = this.clock.sleep(HEAD_START_MS, AbortSignal.any([turn.signal, this.patience.over]))
    await Promise.race([before, limit])
    turn.abort()
    return this.#try(message)
  }

  /**
   * One attempt, unless it is settled or the time is up.
   *
   * @returns the pause before the next, ms; null when there is none
   */
  async #try(message: Message): Promise<number | null> {
    const { target, record, patience } = this
    const { notice } = message
    // Another process may have delivered it meanwhile. A record that cannot be read forbids no message.
    if (await record.isSettled(target.id, notice.key).catch(() => false)) {
      message.state = 'settled'
      return null
    }
    if (patience.over.aborted) return null
    message.attempts += 1
    const answer = await this.#send(notice)
    if (answer.delivered) {
      message.state = 'settled'
      await record.settle(target.id, notice.key, 'delivered').catch(() => undefined)
      return null
    }
    message.lastFailure = answer.reason
    const pauseMs = pauseBeforeRetry(message.attempts, answer, `${target.id} ${notice.key}`)
    if (pauseMs === null) {
      message.state = 'given-up'
      await record.settle(target.id, notice.key, 'given-up').catch(() => undefined)
    }
    return pauseMs
  }

  /** A fault in a target must not take the run with it. */
  async #send(notice: Notice): Promise<DeliveryAttempt> {
    try {
      return await this.target.send(notice, this.patience.over)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      return { delivered: false, reason, worthRetrying: false } satisfies FailedDelivery
    }
  }
}

function reasonOf({ attempts, lastFailure }: Message): string {
  if (attempts === 0) return 'it was never tried'
  return `${lastFailure ?? 'it was still on its way'}, ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`
}
