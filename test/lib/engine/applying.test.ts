import assert from 'node:assert/strict'
import { DEFAULT_THRESHOLDS } from '../../../src/lib/core/thresholds.js'
import { callError, endOf } from '../../support/fakes.js'
import { gradual, Scene } from '../../support/rollouts.js'

/** Why each attempt to write a step failed. */
function failures(scene: Scene): readonly string[] {
  return scene.journal.events.flatMap((event) => (event.type === 'apply-failed' ? [event.reason] : []))
}

describe('writing a step', () => {
  it('believes a slow server after as many readings as a quick one', async () => {
    const scene = new Scene()
    scene.server.fault = () => scene.clock.pass(4000)
    const state = await scene.run(gradual({ maxPercentage: 5 }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.server.raised, [5])
  })

  it('reads back a write that worked although its answer timed out, and does not write again', async () => {
    const scene = new Scene()
    scene.server.faultAfter = (call) => {
      if (call !== 'configure') return
      scene.clock.pass(10_000)
      throw callError('timeout')
    }
    const state = await scene.run(gradual({ maxPercentage: 5 }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.server.raised, [5])
  })

  it('writes again when the first write did not arrive', async () => {
    const scene = new Scene()
    let writes = 0
    scene.server.fault = (call) => {
      if (call === 'configure' && ++writes === 1) throw callError('unreachable')
    }
    const state = await scene.run(gradual({ maxPercentage: 5 }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.server.raised, [5])
    assert.equal(writes, 2)
    const [failed, next] = ['apply-failed', 'write-cleared'].map((type) =>
      scene.journal.events.findLast((event) => event.type === type),
    )
    assert.ok(failed && next)
    assert.equal(next.atMs - failed.atMs, DEFAULT_THRESHOLDS.confirmIntervalMs, 'with a pause before')
  })

  it('rolls back when the value never shows, and says what stood in the way', async () => {
    const scene = new Scene()
    scene.server.fault = (call) => {
      if (call === 'configure') throw callError('rejected', 422)
    }
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.equal(endOf(state).reason, '3 failed attempts in a row to reach 5 %: the server answered 422')
    assert.deepEqual(scene.server.raised, [])
    assert.deepEqual(failures(scene), [
      '5 % does not show 10 s after writing it: the server answered 422',
      '5 % does not show 10 s after writing it: the server answered 422',
      '5 % does not show 10 s after writing it: the server answered 422',
    ])
  })

  it('writes nothing to a server that cannot be read, and says so', async () => {
    const scene = new Scene()
    scene.server.fault = (call) => {
      if (call === 'readStatus') throw callError('server-error', 502)
    }
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'rollback-unverified')
    assert.deepEqual(scene.server.raised, [])
    assert.equal(
      failures(scene)[0],
      'the server could not be read for 10 s, so 5 % was not written: the server answered 502',
    )
  })
})
