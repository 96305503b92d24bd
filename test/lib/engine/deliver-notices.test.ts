import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import type { DeliveryAttempt } from '../../../src/lib/core/delivery.js'
import { NoticeDelivery, type Undelivered } from '../../../src/lib/engine/deliver-notices.js'
import type { DeliveryRecord, NoticeTarget } from '../../../src/lib/ports/notices.js'
import { composeNotice } from '../../../src/lib/render/notice.js'
import { recordedRun, type Told } from '../../support/events.js'
import { gradual, Scene } from '../../support/rollouts.js'

const DELIVERED: DeliveryAttempt = { delivered: true }
const REFUSED: DeliveryAttempt = { delivered: false, reason: 'it answered 500', worthRetrying: true }

/** Many sleep at once: time goes on only when nothing else is left to be done, and then to whoever wakes first. */
class SharedClock {
  nowMs = 0
  readonly #sleepers = new Map<() => void, number>()

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.#sleepers.delete(wake)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      this.#sleepers.set(wake, this.nowMs + ms)
      signal?.addEventListener('abort', wake, { once: true })
    })
  }

  async passUntil(endMs: number): Promise<void> {
    for (;;) {
      // Whatever can be done without anybody waiting for an answer is done by then.
      for (let turn = 0; turn < 50; turn++) await setImmediate()
      const [next] = [...this.#sleepers].sort(([, a], [, b]) => a - b)
      if (next === undefined || next[1] > endMs) break
      const [wake, atMs] = next
      this.nowMs = atMs
      wake()
    }
  }
}

class MemoryRecord implements DeliveryRecord {
  readonly settled: string[] = []
  broken = false

  async isSettled(target: string, key: string): Promise<boolean> {
    if (this.broken) throw new Error('no such disk')
    return this.settled.some((line) => line.startsWith(`${target} ${key} `))
  }

  async settle(target: string, key: string, result: string): Promise<void> {
    if (this.broken) throw new Error('no such disk')
    this.settled.push(`${target} ${key} ${result}`)
  }
}

/** Answers as it is told; keeps what arrived. */
class FakeTarget implements NoticeTarget {
  readonly arrived: string[] = []
  readonly tried: string[] = []

  constructor(
    readonly id: string,
    private readonly answer: (attempt: number, key: string) => DeliveryAttempt | Promise<DeliveryAttempt> = () =>
      DELIVERED,
    private readonly events: readonly string[] | null = null,
  ) {}

  get name(): string {
    return this.id
  }

  wants(event: string): boolean {
    return this.events?.includes(event) ?? true
  }

  async send(...[{ key }]: Parameters<NoticeTarget['send']>): Promise<DeliveryAttempt> {
    this.tried.push(key)
    const answer = await this.answer(this.tried.length, key)
    if (answer.delivered) this.arrived.push(key)
    return answer
  }
}

describe('the messages of a run', () => {
  let told: readonly Told[]
  let clock: SharedClock
  let record: MemoryRecord

  before(async () => {
    told = await recordedRun(new Scene(), gradual({ maxPercentage: 20 }))
  })

  beforeEach(() => {
    clock = new SharedClock()
    record = new MemoryRecord()
  })

  function open(...targets: readonly NoticeTarget[]): NoticeDelivery {
    const context = { contacts: {}, advice: () => [] }
    const compose = (...[event, state]: [Told['event'], Told['state']]) => composeNotice(event, state, context)
    return new NoticeDelivery({ targets, record, clock, compose })
  }

  async function finish(delivery: NoticeDelivery): Promise<readonly Undelivered[]> {
    const [undelivered] = await Promise.all([delivery.finish(), clock.passUntil(clock.nowMs + 10_000)])
    return undelivered
  }

  /** @param forMs how long the run goes on after its last message */
  async function deliver(forMs: number, ...targets: readonly NoticeTarget[]): Promise<readonly Undelivered[]> {
    const delivery = open(...targets)
    for (const { event, state } of told) delivery.take(event, state)
    await clock.passUntil(forMs)
    return finish(delivery)
  }

  it('arrive once each, in the order in which things happened', async () => {
    const target = new FakeTarget('a')
    assert.deepEqual(await deliver(0, target), [])
    assert.deepEqual(target.arrived, [...new Set(target.arrived)])
    const seqs = target.arrived.map((key) => Number(key.split('/')[1]))
    assert.equal(seqs[0], 1)
    assert.deepEqual(
      seqs,
      seqs.toSorted((a, b) => a - b),
    )
    assert.equal(seqs.length, 4)
  })

  it('are tried again after a failure, with pauses, and hold up no later one meanwhile', async () => {
    const failures = { 'test-run/1': 3 }
    const times: number[] = []
    const target = new FakeTarget('a', (_, key) => {
      if (key !== 'test-run/1') return DELIVERED
      times.push(clock.nowMs)
      return failures[key]-- > 0 ? REFUSED : DELIVERED
    })
    assert.deepEqual(await deliver(60_000, target), [])
    assert.equal(target.tried.length, 7)
    assert.equal(target.arrived.at(-1), 'test-run/1')
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    assert.deepEqual(
      pauses,
      pauses.toSorted((a, b) => a - b),
    )
    assert.ok(clock.nowMs >= 5000, `only ${clock.nowMs} ms`)
  })

  it('are given up after a number of attempts, which is told and recorded', async () => {
    const target = new FakeTarget('a', (_, key) => (key === 'test-run/1' ? REFUSED : DELIVERED))
    const [lost, ...others] = await deliver(300_000, target)
    assert.deepEqual(others, [])
    assert.equal(lost?.notice.event, 'started')
    assert.equal(lost.reason, 'it answered 500, 8 attempts')
    assert.ok(record.settled.includes('a test-run/1 given-up'))
    assert.equal(target.arrived.length, 3)
  })

  it('get an attempt each at once from a target that fails, and one more at the end', async () => {
    const target = new FakeTarget('a', () => REFUSED)
    const delivery = open(target)
    for (const { event, state } of told) delivery.take(event, state)
    await clock.passUntil(0)
    assert.equal(new Set(target.tried).size, 4)
    const before = target.tried.length
    const ending = delivery.finish()
    await clock.passUntil(0)
    assert.deepEqual(target.tried.slice(before).toSorted(), target.tried.slice(0, before).toSorted())
    await clock.passUntil(10_000)
    for (const { notice, reason } of await ending) {
      const attempts = target.tried.filter((key) => key === notice.key).length
      assert.equal(reason, `it answered 500, ${attempts} attempts`)
    }
  })

  it('wait no longer than a second for an earlier one on which a target hangs', async () => {
    const target = new FakeTarget('a', (_, key) => (key === 'test-run/1' ? new Promise(() => undefined) : DELIVERED))
    const delivery = open(target)
    for (const { event, state } of told) delivery.take(event, state)
    await clock.passUntil(1000)
    assert.equal(target.arrived.length, 3)
    const [lost, ...others] = await finish(delivery)
    assert.deepEqual(others, [])
    assert.equal(lost?.reason, 'it was still on its way, 1 attempt')
  })

  it('are not tried again where that is useless', async () => {
    const target = new FakeTarget('a', () => ({ delivered: false, reason: 'it answered 404', worthRetrying: false }))
    assert.equal((await deliver(0, target)).length, 4)
    assert.equal(target.tried.length, 4)
  })

  it('are not held up by another target that hangs', async () => {
    const hanging = new FakeTarget('a', () => new Promise(() => undefined))
    const well = new FakeTarget('b')
    const undelivered = await deliver(0, hanging, well)
    assert.equal(well.arrived.length, 4)
    assert.deepEqual(
      undelivered.map(({ target }) => target),
      ['a', 'a', 'a', 'a'],
    )
    assert.equal(undelivered.at(-1)?.reason, 'it was still on its way, 1 attempt')
  })

  it('are waited for at the end, but no longer than ten seconds', async () => {
    const hanging = new FakeTarget('a', () => new Promise(() => undefined))
    await deliver(0, hanging)
    assert.equal(clock.nowMs, 10_000)
  })

  it('are not waited for once the operator asks to stop', async () => {
    const delivery = open(new FakeTarget('a', () => new Promise(() => undefined)))
    const [first] = told
    assert.ok(first)
    delivery.take(first.event, first.state)
    const [lost, ...others] = await delivery.finish(AbortSignal.abort())
    assert.deepEqual(others, [])
    assert.equal(lost?.reason, 'it was never tried')
    assert.equal(clock.nowMs, 0)
  })

  it('do not arrive again when a later process takes the run up, and what did not arrive does', async () => {
    const before = new FakeTarget('a', (attempt) => (attempt <= 2 ? DELIVERED : new Promise(() => undefined)))
    await deliver(0, before)
    const after = new FakeTarget('a')
    assert.deepEqual(await deliver(0, after), [])
    assert.equal(before.arrived.length, 2)
    assert.equal(after.arrived.length, 2)
    assert.equal(new Set([...before.arrived, ...after.arrived]).size, 4)
  })

  it('arrive although nothing can be recorded', async () => {
    record.broken = true
    const target = new FakeTarget('a')
    assert.deepEqual(await deliver(0, target), [])
    assert.equal(target.arrived.length, 4)
  })

  it('go on after one on which a target fails in an unforeseen way', async () => {
    const target = new FakeTarget('a', (attempt) => {
      if (attempt === 1) throw new TypeError('unforeseen')
      return DELIVERED
    })
    const [lost, ...others] = await deliver(0, target)
    assert.deepEqual(others, [])
    assert.equal(lost?.reason, 'unforeseen, 1 attempt')
    assert.equal(target.arrived.length, 3)
  })

  it('are only those that a target wants', async () => {
    const target = new FakeTarget('a', () => DELIVERED, ['finished'])
    await deliver(0, target)
    assert.equal(target.arrived.length, 1)
  })
})
