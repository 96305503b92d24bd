import assert from 'node:assert/strict'
import { endOf } from '../../support/fakes.js'
import { gradual, MINUTE, Scene } from '../../support/rollouts.js'

describe('the journal', () => {
  it('does not raise without a journal, and still rolls back without one', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: (percentage) => (percentage >= 20 ? 0.9 : 0) })
    scene.clock.at(6 * MINUTE, () => {
      scene.journal.broken = true
    })
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'rolled-back')

    const healthy = new Scene()
    healthy.clock.at(6 * MINUTE, () => {
      healthy.journal.broken = true
    })
    const held = await healthy.run(gradual())
    assert.equal(endOf(held).outcome, 'held')
    assert.deepEqual(healthy.server.raised, [5, 20])
  })

  it('starts nothing when the journal cannot be written', async () => {
    const scene = new Scene()
    scene.journal.broken = true
    await assert.rejects(scene.run(gradual()))
    assert.deepEqual(scene.server.writes, [])
  })
})
