import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import type { DeliveryAttempt } from '../../../src/lib/core/delivery.js'
import { NoticeDelivery, type Undelivered } from '../../../src/lib/engine/deliver-notices.js'
import type { DeliveryRecord, NoticeTarget } from '../../../src/lib/ports/notices.js'
import { composeNotice } from '../../../src/lib/render/notice.js'
import { recordedRun, type Told } from '../../support/events.js'
import { FakeClock } from '../../support/fakes.js'
import { gradual, Scene } from '../../support/rollouts.js'

const DELIVERED: DeliveryAttempt = { delivered: true }
const REFUSED: DeliveryAttempt = { delivered: false, reason: 'it answered 500', worthRetrying: true }

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
  attempts = 0

  constructor(
    readonly id: string,
    private readonly answer: (attempt: number) => DeliveryAttempt | Promise<DeliveryAttempt> = () => DELIVERED,
    private readonly events: readonly string[] | null = null,
  ) {}

  get name(): string {
    return this.id
  }

  wants(event: string): boolean {
    return this.events?.includes(event) ?? true
  }

  async send(...[{ key }]: Parameters<NoticeTarget['send']>): Promise<DeliveryAttempt> {
    this.attempts += 1
    const answer = await this.answer(this.attempts)
    if (answer.delivered) this.arrived.push(key)
    return answer
  }
}

describe('the messages of a run', () => {
  let told: readonly Told[]
  let clock: FakeClock
  let record: MemoryRecord

  before(async () => {
    told = await recordedRun(new Scene(), gradual({ maxPercentage: 20 }))
  })

  beforeEach(() => {
    clock = new FakeClock()
    record = new MemoryRecord()
  })

  function open(...targets: readonly NoticeTarget[]): NoticeDelivery {
    const context = { contacts: {}, advice: () => [] }
    const compose = (...[event, state]: [Told['event'], Told['state']]) => composeNotice(event, state, context)
    return new NoticeDelivery({ targets, record, clock, compose })
  }

  async function deliver(...targets: readonly NoticeTarget[]): Promise<readonly Undelivered[]> {
    const delivery = open(...targets)
    for (const { event, state } of told) delivery.take(event, state)
    // Whatever can be done without anybody waiting for an answer is done by then.
    for (let turn = 0; turn < 50; turn++) await setImmediate()
    return delivery.finish()
  }

  it('arrive once each, in the order in which things happened', async () => {
    const target = new FakeTarget('a')
    assert.deepEqual(await deliver(target), [])
    assert.deepEqual(target.arrived, [...new Set(target.arrived)])
    const seqs = target.arrived.map((key) => Number(key.split('/')[1]))
    assert.equal(seqs[0], 1)
    assert.deepEqual(
      seqs,
      seqs.toSorted((a, b) => a - b),
    )
    assert.equal(seqs.length, 4)
  })

  it('are tried again after a failure, and none overtakes another', async () => {
    const target = new FakeTarget('a', (attempt) => (attempt <= 3 ? REFUSED : DELIVERED))
    assert.deepEqual(await deliver(target), [])
    assert.equal(target.attempts, 7)
    assert.equal(target.arrived[0], 'test-run/1')
    assert.ok(clock.monotonicMs() >= 5000, `only ${clock.monotonicMs()} ms`)
  })

  it('are given up after a number of attempts, which is told and recorded', async () => {
    const target = new FakeTarget('a', (attempt) => (attempt <= 8 ? REFUSED : DELIVERED))
    const [lost, ...others] = await deliver(target)
    assert.deepEqual(others, [])
    assert.equal(lost?.notice.event, 'started')
    assert.equal(lost.reason, 'it answered 500, 8 attempts')
    assert.ok(record.settled.includes('a test-run/1 given-up'))
    assert.equal(target.arrived.length, 3)
  })

  it('are not tried again where that is useless', async () => {
    const target = new FakeTarget('a', () => ({ delivered: false, reason: 'it answered 404', worthRetrying: false }))
    assert.equal((await deliver(target)).length, 4)
    assert.equal(target.attempts, 4)
  })

  it('are not held up by another target that hangs', async () => {
    const hanging = new FakeTarget('a', () => new Promise(() => undefined))
    const well = new FakeTarget('b')
    const undelivered = await deliver(hanging, well)
    assert.equal(well.arrived.length, 4)
    assert.deepEqual(
      undelivered.map(({ target }) => target),
      ['a', 'a', 'a', 'a'],
    )
    assert.equal(undelivered[0]?.reason, 'it was still on its way')
  })

  it('are waited for at the end, but no longer than ten seconds', async () => {
    const hanging = new FakeTarget('a', () => new Promise(() => undefined))
    await deliver(hanging)
    assert.equal(clock.monotonicMs(), 10_000)
  })

  it('are not waited for once the operator asks to stop', async () => {
    const delivery = open(new FakeTarget('a', () => new Promise(() => undefined)))
    const [first] = told
    assert.ok(first)
    delivery.take(first.event, first.state)
    assert.equal((await delivery.finish(AbortSignal.abort())).length, 1)
    assert.equal(clock.monotonicMs(), 0)
  })

  it('do not arrive again when a later process takes the run up, and what did not arrive does', async () => {
    const before = new FakeTarget('a', (attempt) => (attempt <= 2 ? DELIVERED : new Promise(() => undefined)))
    await deliver(before)
    const after = new FakeTarget('a')
    assert.deepEqual(await deliver(after), [])
    assert.equal(before.arrived.length, 2)
    assert.equal(after.arrived.length, 2)
    assert.equal(new Set([...before.arrived, ...after.arrived]).size, 4)
  })

  it('arrive although nothing can be recorded', async () => {
    record.broken = true
    const target = new FakeTarget('a')
    assert.deepEqual(await deliver(target), [])
    assert.equal(target.arrived.length, 4)
  })

  it('go on after one on which a target fails in an unforeseen way', async () => {
    const target = new FakeTarget('a', (attempt) => {
      if (attempt === 1) throw new TypeError('unforeseen')
      return DELIVERED
    })
    const [lost, ...others] = await deliver(target)
    assert.deepEqual(others, [])
    assert.equal(lost?.reason, 'unforeseen')
    assert.equal(target.arrived.length, 3)
  })

  it('are only those that a target wants', async () => {
    const target = new FakeTarget('a', () => DELIVERED, ['finished'])
    await deliver(target)
    assert.equal(target.arrived.length, 1)
  })
})
