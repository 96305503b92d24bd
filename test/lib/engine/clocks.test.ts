import assert from 'node:assert/strict'
import type { RolloutPlan } from '../../../src/lib/core/rollout.js'
import { callError, endOf } from '../../support/fakes.js'
import { emergency, gradual, MINUTE, Scene } from '../../support/rollouts.js'

const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** What happened and when, by the clock that never jumps. */
async function courseOf(scene: Scene, plan: RolloutPlan): Promise<readonly string[]> {
  await scene.run(plan)
  return scene.journal.events.map(({ type, atMs }) => `${atMs} ${type}`)
}

/** Puts the machine to sleep for an hour while the nth call of a kind is under way. */
function sleepDuring(scene: Scene, call: string, nth: number): void {
  let calls = 0
  const before = scene.server.fault
  scene.server.fault = (name) => {
    if (name === call) calls += 1
    if (name === call && calls === nth) scene.clock.pass(HOUR)
    before(name)
  }
}

describe('a wall clock that jumps', () => {
  for (const [direction, jumpMs] of [
    ['forward', DAY],
    ['back', -DAY],
  ] as const) {
    it(`${direction} changes nothing of a rollout but the dates in its record`, async () => {
      const plan = gradual({ maxPercentage: 20 })
      const undisturbed = await courseOf(new Scene(), plan)
      const scene = new Scene()
      for (const atMs of [1, 30_000, 6 * MINUTE]) scene.clock.at(atMs, () => scene.clock.jumpWall(jumpMs))
      assert.deepEqual(await courseOf(scene, plan), undisturbed)
      const [first, last] = [scene.journal.events[0], scene.journal.events.at(-1)]
      assert.ok(Math.abs(Date.parse(last?.time ?? '') - Date.parse(first?.time ?? '')) > 2 * DAY)
    })

    it(`${direction} neither hurries nor cuts short a rollback`, async () => {
      const run = async (jumpsAtMs: readonly number[]): Promise<readonly string[]> => {
        const scene = new Scene(undefined, { mode: 'gradual', percentage: 50 })
        let failures = 20
        scene.server.fault = () => {
          if (failures-- > 0) throw callError('server-error', 500)
        }
        for (const atMs of jumpsAtMs) scene.clock.at(atMs, () => scene.clock.jumpWall(jumpMs))
        return courseOf(scene, emergency())
      }
      const undisturbed = await run([])
      assert.match(undisturbed.at(-1) ?? '', /finished/)
      assert.deepEqual(await run([1, 5000]), undisturbed)
    })
  }
})

describe('a machine that sleeps for an hour', () => {
  const moments = [
    ['before the first write', 'readStatus', 1],
    ['while the percentage is written', 'configure', 1],
    ['while it is read back', 'readStatus', 3],
    ['while the server is polled', 'readStatus', 20],
  ] as const
  for (const [moment, call, nth] of moments) {
    it(`${moment} still observes every step for as long as it was to`, async () => {
      const undisturbed = new Scene()
      await undisturbed.run(gradual({ maxPercentage: 20 }))
      const scene = new Scene()
      sleepDuring(scene, call, nth)
      const state = await scene.run(gradual({ maxPercentage: 20 }))
      assert.equal(endOf(state).outcome, 'completed')
      const awakeMs = scene.clock.monotonicMs() - HOUR
      // A reading that was under way vouches for two poll intervals at most, and the first of them was due anyhow.
      assert.ok(awakeMs >= undisturbed.clock.monotonicMs() - 20_000, `${awakeMs} ms awake`)
    })
  }

  const inRollback = [
    ['while the server is asked to roll back', 'emergencyRollback', 1],
    ['while the rollback is read back', 'readStatus', 1],
    ['between two readings that agree', 'readStatus', 2],
  ] as const
  for (const [moment, call, nth] of inRollback) {
    it(`${moment} still finds out that everybody is back`, async () => {
      const scene = new Scene(undefined, { mode: 'gradual', percentage: 50 })
      sleepDuring(scene, call, nth)
      assert.equal(endOf(await scene.run(emergency())).outcome, 'completed')
    })

    it(`${moment} still tries again when the server would not`, async () => {
      const scene = new Scene(undefined, { mode: 'gradual', percentage: 50 })
      let failures = 4
      scene.server.fault = () => {
        if (failures-- > 0) throw callError('server-error', 503)
      }
      sleepDuring(scene, call, nth)
      assert.equal(endOf(await scene.run(emergency())).outcome, 'completed')
      assert.equal(scene.server.settings.mode, 'disabled')
    })
  }
})

describe('a server whose clock or whose Retry-After is absurd', () => {
  it('is left alone for a minute at most', async () => {
    const scene = new Scene()
    let refused = false
    scene.server.fault = (call) => {
      if (call !== 'readStatus' || refused || scene.clock.monotonicMs() < MINUTE) return
      refused = true
      throw callError('rate-limited', 429, { retryAfterMs: 365 * DAY })
    }
    const state = await scene.run(gradual({ maxPercentage: 5 }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.ok(scene.clock.monotonicMs() < 8 * MINUTE)
  })
})

describe('a rollback whose time is up', () => {
  const brief = { ...emergency(), rollbackTimeoutMs: 1000 }

  it('is verified when the call that took too long worked', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 50 })
    scene.server.fault = () => scene.clock.pass(2000)
    assert.equal(endOf(await scene.run(brief)).outcome, 'completed')
  })

  it('is given up after a last reading that says otherwise', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 50 })
    scene.server.fault = (call) => {
      scene.clock.pass(2000)
      if (call !== 'readStatus') throw callError('server-error', 503)
    }
    assert.equal(endOf(await scene.run(brief)).outcome, 'rollback-unverified')
    assert.equal(scene.types.filter((type) => type === 'rollback-read').length, 1)
  })
})
