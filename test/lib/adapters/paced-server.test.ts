import assert from 'node:assert/strict'
import { Pace } from '../../../src/lib/adapters/pace.js'
import { PacedServer } from '../../../src/lib/adapters/paced-server.js'
import type { Thresholds } from '../../../src/lib/core/thresholds.js'
import { DEFAULT_THRESHOLDS } from '../../../src/lib/core/thresholds.js'
import { startRollout } from '../../../src/lib/engine/run-rollout.js'
import { callError, endOf, FakeClock } from '../../support/fakes.js'
import { emergency, gradual, MINUTE, Scene } from '../../support/rollouts.js'

/** The most requests that went out within any minute. */
function busiestMinute(sentMs: readonly number[]): number {
  return Math.max(...sentMs.map((startMs) => sentMs.filter((ms) => ms >= startMs && ms < startMs + MINUTE).length))
}

/** A server that keeps the times at which requests reach it, ms. */
function observedServer(scene: Scene): readonly number[] {
  const sentMs: number[] = []
  scene.server.fault = () => void sentMs.push(scene.clock.monotonicMs())
  return sentMs
}

const MANY_STEPS = { maxPercentage: 50, stepSize: 5, stepDurationMs: MINUTE }

/** A rollout at the pace of the server, with the times at which its requests went out. */
async function pacedRun(pollIntervalMs: number, limit: number | null = null) {
  const scene = new Scene()
  const thresholds: Thresholds = { ...DEFAULT_THRESHOLDS, pollIntervalMs }
  const sentMs: number[] = []
  scene.server.fault = () => {
    const nowMs = scene.clock.monotonicMs()
    const recent = sentMs.filter((ms) => ms > nowMs - MINUTE)
    if (limit !== null && recent.length >= limit) {
      throw callError('rate-limited', 429, { retryAfterMs: (recent[0] ?? 0) + MINUTE - nowMs })
    }
    sentMs.push(nowMs)
  }
  const server = new PacedServer(scene.server, scene.clock, scene.inbox, pollIntervalMs)
  const state = await startRollout(gradual(MANY_STEPS, { thresholds }), 'tester', { ...scene.ports, server })
  return { sentMs, state, scene }
}

describe('the pace of requests', () => {
  it('never exceeds 90 in any minute, however fast requests are asked for', async () => {
    const scene = new Scene()
    const sentMs = observedServer(scene)
    const server = new PacedServer(scene.server, scene.clock, scene.inbox, 10_000)
    for (let request = 0; request < 500; request++) await server.readStatus()
    assert.ok(busiestMinute(sentMs) <= 90, `${busiestMinute(sentMs)} in a minute`)
    assert.ok(busiestMinute(sentMs) >= 85, `only ${busiestMinute(sentMs)} in a minute`)
    const waits = sentMs.slice(1).map((ms, index) => ms - (sentMs[index] ?? 0))
    assert.ok(Math.max(...waits) < 1000, 'no request waits for long')
  })

  it('is that of the order of asking when requests are asked for at once', async () => {
    const clock = new FakeClock()
    const pace = new Pace(clock)
    const order: number[] = []
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        await pace.turn()
        order.push(index)
      }),
    )
    assert.deepEqual(order, [...order.keys()])
  })

  it('does not make a poll late when polls are a second apart or more', async () => {
    for (const pollIntervalMs of [1000, 10_000]) {
      const { sentMs, state } = await pacedRun(pollIntervalMs)
      assert.equal(endOf(state).outcome, 'completed')
      assert.ok(busiestMinute(sentMs) <= 90)
      const unpaced = new Scene()
      const thresholds = { ...DEFAULT_THRESHOLDS, pollIntervalMs }
      const plainMs = observedServer(unpaced)
      await unpaced.run(gradual(MANY_STEPS, { thresholds }))
      assert.deepEqual(sentMs, plainMs)
    }
  })

  it('is what was asked for when polls are closer, until the server refuses one', async () => {
    const free = await pacedRun(500)
    assert.ok(busiestMinute(free.sentMs) > 115, `${busiestMinute(free.sentMs)} in a minute`)
    const limited = await pacedRun(500, 100)
    assert.equal(endOf(limited.state).outcome, 'completed')
    const refusals = limited.scene.journal.events.filter(
      (event) => 'failure' in event && typeof event.failure === 'object' && event.failure?.kind === 'rate-limited',
    )
    assert.equal(refusals.length, 1, 'a refusal is taken note of')
    const [refusal] = refusals
    const since = limited.sentMs.filter((ms) => ms > (refusal?.atMs ?? 0))
    const inMinuteBefore = (endMs: number) => limited.sentMs.filter((ms) => ms > endMs - MINUTE && ms <= endMs).length
    const most = Math.max(...since.map(inMinuteBefore))
    assert.ok(most <= 90, `${most} in a minute after the refusal, those before it included`)
  })

  it('counts what went out before the run', async () => {
    const { server, clock, inbox } = new Scene()
    const paced = new PacedServer(server, clock, inbox, 10_000, { alreadySent: 15, yields: false })
    const sentMs: number[] = []
    server.fault = () => void sentMs.push(clock.monotonicMs())
    for (let request = 0; request < 200; request++) await paced.readStatus()
    assert.ok(sentMs.filter((ms) => ms < MINUTE).length <= 90 - 15)
  })

  it('is halved for who only watches, once the server refused a request', async () => {
    const { server, clock, inbox } = new Scene()
    const paced = new PacedServer(server, clock, inbox, 1000, { alreadySent: 0, yields: true })
    const sentMs: number[] = []
    for (let request = 0; request < 100; request++) await paced.readStatus()
    server.fault = () => {
      throw callError('rate-limited', 429)
    }
    await assert.rejects(paced.readStatus())
    const refusedMs = clock.monotonicMs()
    server.fault = () => void sentMs.push(clock.monotonicMs())
    for (let request = 0; request < 100; request++) await paced.readStatus()
    const perMinute = sentMs.length / ((clock.monotonicMs() - refusedMs) / MINUTE)
    assert.ok(perMinute <= 36 && perMinute >= 30, `${perMinute} a minute`)
  })
})

describe('an emergency', () => {
  it('goes first when the budget is used up, and so does all that follows it', async () => {
    const { clock, server, inbox } = new Scene()
    const paced = new PacedServer(server, clock, inbox, 10_000)
    for (let request = 0; request < 100; request++) await paced.readStatus()
    const startMs = clock.monotonicMs()
    await paced.emergencyRollback()
    for (let request = 0; request < 50; request++) await paced.readStatus()
    await paced.clearCache()
    assert.equal(clock.monotonicMs(), startMs)
  })

  it('does not wait behind a request that waits for its turn when it is asked for with Ctrl-C', async () => {
    const { clock, server, inbox } = new Scene()
    const paced = new PacedServer(server, clock, inbox, 10_000)
    for (let request = 0; request < 19; request++) await paced.readStatus()
    const startMs = clock.monotonicMs()
    clock.at(startMs + 100, () => inbox.interrupt())
    await paced.readStatus()
    assert.equal(clock.monotonicMs(), startMs + 100)
  })

  it('is verified as fast as without a pace', async () => {
    const times = await Promise.all(
      [true, false].map(async (isPaced) => {
        const scene = new Scene(undefined, { mode: 'gradual', percentage: 50 })
        let failures = 20
        scene.server.fault = () => {
          if (failures-- > 0) throw callError('server-error', 500)
        }
        const server = isPaced ? new PacedServer(scene.server, scene.clock, scene.inbox, 10_000) : scene.server
        const state = await startRollout(emergency(), 'tester', { ...scene.ports, server })
        assert.equal(endOf(state).outcome, 'completed')
        return scene.clock.monotonicMs()
      }),
    )
    assert.equal(times[0], times[1])
  })
})
