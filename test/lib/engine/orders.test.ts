import assert from 'node:assert/strict'
import type { Order } from '../../../src/lib/core/control.js'
import type { EventOf } from '../../../src/lib/core/event.js'
import { planWatch } from '../../../src/lib/core/plan.js'
import { resumeRollout } from '../../../src/lib/engine/run-rollout.js'
import { fold } from '../../../src/lib/core/fold.js'
import { endOf } from '../../support/fakes.js'
import { basis, gradual, MINUTE, Scene } from '../../support/rollouts.js'

/** What became of each order, oldest first: null when it was followed. */
function objections(scene: Scene): readonly (string | null)[] {
  return scene.journal.events
    .filter((event): event is EventOf<'commanded'> => event.type === 'commanded')
    .map(({ objection }) => objection)
}

describe('an order to a run under way', () => {
  describe('to pause it', () => {
    it('keeps the step, observed on, until somebody resumes it', async () => {
      const scene = new Scene()
      scene.clock.at(3 * MINUTE, () => scene.inbox.command('pause', { by: 'ana@desk' }))
      scene.clock.at(60 * MINUTE, () => {
        assert.deepEqual(scene.server.raised, [5])
        scene.inbox.command('resume', { by: 'ben@desk' })
      })
      const state = await scene.run(gradual())
      assert.equal(endOf(state).outcome, 'completed')
      assert.deepEqual(scene.server.raised, [5, 20, 35, 50])
      const checks = scene.journal.events.filter((event) => event.type === 'checked' && event.step === 0)
      assert.ok(checks.length > 300, `only ${checks.length} checks in an hour of pause`)
      const [wait] = scene.journal.events.filter((event) => event.type === 'waiting')
      assert.equal(wait?.reason, 'paused by ana@desk')
    })

    it('does not keep a breach from rolling back', async () => {
      const scene = new Scene({ attemptsPerSecond: 20 })
      scene.clock.at(1 * MINUTE, () => scene.inbox.command('pause'))
      scene.clock.at(20 * MINUTE, () => {
        scene.server.traffic = { attemptsPerSecond: 20, failing: () => 0.9 }
      })
      const state = await scene.run(gradual({ initialPercentage: 20 }))
      assert.equal(endOf(state).outcome, 'rolled-back')
      assert.equal(scene.server.settings.mode, 'disabled')
      assert.ok(scene.clock.monotonicMs() < 21 * MINUTE)
    })

    it('settles nothing while there is too little traffic to judge', async () => {
      const scene = new Scene({ attemptsPerSecond: 0.001 })
      scene.clock.at(1 * MINUTE, () => scene.inbox.command('pause'))
      scene.clock.at(90 * MINUTE, () => scene.inbox.command('hold'))
      const state = await scene.run(gradual())
      assert.equal(endOf(state).code, 'held')
      assert.equal(scene.types.includes('step-extended'), false)
    })

    it('that comes while the last reading of the step is on its way raises nothing more', async () => {
      const scene = new Scene()
      let isPaused = false
      scene.server.fault = (call) => {
        if (call !== 'readStatus' || isPaused || scene.clock.monotonicMs() < 5 * MINUTE) return
        isPaused = true
        scene.inbox.command('pause')
      }
      scene.clock.at(40 * MINUTE, () => scene.inbox.command('hold'))
      await scene.run(gradual())
      assert.deepEqual(scene.server.raised, [5])
    })

    it('that comes when the step has just passed raises nothing more', async () => {
      const scene = new Scene()
      const append = scene.journal.append.bind(scene.journal)
      scene.journal.append = async (event) => {
        if (event.type === 'step-passed') scene.inbox.command('pause')
        await append(event)
      }
      scene.clock.at(40 * MINUTE, () => scene.inbox.command('hold'))
      await scene.run(gradual({}, { environmentFile: '/srv/app/.env' }))
      assert.deepEqual(scene.server.raised, [5])
    })

    it('twice, or to resume what is not paused, is refused with the reason', async () => {
      const scene = new Scene()
      scene.clock.at(1 * MINUTE, () => scene.inbox.command('resume'))
      scene.clock.at(2 * MINUTE, () => scene.inbox.command('pause', { by: 'ana@desk' }))
      scene.clock.at(3 * MINUTE, () => scene.inbox.command('pause', { by: 'ben@desk' }))
      scene.clock.at(4 * MINUTE, () => scene.inbox.command('hold'))
      await scene.run(gradual())
      assert.deepEqual(objections(scene), ['it is not paused', null, 'it is paused already, by ana@desk', null])
    })

    it('outlives the process, until somebody takes the run up', async () => {
      const scene = new Scene()
      scene.clock.at(2 * MINUTE, () => scene.inbox.command('pause'))
      scene.clock.at(20 * MINUTE, () => scene.inbox.interrupt())
      await scene.run(gradual())
      const left = fold(scene.journal.events.filter((event) => !['interrupted', 'finished'].includes(event.type)))
      assert.ok(left)
      scene.clock.at(40 * MINUTE, () => scene.inbox.command('hold'))
      const kept = await resumeRollout(left, { operator: 'companion', policy: 'hold' }, scene.ports)
      assert.deepEqual(scene.server.raised, [5])
      assert.equal(endOf(kept).code, 'held')
      const goneOn = await resumeRollout(left, { operator: 'ben', policy: 'continue' }, new Scene().ports)
      assert.equal(goneOn.pausedBy, null)
    })
  })

  describe('to promote a step', () => {
    it('ends it as soon as it is proven', async () => {
      const scene = new Scene()
      scene.clock.at(2 * MINUTE, () => scene.inbox.command('promote', { step: 0 }))
      scene.clock.at(3 * MINUTE, () => scene.inbox.command('hold'))
      await scene.run(gradual())
      assert.deepEqual(scene.server.raised, [5, 20])
      assert.deepEqual(objections(scene), [null, null])
    })

    it('is refused when that step is over, or has not begun', async () => {
      const scene = new Scene()
      scene.clock.at(7 * MINUTE, () => scene.inbox.command('promote', { step: 0 }))
      scene.clock.at(8 * MINUTE, () => scene.inbox.command('promote', { step: 2 }))
      scene.clock.at(9 * MINUTE, () => scene.inbox.command('hold'))
      await scene.run(gradual())
      assert.deepEqual(objections(scene), [
        'step 1 is over: the run is at step 2 of 4 (20 %)',
        'step 3 has not begun: the run is at step 2 of 4 (20 %)',
        null,
      ])
      assert.deepEqual(scene.server.raised, [5, 20])
    })

    it('is refused without evidence, however often', async () => {
      const scene = new Scene({ attemptsPerSecond: 0.01 })
      for (const minute of [1, 2, 3]) scene.clock.at(minute * MINUTE, () => scene.inbox.command('promote'))
      scene.clock.at(4 * MINUTE, () => scene.inbox.command('hold'))
      await scene.run(gradual())
      assert.deepEqual(scene.server.raised, [5])
      for (const objection of objections(scene).slice(0, 3)) assert.match(objection ?? '', /nothing proves it yet: /)
    })

    it('is refused while it is paused: resume it first', async () => {
      const scene = new Scene()
      scene.clock.at(1 * MINUTE, () => scene.inbox.command('pause', { by: 'ana@desk' }))
      scene.clock.at(2 * MINUTE, () => scene.inbox.command('promote'))
      scene.clock.at(3 * MINUTE, () => scene.inbox.command('hold'))
      await scene.run(gradual())
      assert.equal(objections(scene)[1], 'it is paused by ana@desk: resume it first')
    })

    it('means nothing any more once the server restarted', async () => {
      const scene = new Scene()
      // Promoted in the very moment in which the next reading shows a new process.
      scene.clock.at(2 * MINUTE + 500, () => {
        scene.inbox.command('promote')
        scene.server.restart({ mode: 'gradual', percentage: 5 })
      })
      const state = await scene.run(gradual({ maxPercentage: 5 }))
      assert.equal(endOf(state).outcome, 'completed')
    })
  })

  it('to hold ends the run where it is, and says who wanted it', async () => {
    const scene = new Scene()
    scene.clock.at(6 * MINUTE, () => scene.inbox.command('hold', { by: 'ana@desk', reason: 'lunch' }))
    const state = await scene.run(gradual())
    const { outcome, code, reason } = endOf(state)
    assert.deepEqual([outcome, code, reason], ['held', 'held', 'held by ana@desk: lunch'])
    assert.equal(scene.server.settings.percentage, 20)
    assert.equal(state.steps.at(-1)?.outcome, 'held')
  })

  it('to abort takes everybody back, and says who wanted it', async () => {
    const scene = new Scene()
    scene.clock.at(6 * MINUTE, () => scene.inbox.command('abort', { by: 'ana@desk' }))
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.match(endOf(state).reason, /aborted by ana@desk/)
    assert.equal(scene.server.settings.mode, 'disabled')
  })

  it('is heard at once, not when the next poll is due', async () => {
    const scene = new Scene()
    scene.clock.at(6 * MINUTE + 1234, () => scene.inbox.command('hold'))
    await scene.run(gradual())
    assert.equal(scene.clock.monotonicMs(), 6 * MINUTE + 1234)
  })

  for (const order of ['pause', 'promote', 'hold', 'abort'] satisfies Order[]) {
    it(`to ${order} does not disturb a rollback`, async () => {
      const scene = new Scene({ attemptsPerSecond: 20, failing: () => 0.9 })
      let ordered = false
      scene.server.fault = (call) => {
        if (call === 'emergencyRollback' && !ordered) {
          ordered = true
          scene.inbox.command(order)
        }
      }
      const state = await scene.run(gradual({ initialPercentage: 20 }))
      assert.equal(endOf(state).outcome, 'rolled-back')
      assert.deepEqual(objections(scene), ['a rollback is under way, and is finished first'])
    })
  }

  it('to pause or abort a watch is refused; to hold ends it', async () => {
    const scene = new Scene()
    scene.clock.at(1 * MINUTE, () => scene.inbox.command('pause'))
    scene.clock.at(2 * MINUTE, () => scene.inbox.command('abort'))
    scene.clock.at(3 * MINUTE, () => scene.inbox.command('hold'))
    await scene.run(planWatch(basis(), { durationMs: 60 * MINUTE, onBreach: 'rollback' }))
    assert.deepEqual(objections(scene), ['monitor has no steps to pause', 'monitor has no steps to abort', null])
  })
})
