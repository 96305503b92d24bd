import assert from 'node:assert/strict'
import { planWatch, type Safeguards } from '../../../src/lib/core/plan.js'
import { DEFAULT_THRESHOLDS } from '../../../src/lib/core/thresholds.js'
import type { Tally } from '../../../src/lib/core/window.js'
import { callError, endOf } from '../../support/fakes.js'
import { basis, gradual, MINUTE, Scene } from '../../support/rollouts.js'

const FIVE_MINUTES: Safeguards = { baseline: { durationMs: 5 * MINUTE } }
const HALF_AGAIN: Safeguards = { ...FIVE_MINUTES, increases: { maxErrorRate: 1.5, maxFallbackRate: null } }

describe('the observation before the first step', () => {
  it('is recorded before anything is written', async () => {
    const scene = new Scene()
    scene.clock.at(4 * MINUTE, () => assert.deepEqual(scene.server.writes, []))
    const state = await scene.run(gradual({ safeguards: FIVE_MINUTES }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.ok(state.baseline && state.baseline.observedMs >= 5 * MINUTE)
    assert.equal(state.baseline.tally.attempts, 20 * 300)
    assert.equal(state.steps.length, 4)
  })

  it('makes a limit of what was usual', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: (percentage) => (percentage >= 20 ? 4 / percentage : 0) })
    const thresholds = { ...DEFAULT_THRESHOLDS, maxRoutingErrors: 1000 }
    const state = await scene.run(gradual({ safeguards: HALF_AGAIN }, { thresholds }))
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.match(endOf(state).reason, /error rate .*limit 0\.03 %/)
    const without = await new Scene(scene.server.traffic).run(gradual({ safeguards: FIVE_MINUTES }, { thresholds }))
    assert.equal(endOf(without).outcome, 'completed')
  })

  it('never loosens a fixed limit', async () => {
    const tally: Tally = { legacy: 500, unified: 0, errors: 400, fallbacks: 400, attempts: 500 }
    const scene = new Scene({ attemptsPerSecond: 20, failing: () => 0.5 }, { mode: 'gradual', percentage: 50 })
    const state = await scene.run(
      planWatch(
        { ...basis(), before: { ...basis().before, mode: 'gradual', percentage: 50 } },
        {
          durationMs: 10 * MINUTE,
          onBreach: 'exit',
          safeguards: {
            baseline: { tally, observedMs: 5 * MINUTE },
            increases: { maxErrorRate: 2, maxFallbackRate: null },
          },
        },
      ),
    )
    assert.equal(endOf(state).outcome, 'breached')
    assert.match(endOf(state).reason, /limit 5 %/)
  })

  it('that saw too little to compare with ends before the first step', async () => {
    const scene = new Scene({ attemptsPerSecond: 0.01 })
    const state = await scene.run(gradual({ safeguards: HALF_AGAIN }))
    assert.deepEqual([endOf(state).outcome, endOf(state).code], ['held', 'no-baseline'])
    assert.deepEqual(scene.server.writes, [])
    assert.ok(scene.clock.monotonicMs() >= 10 * MINUTE)
  })

  it('of a server that does not answer ends before the first step', async () => {
    const scene = new Scene()
    scene.server.fault = () => {
      throw callError('unreachable', null)
    }
    const state = await scene.run(gradual({ safeguards: FIVE_MINUTES }))
    assert.deepEqual([endOf(state).outcome, endOf(state).code], ['unreachable', 'no-baseline'])
  })

  it('begins anew when the server restarts', async () => {
    const scene = new Scene()
    scene.clock.at(4 * MINUTE, () => scene.server.restart())
    const state = await scene.run(gradual({ safeguards: FIVE_MINUTES }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.ok(state.baseline && state.baseline.tally.attempts < 20 * 320)
    assert.ok(scene.clock.monotonicMs() > 29 * MINUTE)
  })

  it('of a server whose counters go down again and again ends before the first step', async () => {
    const scene = new Scene()
    for (const minute of [1, 2, 3]) scene.clock.at(minute * MINUTE, () => scene.server.restart())
    const state = await scene.run(gradual({ safeguards: FIVE_MINUTES }))
    assert.deepEqual([endOf(state).outcome, endOf(state).code], ['refused', 'unsteady'])
    assert.match(endOf(state).reason, /several server processes/)
    assert.deepEqual(scene.server.writes, [])
  })

  it('can be interrupted', async () => {
    const scene = new Scene()
    scene.clock.at(MINUTE, () => scene.inbox.interrupt())
    const state = await scene.run(gradual({ safeguards: FIVE_MINUTES }))
    assert.equal(endOf(state).outcome, 'held')
    assert.deepEqual(scene.server.writes, [])
  })
})
