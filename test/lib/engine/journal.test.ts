import assert from 'node:assert/strict'
import { planLowering, planWatch } from '../../../src/lib/core/plan.js'
import { callError, endOf } from '../../support/fakes.js'
import { basis, from, gradual, MINUTE, Scene } from '../../support/rollouts.js'

function breakJournal(scene: Scene): void {
  scene.journal.broken = true
}

describe('a journal that fails', () => {
  it('lets nothing start', async () => {
    const scene = new Scene()
    breakJournal(scene)
    await assert.rejects(scene.run(gradual()))
    assert.deepEqual(scene.server.writes, [])
  })

  it('lets nothing be raised', async () => {
    const scene = new Scene()
    scene.clock.at(6 * MINUTE, () => breakJournal(scene))
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'held')
    assert.equal(endOf(state).code, 'journal-failed')
    assert.deepEqual(scene.server.raised, [5, 20])
    assert.match(state.warnings.join(), /the journal could not be written: no space left on device/)
  })

  it('lets nothing be written again that did not arrive before', async () => {
    const scene = new Scene()
    scene.server.fault = (call) => {
      if (call !== 'configure') return
      breakJournal(scene)
      throw callError('unreachable')
    }
    const state = await scene.run(gradual())
    assert.equal(endOf(state).code, 'journal-failed')
    assert.deepEqual(scene.server.raised, [])
  })

  it('lets a step that was written be watched to its end', async () => {
    const scene = new Scene()
    scene.server.faultAfter = (call) => {
      if (call === 'configure') breakJournal(scene)
    }
    const state = await scene.run(gradual())
    assert.equal(endOf(state).code, 'journal-failed')
    assert.deepEqual(
      state.steps.map(({ percentage, outcome }) => [percentage, outcome]),
      [[5, 'passed']],
    )
    assert.deepEqual(scene.server.raised, [5])
  })

  it('does not stand in the way of a rollback', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: (percentage) => (percentage >= 20 ? 0.9 : 0) })
    scene.clock.at(5 * MINUTE + 5000, () => breakJournal(scene))
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.equal(scene.server.settings.mode, 'disabled')
  })

  it('lets a rollback go down, but not up again after a restart', async () => {
    const down = () =>
      planLowering(basis(from('gradual', 60)), { step: 20, to: 0, stepDurationMs: MINUTE, once: false })
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 60 })
    scene.clock.at(MINUTE / 2, () => breakJournal(scene))
    assert.equal(endOf(await scene.run(down())).outcome, 'completed')
    assert.deepEqual(scene.server.raised, [40, 20])

    const restarted = new Scene(undefined, { mode: 'gradual', percentage: 60 })
    restarted.clock.at(MINUTE / 2, () => {
      breakJournal(restarted)
      restarted.server.restart()
    })
    assert.equal(endOf(await restarted.run(down())).code, 'journal-failed')
    assert.deepEqual(restarted.server.raised, [40])
  })

  it('does not end a watch over the server', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: () => 0.9 }, { mode: 'gradual', percentage: 35 })
    const append = scene.journal.append.bind(scene.journal)
    scene.journal.append = async (event) => {
      if (event.seq > 1) breakJournal(scene)
      await append(event)
    }
    const state = await scene.run(planWatch(basis(from('gradual', 35)), { durationMs: null, onBreach: 'rollback' }))
    assert.equal(endOf(state).outcome, 'rolled-back')
  })

  it('does not make the run deaf to an interrupt that it could not record', async () => {
    const scene = new Scene()
    scene.clock.at(6 * MINUTE, () => {
      breakJournal(scene)
      scene.inbox.interrupt()
    })
    const state = await scene.run(gradual())
    assert.equal(endOf(state).code, 'interrupted')
    assert.ok(scene.clock.monotonicMs() < 7 * MINUTE)
  })

  it('is told of its failure once it can be written again', async () => {
    const scene = new Scene()
    scene.clock.at(MINUTE, () => breakJournal(scene))
    scene.clock.at(2 * MINUTE, () => {
      scene.journal.broken = false
    })
    const state = await scene.run(gradual())
    assert.equal(endOf(state).code, 'journal-failed', 'a gap in the journal stays a gap')
    assert.deepEqual(scene.journal.events.at(-1)?.type, 'finished')
  })
})
