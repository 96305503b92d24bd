import assert from 'node:assert/strict'
import { planLowering } from '../../../src/lib/core/plan.js'
import { callError, endOf } from '../../support/fakes.js'
import { basis, from, MINUTE, Scene } from '../../support/rollouts.js'

describe('a gradual rollback', () => {
  it('lowers step by step and disables at 0', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    const plan = planLowering(basis(from('gradual', 35)), { step: 10, to: 0, stepDurationMs: 5 * MINUTE, once: false })
    const state = await scene.run(plan)
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.server.raised, [25, 15, 5])
    assert.equal(scene.server.settings.mode, 'disabled')
  })

  it('sets disabled, and nothing else, on a server that sends nobody to unified', async () => {
    for (const mode of ['disabled', 'testing'] as const) {
      const scene = new Scene(undefined, { mode, percentage: 40 })
      const before = { ...basis().before, mode, percentage: 40 }
      const plan = planLowering(basis({ before }), { step: 10, to: 0, stepDurationMs: MINUTE, once: false })
      assert.equal(endOf(await scene.run(plan)).outcome, 'completed')
      assert.deepEqual(
        scene.server.writes.map(({ configuration }) => [configuration?.mode, configuration?.percentage]),
        [['disabled', 0]],
      )
    }
  })

  it('goes down without a journal', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    scene.journal.broken = true
    const plan = planLowering(basis(from('gradual', 35)), { step: 20, to: 0, stepDurationMs: MINUTE, once: false })
    assert.equal(endOf(await scene.run(plan)).outcome, 'completed')
    assert.equal(scene.server.settings.mode, 'disabled')
  })

  it('is not held up on the way down for want of traffic', async () => {
    const scene = new Scene({ attemptsPerSecond: 0 }, { mode: 'gradual', percentage: 35 })
    const plan = planLowering(basis(from('gradual', 35)), { step: 20, to: 0, stepDurationMs: 5 * MINUTE, once: false })
    assert.equal(endOf(await scene.run(plan)).outcome, 'completed')
    assert.equal(scene.server.settings.mode, 'disabled')
  })

  it('goes on down when a failed check is followed by nothing but silence', async () => {
    const scene = new Scene({ attemptsPerSecond: 0 }, { mode: 'gradual', percentage: 35 })
    let reads = 0
    scene.server.fault = (call) => {
      if (call === 'readStatus' && ++reads === 10) throw callError('timeout')
    }
    const plan = planLowering(basis(from('gradual', 35)), { step: 20, to: 0, stepDurationMs: 5 * MINUTE, once: false })
    assert.equal(endOf(await scene.run(plan)).outcome, 'completed')
    assert.equal(scene.server.settings.mode, 'disabled')
  })

  it('follows checks that fail at the end of a step to the breach that they are', async () => {
    const scene = new Scene({ attemptsPerSecond: 20 }, { mode: 'gradual', percentage: 80 })
    scene.clock.at(5 * MINUTE - 5000, () => {
      scene.server.traffic = { attemptsPerSecond: 20, failing: () => 1 }
    })
    const plan = planLowering(basis(from('gradual', 80)), { step: 10, to: 0, stepDurationMs: 5 * MINUTE, once: false })
    assert.equal(endOf(await scene.run(plan)).outcome, 'rolled-back')
    assert.deepEqual(scene.server.raised, [70])
  })

  it('goes on as an emergency when the way down breaks thresholds', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: () => 0.9 }, { mode: 'gradual', percentage: 80 })
    const plan = planLowering(basis(from('gradual', 80)), { step: 10, to: 0, stepDurationMs: 5 * MINUTE, once: false })
    const state = await scene.run(plan)
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.ok(scene.clock.monotonicMs() < 5 * MINUTE)
  })
})
