import assert from 'node:assert/strict'
import { endOf } from '../../support/fakes.js'
import { gradual, Scene } from '../../support/rollouts.js'

describe('a breach', () => {
  it('rolls back when errors start at a step, and says so in numbers', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: (percentage) => (percentage >= 20 ? 0.5 : 0) })
    const state = await scene.run(gradual({}, { environmentFile: '/srv/app/.env' }))
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.equal(
      endOf(state).reason,
      '3 failed checks in a row; the last one: error rate 10 % (6 of 60 attempts), limit 5 %',
    )
    assert.deepEqual(scene.server.raised, [5, 20])
    assert.deepEqual([scene.server.settings.mode, scene.server.settings.percentage], ['disabled', 0])
    assert.deepEqual(scene.environmentFile.written.at(-1)?.mode, 'disabled')
    assert.equal(scene.server.writes.filter(({ call }) => call === 'clear-cache').length, 1)
  })

  it('finds users who are refused without an error through adoption', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, refused: () => 1 })
    const state = await scene.run(gradual({ initialPercentage: 20 }))
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.match(endOf(state).reason, /reached the unified system/)
  })
})
