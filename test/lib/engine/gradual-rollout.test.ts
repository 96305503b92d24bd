import assert from 'node:assert/strict'
import { DEFAULT_THRESHOLDS } from '../../../src/lib/core/thresholds.js'
import { callError, endOf } from '../../support/fakes.js'
import { gradual, MINUTE, Scene } from '../../support/rollouts.js'

describe('a gradual rollout', () => {
  it('raises step by step, each observed for its whole duration', async () => {
    const scene = new Scene()
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.server.raised, [5, 20, 35, 50])
    assert.deepEqual(
      state.steps.map((step) => step.outcome),
      ['passed', 'passed', 'passed', 'passed'],
    )
    assert.ok(scene.clock.monotonicMs() >= 4 * 5 * MINUTE, 'four steps of five minutes were observed')
    assert.equal(scene.server.settings.mode, 'gradual')
  })

  it('sets mode full after a clean last step at 100', async () => {
    const scene = new Scene()
    const state = await scene.run(gradual({ initialPercentage: 50, maxPercentage: 100, stepSize: 50 }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual([scene.server.settings.mode, scene.server.settings.percentage], ['full', 100])
  })

  it('does not raise the percentage while the server is unreachable, and says that users may still be there', async () => {
    const scene = new Scene()
    scene.clock.at(30_000, () => {
      scene.server.fault = () => {
        throw callError('unreachable')
      }
    })
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'rollback-unverified')
    assert.match(endOf(state).reason, /users may still be on the unified system/)
    assert.deepEqual(scene.server.raised, [5])
  })

  it('does not believe one failed check', async () => {
    const scene = new Scene()
    scene.clock.at(30_000, () => {
      scene.server.fault = () => {
        throw callError('server-error', 500)
      }
    })
    scene.clock.at(34_000, () => {
      scene.server.fault = () => undefined
    })
    assert.equal(endOf(await scene.run(gradual())).outcome, 'completed')
  })

  it('extends a step without traffic once by its own length, then holds', async () => {
    const scene = new Scene({ attemptsPerSecond: 0 })
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'held')
    assert.deepEqual(scene.server.raised, [5])
    assert.ok(scene.clock.monotonicMs() >= 10 * MINUTE && scene.clock.monotonicMs() < 11 * MINUTE)
    assert.equal(scene.server.settings.percentage, 5, 'the percentage stays where it is')
  })

  it('extends each step by itself, and each from its own beginning after a restart', async () => {
    const scene = new Scene({ attemptsPerSecond: 0 })
    // Users come only while a step is extended.
    for (const minute of [6, 16]) {
      scene.clock.at(minute * MINUTE, () => {
        scene.server.traffic = { attemptsPerSecond: 20 }
      })
      scene.clock.at((minute + 4) * MINUTE, () => {
        scene.server.traffic = { attemptsPerSecond: 0 }
      })
    }
    const state = await scene.run(gradual({ maxPercentage: 20 }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.equal(scene.types.filter((type) => type === 'step-extended').length, 2)
    assert.deepEqual(
      state.steps.map(({ outcome }) => outcome),
      ['passed', 'passed'],
    )
  })

  it('extends a step only once, whatever the server does meanwhile', async () => {
    const scene = new Scene({ attemptsPerSecond: 0 })
    scene.server.counters = { legacy: 9, unified: 0, errors: 0, fallbacks: 0 }
    scene.clock.at(7 * MINUTE, () => scene.server.restart())
    const state = await scene.run(gradual())
    assert.equal(endOf(state).code, 'inconclusive')
    assert.equal(scene.types.filter((type) => type === 'step-extended').length, 1)
    assert.equal(state.steps.length, 1)
  })

  it('does not let a step pass on a check of the one before', async () => {
    const scene = new Scene()
    scene.clock.at(5 * MINUTE + 1000, () => {
      scene.server.traffic = { attemptsPerSecond: 0.2 }
    })
    const thresholds = { ...DEFAULT_THRESHOLDS, windowMs: MINUTE }
    const state = await scene.run(gradual({ onInconclusive: 'hold' }, { thresholds }))
    assert.equal(endOf(state).code, 'inconclusive')
    assert.deepEqual(scene.server.raised, [5, 20])
  })

  it('holds at once, or takes everybody back, when there was too little to say and it was told to', async () => {
    const held = new Scene({ attemptsPerSecond: 0 })
    const state = await held.run(gradual({ onInconclusive: 'hold' }))
    assert.deepEqual([endOf(state).outcome, endOf(state).code], ['held', 'inconclusive'])
    assert.ok(held.clock.monotonicMs() < 6 * MINUTE)
    assert.equal(held.server.settings.percentage, 5)

    const back = new Scene({ attemptsPerSecond: 0 })
    const { reason, outcome } = endOf(await back.run(gradual({ onInconclusive: 'rollback' })))
    assert.deepEqual([outcome, reason], ['rolled-back', '0 attempts in the whole step, 20 needed'])
    assert.equal(back.server.settings.mode, 'disabled')
  })

  it('does not advance on a failed check, even when told to advance without evidence', async () => {
    const scene = new Scene({ attemptsPerSecond: 0 })
    scene.clock.at(5 * MINUTE - 5000, () => {
      scene.server.traffic = { attemptsPerSecond: 2000, failing: () => 1 }
    })
    const state = await scene.run(gradual({ onInconclusive: 'advance' }))
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.deepEqual(scene.server.raised, [5])
  })

  it('does not advance on silence after a check that got no answer', async () => {
    const scene = new Scene({ attemptsPerSecond: 0 })
    let reads = 0
    scene.server.fault = (call) => {
      if (call === 'readStatus' && ++reads === 15) throw callError('timeout')
    }
    const state = await scene.run(gradual({ onInconclusive: 'advance' }))
    assert.deepEqual([endOf(state).outcome, endOf(state).code], ['held', 'inconclusive'])
    assert.match(endOf(state).reason, /a check failed, and none has passed since; the last one: 0 of the 20 attempts/)
    assert.deepEqual(scene.server.raised, [5])
  })

  it('says so when attempts came too thinly for any check', async () => {
    const scene = new Scene({ attemptsPerSecond: 0.2 })
    const thresholds = { ...DEFAULT_THRESHOLDS, windowMs: MINUTE }
    const state = await scene.run(gradual({ onInconclusive: 'hold' }, { thresholds }))
    assert.equal(
      endOf(state).reason,
      'too little to say whether 5 % is safe: no check found the 20 attempts that a rate needs within its window',
    )
  })

  it('does not leave users in the middle of a failure when the time of the step runs out', async () => {
    const scene = new Scene({ attemptsPerSecond: 0 })
    scene.clock.at(10 * MINUTE - 5000, () => {
      scene.server.traffic = { attemptsPerSecond: 2000, failing: () => 1 }
    })
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.deepEqual(scene.server.raised, [5])
  })

  it('advances without traffic when told to', async () => {
    const scene = new Scene({ attemptsPerSecond: 0 })
    const state = await scene.run(gradual({ onInconclusive: 'advance' }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(
      state.steps.map((step) => step.outcome),
      ['unproven', 'unproven', 'unproven', 'unproven'],
    )
  })

  it('does not count time in which nothing was sampled as observed', async () => {
    const scene = new Scene()
    scene.clock.at(MINUTE, () => scene.clock.pass(60 * MINUTE))
    const state = await scene.run(gradual({ maxPercentage: 5 }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.ok(scene.clock.monotonicMs() >= 64 * MINUTE, 'an hour asleep left the rest of the step to be observed')
  })

  it('does not judge by what happened while nothing was sampled', async () => {
    // One attempt in a thousand fails: an hour of that is more errors than a window may hold.
    const scene = new Scene({ attemptsPerSecond: 20, failing: () => 0.02 })
    scene.clock.at(MINUTE, () => scene.clock.pass(60 * MINUTE))
    const state = await scene.run(gradual({ maxPercentage: 5 }))
    assert.ok(state.steps[0] && state.steps[0].tally.errors > 50)
    assert.equal(endOf(state).outcome, 'completed')
  })

  it('waits the steps out without judging them when monitoring is off', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: () => 1 })
    const state = await scene.run(gradual({ monitoring: false }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.server.raised, [5, 20, 35, 50])
  })

  it('holds before an unreachable server, even when monitoring is off', async () => {
    const scene = new Scene()
    scene.clock.at(MINUTE, () => {
      scene.server.fault = () => {
        throw callError('unreachable')
      }
    })
    const state = await scene.run(gradual({ monitoring: false }))
    assert.equal(endOf(state).outcome, 'held')
    assert.deepEqual(scene.server.raised, [5])
  })
})
