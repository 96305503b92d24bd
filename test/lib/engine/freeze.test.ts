import assert from 'node:assert/strict'
import type { FreezeWindow } from '../../../src/lib/core/freeze.js'
import { planLowering } from '../../../src/lib/core/plan.js'
import { endOf } from '../../support/fakes.js'
import { basis, from, gradual, MINUTE, Scene } from '../../support/rollouts.js'

/** The clock of a scene begins on Tuesday, 2026-11-24, 09:00 UTC. */
function window(fromMinute: number, toMinute: number): FreezeWindow {
  return { text: 'Tue 09:07-Tue 10:00 UTC', timeZone: 'UTC', fromMinute, toMinute }
}
const TUESDAY = 24 * 60
const FROM_0907_TO_1000 = window(TUESDAY + 9 * 60 + 7, TUESDAY + 10 * 60)
const ALL_TUESDAY = window(TUESDAY, 2 * TUESDAY)

describe('a freeze window', () => {
  it('keeps a step that has passed until it is over', async () => {
    const scene = new Scene()
    const state = await scene.run(gradual({ safeguards: { freeze: [FROM_0907_TO_1000] } }))
    assert.equal(endOf(state).outcome, 'completed')
    const raised = scene.journal.events
      .filter((event) => event.type === 'step-started')
      .map(({ time }) => time.slice(11, 16))
    assert.deepEqual(raised, ['09:00', '09:05', '10:00', '10:05'])
  })

  it('refuses to begin within it', async () => {
    const scene = new Scene()
    const state = await scene.run(gradual({ safeguards: { freeze: [ALL_TUESDAY] } }))
    assert.deepEqual([endOf(state).outcome, endOf(state).code], ['refused', 'frozen'])
    assert.deepEqual(scene.server.writes, [])
  })

  it('does not keep a breach from rolling back', async () => {
    const scene = new Scene()
    scene.clock.at(20 * MINUTE, () => {
      scene.server.traffic = { attemptsPerSecond: 20, failing: () => 1 }
    })
    const state = await scene.run(gradual({ initialPercentage: 20, safeguards: { freeze: [FROM_0907_TO_1000] } }))
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.ok(scene.clock.monotonicMs() < 22 * MINUTE)
  })

  it('does not raise again what a restart has lowered', async () => {
    const scene = new Scene()
    scene.clock.at(12 * MINUTE, () => scene.server.restart())
    const state = await scene.run(gradual({ safeguards: { freeze: [FROM_0907_TO_1000] } }))
    assert.deepEqual([endOf(state).outcome, endOf(state).code], ['held', 'frozen'])
    assert.equal(scene.server.settings.mode, 'disabled')
  })

  it('does not concern who goes down', async () => {
    const scene = new Scene({ attemptsPerSecond: 20 }, { mode: 'gradual', percentage: 50 })
    const plan = planLowering(basis(from('gradual', 50)), { step: 25, to: 0, stepDurationMs: MINUTE, once: false })
    const state = await scene.run({ ...plan, freeze: [ALL_TUESDAY] })
    assert.equal(endOf(state).outcome, 'completed')
  })
})
