import assert from 'node:assert/strict'
import { endOf } from '../../support/fakes.js'
import { gradual, MINUTE, Scene } from '../../support/rollouts.js'

describe('an interrupt', () => {
  it('holds the percentage when interrupted', async () => {
    const scene = new Scene()
    scene.clock.at(6 * MINUTE, () => scene.interrupts.interrupt())
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'held')
    assert.equal(endOf(state).code, 'interrupted')
    assert.equal(scene.server.settings.percentage, 20)
  })

  it('rolls back when interrupted and told to', async () => {
    const scene = new Scene()
    scene.clock.at(6 * MINUTE, () => scene.interrupts.interrupt())
    const state = await scene.run(gradual({}, { onInterrupt: 'rollback' }))
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.equal(scene.server.settings.mode, 'disabled')
  })
})
