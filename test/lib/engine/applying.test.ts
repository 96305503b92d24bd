import assert from 'node:assert/strict'
import { planLowering } from '../../../src/lib/core/plan.js'
import { DEFAULT_THRESHOLDS } from '../../../src/lib/core/thresholds.js'
import { callError, endOf } from '../../support/fakes.js'
import { basis, from, gradual, MINUTE, Scene } from '../../support/rollouts.js'

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
      if (call === 'configure') throw callError('server-error', 500)
    }
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.equal(endOf(state).reason, '3 failed attempts in a row to reach 5 %: the server answered 500')
    assert.deepEqual(scene.server.raised, [])
    assert.deepEqual(failures(scene), [
      '5 % does not show 10 s after writing it: the server answered 500',
      '5 % does not show 10 s after writing it: the server answered 500',
      '5 % does not show 10 s after writing it: the server answered 500',
    ])
  })

  it('holds where it is, promptly, when the server refuses the write for good', async () => {
    for (const [kind, status] of [
      ['rejected', 422],
      ['rejected', 400],
      ['not-found', 404],
      ['not-found', 405],
    ] as const) {
      const scene = new Scene()
      let writes = 0
      scene.server.fault = (call) => {
        if (call !== 'configure' || scene.server.settings.percentage < 5) return
        writes += 1
        throw callError(kind, status)
      }
      const state = await scene.run(gradual())
      assert.deepEqual([endOf(state).outcome, endOf(state).code], ['held', 'write-refused'])
      assert.equal(
        endOf(state).reason,
        `the server refused what was to be set, and still is at gradual 5 %: the server answered ${status}`,
      )
      assert.equal(writes, 1)
      assert.ok(scene.clock.monotonicMs() < 5 * MINUTE + 2000, 'the step of 5 minutes, and little more')
      assert.deepEqual(scene.server.raised, [5])
    }
  })

  it('goes on when a write took effect that the server refused', async () => {
    const scene = new Scene()
    scene.server.faultAfter = (call) => {
      if (call === 'configure') throw callError('rejected', 422)
    }
    assert.equal(endOf(await scene.run(gradual())).outcome, 'completed')
    assert.deepEqual(scene.server.raised, [5, 20, 35, 50])
  })

  it('tries again when the refusal may be none a moment later', async () => {
    for (const [kind, status] of [
      ['rejected', 408],
      ['rejected', 409],
      ['rejected', 425],
      ['rate-limited', 429],
      ['unauthorized', 401],
      ['forbidden', 403],
      ['server-error', 503],
      ['invalid-answer', 200],
    ] as const) {
      const scene = new Scene()
      let writes = 0
      scene.server.fault = (call) => {
        if (call === 'configure' && ++writes === 1) throw callError(kind, status)
      }
      assert.equal(endOf(await scene.run(gradual())).outcome, 'completed', `${status}`)
    }
  })

  it('does not hold on a refusal as long as the server cannot be read', async () => {
    const scene = new Scene()
    scene.server.fault = (call) => {
      if (call === 'configure') throw callError('rejected', 422)
      if (scene.types.includes('write-answered')) throw callError('unreachable')
    }
    assert.equal(endOf(await scene.run(gradual())).outcome, 'rollback-unverified')
  })

  it('does not stay where a restart put the server when it refuses to be set again', async () => {
    const scene = new Scene()
    scene.clock.at(MINUTE, () => {
      scene.server.restart({ mode: 'full', percentage: 100 })
      scene.server.fault = (call) => {
        if (call === 'configure') throw callError('rejected', 422)
      }
    })
    assert.equal(endOf(await scene.run(gradual())).outcome, 'rolled-back')
    assert.equal(scene.server.settings.mode, 'disabled')
  })

  it('takes everybody back when the server refuses to be lowered', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 50 })
    scene.server.fault = (call) => {
      if (call === 'configure') throw callError('rejected', 422)
    }
    const options = { step: 25, to: 0, stepDurationMs: MINUTE, once: false }
    assert.equal(endOf(await scene.run(planLowering(basis(from('gradual', 50)), options))).outcome, 'rolled-back')
    assert.equal(scene.server.settings.mode, 'disabled')
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
