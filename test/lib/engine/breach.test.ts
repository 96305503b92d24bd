import assert from 'node:assert/strict'
import { planFull } from '../../../src/lib/core/plan.js'
import { callError, endOf } from '../../support/fakes.js'
import { basis, gradual, MINUTE, Scene } from '../../support/rollouts.js'

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

  it('finds users who are refused when everybody is sent to unified', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, refused: () => 1 })
    // Those who are forced to legacy still connect, or nobody would be seen at all.
    scene.server.fault = (call) => {
      const { counters } = scene.server
      if (call === 'readStatus') scene.server.counters = { ...counters, legacy: counters.legacy + 5 }
    }
    const state = await scene.run(planFull(basis(), { durationMs: 5 * MINUTE, onInconclusive: 'extend' }))
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.match(endOf(state).reason, /0 of \d+ attempts reached the unified system, about \d+ expected at 100 %/)
  })

  it('finds users who are refused without an error through adoption', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, refused: () => 1 })
    const state = await scene.run(gradual({ initialPercentage: 20 }))
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.match(endOf(state).reason, /reached the unified system/)
  })
  it('that is a server which cannot be reached is told once, also when nobody knows who is back', async () => {
    const scene = new Scene()
    scene.clock.at(MINUTE, () => {
      scene.server.fault = () => {
        throw callError('unreachable')
      }
    })
    const { outcome, reason } = endOf(await scene.run(gradual()))
    assert.equal(outcome, 'rollback-unverified')
    assert.equal(
      reason,
      'users may still be on the unified system: it could not be confirmed that they are back. ' +
        'The last reading showed mode gradual at 5 % at 09:00:50Z (137s ago), so about 5 % of new connections may ' +
        'still go to the unified system. The server was not reached since: 71 calls without an answer. ' +
        'Cause of the rollback: 3 failed checks in a row; the last one: the server answered nothing',
    )
  })
})
