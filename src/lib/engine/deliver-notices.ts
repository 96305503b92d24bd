import { pauseBeforeRetry, type DeliveryAttempt, type FailedDelivery } from '../core/delivery.js'
import type { RolloutEvent } from '../core/event.js'
import type { Notice } from '../core/notice.js'
import type { RolloutState } from '../core/rollout.js'
import type { Clock } from '../ports/clock.js'
import type { DeliveryRecord, NoticeTarget } from '../ports/notices.js'

/** How long the last messages may take once the run has ended, ms. */
export const FINISH_WITHIN_MS = 10_000

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
 * Delivers the messages of a run beside its loop. Each target has a queue of its own, in the order of
 * events; one that hangs holds up neither the loop nor the others.
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

/** Brings messages to one target, one after the other. */
class Courier {
  readonly #queue: Notice[] = []
  readonly #givenUp: Undelivered[] = []
  #work: Promise<void> | null = null
  #lastFailure: string | null = null

  constructor(
    private readonly target: NoticeTarget,
    private readonly record: DeliveryRecord,
    private readonly clock: Pick<Clock, 'sleep'>,
    private readonly patience: { readonly hurry: AbortSignal; readonly over: AbortSignal },
  ) {}

  get pending(): number {
    return this.#queue.length
  }

  take(notice: Notice): void {
    if (!this.target.wants(notice.event)) return
    this.#queue.push(notice)
    this.#work ??= this.#deliverAll()
  }

  /** Resolves when nothing is left to be done. */
  async idle(): Promise<void> {
    await this.#work
  }

  undelivered(): readonly Undelivered[] {
    const reason = this.#lastFailure ?? 'it was still on its way'
    const waiting = this.#queue.map((notice) => ({ notice, target: this.target.name, reason }))
    return [...this.#givenUp, ...waiting]
  }

  async #deliverAll(): Promise<void> {
    for (;;) {
      const [notice] = this.#queue
      if (notice === undefined) break
      this.#lastFailure = null
      const failure = await this.#deliver(notice)
      if (this.patience.over.aborted) break
      this.#queue.shift()
      if (failure) this.#givenUp.push({ notice, target: this.target.name, reason: failure })
    }
    this.#work = null
  }

  /** @returns null when it arrived, now or earlier; else why it is given up */
  async #deliver(notice: Notice): Promise<string | null> {
    const { target, record, patience } = this
    for (let attempts = 1; ; attempts++) {
      // Another process may have delivered it meanwhile. A record that cannot be read forbids no message.
      if (await record.isSettled(target.id, notice.key).catch(() => false)) return null
      const answer = await this.#attempt(notice)
      if (answer.delivered) {
        await record.settle(target.id, notice.key, 'delivered').catch(() => undefined)
        return null
      }
      const reason = `${answer.reason}${attempts > 1 ? `, ${attempts} attempts` : ''}`
      this.#lastFailure = reason
      const pauseMs = pauseBeforeRetry(attempts, answer, `${target.id} ${notice.key}`)
      if (pauseMs === null) {
        await record.settle(target.id, notice.key, 'given-up').catch(() => undefined)
        return reason
      }
      await this.clock.sleep(pauseMs, patience.hurry.aborted ? patience.over : patience.hurry)
      if (patience.over.aborted) return reason
    }
  }

  /** A fault in a target must not take the queue with it. */
  async #attempt(notice: Notice): Promise<DeliveryAttempt> {
    try {
      return await this.target.send(notice, this.patience.over)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      return { delivered: false, reason, worthRetrying: false } satisfies FailedDelivery
    }
  }
}
