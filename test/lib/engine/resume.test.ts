import assert from 'node:assert/strict'
import type { EventType } from '../../../src/lib/core/event.js'
import { planLowering } from '../../../src/lib/core/plan.js'
import type { ResumePolicy, RolloutPlan, RolloutState } from '../../../src/lib/core/rollout.js'
import { resumeRollout } from '../../../src/lib/engine/run-rollout.js'
import { callError, endOf } from '../../support/fakes.js'
import { basis, from, gradual, MINUTE, Scene } from '../../support/rollouts.js'
import { fold } from '../../support/world.js'

/** Kills the process once the nth event of a type is on disk, before anything is done about it. */
async function killAt(scene: Scene, plan: RolloutPlan, type: EventType, nth = 1): Promise<RolloutState> {
  const append = scene.journal.append.bind(scene.journal)
  let seen = 0
  return new Promise((resolve, reject) => {
    scene.journal.append = async (event) => {
      await append(event)
      if (event.type === type) seen += 1
      if (event.type !== type || seen !== nth) return
      scene.journal.append = append
      resolve(fold(scene.journal.events))
      // Nothing of the dead process goes on.
      await new Promise(() => undefined)
    }
    scene.run(plan).then(() => reject(new Error(`it ended before the ${nth}. ${type}`)), reject)
  })
}

function resume(scene: Scene, left: RolloutState, policy: ResumePolicy = 'continue'): Promise<RolloutState> {
  return resumeRollout(left, { operator: 'rescuer', policy }, scene.ports)
}

const MOMENTS = [
  ['before the first look', 'step-started', 1],
  ['before the write', 'write-cleared', 2],
  ['after the write', 'write-answered', 2],
  ['while it is read back', 'read-back', 5],
  ['once it shows', 'step-applied', 2],
  ['while it is observed', 'checked', 40],
  ['once it passed', 'step-passed', 2],
] as const

describe('a run that was taken up again', () => {
  for (const [moment, type, nth] of MOMENTS) {
    it(`ends as an undisturbed one when it was killed ${moment}`, async () => {
      const scene = new Scene()
      const left = await killAt(scene, gradual({ maxPercentage: 20 }), type, nth)
      const state = await resume(scene, left)
      assert.equal(endOf(state).outcome, 'completed')
      assert.deepEqual(
        state.steps.map((step) => [step.percentage, step.outcome]),
        [
          [5, 'passed'],
          [20, 'passed'],
        ],
      )
      assert.equal(scene.server.settings.percentage, 20)
      assert.deepEqual(fold(scene.journal.events), state)
    })
  }

  it('does not count the time in which nobody watched', async () => {
    const scene = new Scene()
    const left = await killAt(scene, gradual({ maxPercentage: 5 }), 'checked', 6)
    scene.clock.pass(60 * MINUTE)
    const resumedMs = scene.clock.monotonicMs()
    const state = await resume(scene, left)
    assert.equal(endOf(state).outcome, 'completed')
    assert.ok(scene.clock.monotonicMs() - resumedMs >= 4 * MINUTE)
  })

  it('does not raise on what passed before, should users fail since', async () => {
    for (const type of ['checked', 'step-passed'] as const) {
      const scene = new Scene()
      // The last check of the first step, or its end.
      const left = await killAt(scene, gradual(), type, type === 'checked' ? 30 : 1)
      scene.server.traffic = { attemptsPerSecond: 200, failing: () => 1 }
      scene.clock.pass(60 * MINUTE)
      const state = await resume(scene, left)
      assert.equal(endOf(state).outcome, 'rolled-back', type)
      assert.deepEqual(scene.server.raised, [5], type)
    }
  })

  it('raises again when only the journal of the process before it had failed', async () => {
    const scene = new Scene()
    const append = scene.journal.append.bind(scene.journal)
    let hasFailed = false
    scene.journal.append = async (event) => {
      const fails = event.type === 'checked' && !hasFailed
      hasFailed ||= fails
      if (fails) throw new Error('no space left on device')
      await append(event)
    }
    const left = await killAt(scene, gradual({ maxPercentage: 20 }), 'checked', 3)
    assert.equal(left.journalFailed, true)
    const state = await resume(scene, left)
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.server.raised, [5, 20])
  })

  it('follows a failure that was in progress', async () => {
    const scene = new Scene({ attemptsPerSecond: 20 }, { mode: 'gradual', percentage: 80 })
    scene.clock.at(5 * MINUTE - 5000, () => {
      scene.server.traffic = { attemptsPerSecond: 20, failing: () => 1 }
    })
    const plan = planLowering(basis(from('gradual', 80)), { step: 10, to: 0, stepDurationMs: 5 * MINUTE, once: false })
    const left = await killAt(scene, plan, 'checked', 30)
    assert.equal(left.lastCheck?.verdict, 'fail')
    assert.equal(endOf(await resume(scene, left)).outcome, 'rolled-back')
    assert.deepEqual(scene.server.raised, [70])
  })

  it('ends at once when nothing was left to raise', async () => {
    const scene = new Scene()
    const left = await killAt(scene, gradual({ maxPercentage: 20 }), 'step-passed', 2)
    const resumedMs = scene.clock.monotonicMs()
    assert.equal(endOf(await resume(scene, left)).outcome, 'completed')
    assert.equal(scene.clock.monotonicMs(), resumedMs)
  })

  it('does not write again what was only being doubted', async () => {
    const scene = new Scene()
    scene.clock.at(MINUTE, () => scene.server.restart({ mode: 'gradual', percentage: 5 }))
    const left = await killAt(scene, gradual({ maxPercentage: 5 }), 'doubted', 2)
    const state = await resume(scene, left)
    assert.equal(endOf(state).outcome, 'completed')
    assert.equal(state.restarts, 1)
    assert.deepEqual(scene.server.raised, [5])
  })

  it('goes on down from a step that had passed', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 40 })
    const plan = planLowering(basis(from('gradual', 40)), { step: 20, to: 0, stepDurationMs: MINUTE, once: false })
    const left = await killAt(scene, plan, 'step-passed')
    assert.equal(endOf(await resume(scene, left)).outcome, 'completed')
    assert.deepEqual(scene.server.raised, [20])
    assert.equal(scene.server.settings.mode, 'disabled')
  })

  it('takes up a rollback and sees it through', async () => {
    for (const type of ['breached', 'rollback-started', 'rollback-called', 'rollback-verified'] as const) {
      const scene = new Scene({ attemptsPerSecond: 20, failing: () => 0.9 })
      const left = await killAt(scene, gradual(), type)
      const state = await resume(scene, left)
      assert.equal(endOf(state).outcome, 'rolled-back', type)
      assert.equal(scene.server.settings.mode, 'disabled')
      assert.equal(scene.server.settings.percentage, 0)
    }
  })

  it('still knows the failures in a row that came before', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: () => 0.9 })
    const left = await killAt(scene, gradual({ initialPercentage: 20 }), 'checked', 2)
    const checks = scene.journal.events.filter((event) => event.type === 'checked').length
    assert.equal(left.failuresInRow, checks)
    await resume(scene, left)
    const all = scene.journal.events.filter((event) => event.type === 'checked').length
    // The first sample after the gap has nothing to be compared with.
    assert.ok(all - checks <= 2, `${all - checks} more checks`)
  })

  it('ends without raising when somebody rolled back meanwhile', async () => {
    const scene = new Scene()
    const left = await killAt(scene, gradual(), 'checked', 6)
    scene.server.settings = { ...scene.server.settings, mode: 'disabled' }
    const state = await resume(scene, left)
    assert.equal(endOf(state).code, 'foreign-change')
    assert.deepEqual(scene.server.raised, [5])
  })

  it('sets the step again when the server restarted meanwhile', async () => {
    const scene = new Scene()
    const left = await killAt(scene, gradual({ maxPercentage: 5 }), 'checked', 6)
    scene.server.restart()
    const state = await resume(scene, left)
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.server.raised, [5, 5])
    assert.equal(state.restarts, 1)
  })

  it('only sees the step under way to its end when it was to hold', async () => {
    const scene = new Scene()
    const left = await killAt(scene, gradual(), 'checked', 40)
    const state = await resume(scene, left, 'hold')
    assert.deepEqual([endOf(state).outcome, endOf(state).code], ['held', 'crash'])
    assert.deepEqual(scene.server.raised, [5, 20])
    assert.equal(state.steps.at(-1)?.outcome, 'passed')
    assert.equal(scene.server.settings.percentage, 20)
  })

  it('still rolls back on a breach when it was to hold', async () => {
    const scene = new Scene()
    const left = await killAt(scene, gradual(), 'checked', 6)
    scene.server.fault = (call) => {
      if (call === 'readStatus' && scene.server.settings.mode !== 'disabled') throw callError('server-error', 500)
    }
    assert.equal(endOf(await resume(scene, left, 'hold')).outcome, 'rolled-back')
  })

  it('begins no step when it was to hold and none had begun', async () => {
    const scene = new Scene()
    const left = await killAt(scene, gradual(), 'started')
    assert.equal(endOf(await resume(scene, left, 'hold')).outcome, 'held')
    assert.deepEqual(scene.server.writes, [])
  })

  it('takes everybody back at once when that was asked for', async () => {
    const scene = new Scene()
    const left = await killAt(scene, gradual(), 'checked', 6)
    const startMs = scene.clock.monotonicMs()
    const state = await resume(scene, left, 'rollback')
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.match(endOf(state).reason, /the process that ran it died/)
    assert.ok(scene.clock.monotonicMs() - startMs < 1000)
  })

  it('does not roll back what had come to its end', async () => {
    const scene = new Scene()
    const left = await killAt(scene, gradual({ maxPercentage: 5 }), 'finished')
    const state = await resume(scene, left, 'rollback')
    assert.equal(endOf(state).outcome, 'completed')
    assert.equal(scene.server.settings.percentage, 5)
  })
})
