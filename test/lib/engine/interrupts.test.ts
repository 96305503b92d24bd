import assert from 'node:assert/strict'
import { callError, endOf } from '../../support/fakes.js'
import { gradual, MINUTE, Scene } from '../../support/rollouts.js'

describe('an interrupt', () => {
  it('holds the percentage when interrupted', async () => {
    const scene = new Scene()
    scene.clock.at(6 * MINUTE, () => scene.inbox.interrupt())
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'held')
    assert.equal(endOf(state).code, 'interrupted')
    assert.match(endOf(state).reason, /^interrupted during step 2 of 4, after \d+ checks$/)
    assert.equal(scene.server.settings.percentage, 20)
    assert.equal(state.steps.at(-1)?.outcome, 'held')
  })

  it('is heard at once, not when the next poll is due', async () => {
    const scene = new Scene()
    scene.clock.at(6 * MINUTE + 1234, () => scene.inbox.interrupt())
    await scene.run(gradual())
    assert.equal(scene.clock.monotonicMs(), 6 * MINUTE + 1234)
  })

  it('does not stop a rollback, however often it comes', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: () => 0.9 })
    scene.server.fault = (call) => {
      if (call !== 'emergencyRollback') return
      for (const ms of [1, 400, 800]) {
        scene.clock.at(scene.clock.monotonicMs() + ms, () => scene.inbox.interrupt('SIGTERM'))
      }
      throw callError('server-error', 500)
    }
    const state = await scene.run(gradual({ initialPercentage: 20 }))
    assert.equal(endOf(state).outcome, 'rolled-back')
    const interrupts = scene.journal.events.filter((event) => event.type === 'interrupted')
    assert.ok(interrupts.length > 0 && interrupts.every(({ ignored, signal }) => ignored && signal === 'SIGTERM'))
  })

  it('before a write is out keeps it from being sent', async () => {
    const scene = new Scene()
    scene.server.fault = (call) => {
      if (call === 'readStatus') scene.inbox.interrupt()
    }
    const state = await scene.run(gradual())
    assert.equal(endOf(state).code, 'interrupted')
    assert.deepEqual(scene.server.writes, [])
  })

  it('rolls back when interrupted and told to', async () => {
    const scene = new Scene()
    scene.clock.at(6 * MINUTE, () => scene.inbox.interrupt())
    const state = await scene.run(gradual({}, { onInterrupt: 'rollback' }))
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.equal(scene.server.settings.mode, 'disabled')
  })
})
