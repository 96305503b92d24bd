import assert from 'node:assert/strict'
import { planWatch } from '../../../src/lib/core/plan.js'
import { callError, endOf } from '../../support/fakes.js'
import { basis, from, MINUTE, Scene } from '../../support/rollouts.js'

describe('monitoring', () => {
  it('watches without writing, and ends when its time is up', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    const state = await scene.run(
      planWatch(basis(from('gradual', 35)), { durationMs: 10 * MINUTE, onBreach: 'rollback' }),
    )
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.server.writes, [])
  })

  it('ends when its time is up although a failed check was followed by nothing but silence', async () => {
    const scene = new Scene({ attemptsPerSecond: 0 }, { mode: 'gradual', percentage: 35 })
    let reads = 0
    scene.server.fault = (call) => {
      if (call === 'readStatus' && ++reads === 10) throw callError('timeout')
    }
    const plan = planWatch(basis(from('gradual', 35)), { durationMs: 10 * MINUTE, onBreach: 'rollback' })
    assert.equal(endOf(await scene.run(plan)).outcome, 'completed')
  })

  it('is done when the operator stops it, and says how much it saw', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    scene.clock.at(10_500, () => scene.inbox.interrupt())
    const watch = planWatch(basis(from('gradual', 35)), { durationMs: null, onBreach: 'rollback' })
    const state = await scene.run(watch)
    assert.deepEqual([endOf(state).outcome, endOf(state).code], ['completed', 'interrupted'])
    assert.equal(endOf(state).reason, 'stopped by the operator after 1 check')
  })

  it('holds nothing back when it is stopped before its time', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    scene.clock.at(35_000, () => scene.inbox.interrupt())
    const watch = planWatch(basis(from('gradual', 35)), { durationMs: 10 * MINUTE, onBreach: 'rollback' })
    const state = await scene.run(watch)
    assert.equal(endOf(state).outcome, 'held')
    assert.equal(endOf(state).reason, 'interrupted during 3 checks')
  })

  it('takes everybody back on a breach when told to', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: () => 0.9 }, { mode: 'gradual', percentage: 35 })
    const state = await scene.run(planWatch(basis(from('gradual', 35)), { durationMs: null, onBreach: 'rollback' }))
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.deepEqual([scene.server.settings.mode, scene.server.settings.percentage], ['disabled', 0])
  })

  it('only reports a breach when told to exit', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: () => 0.9 }, { mode: 'gradual', percentage: 35 })
    const state = await scene.run(planWatch(basis(from('gradual', 35)), { durationMs: null, onBreach: 'exit' }))
    assert.equal(endOf(state).outcome, 'breached')
    assert.deepEqual(scene.server.writes, [])
  })

  it('goes on watching through a restart and a change by somebody else', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    scene.clock.at(2 * MINUTE, () => scene.server.restart({ mode: 'gradual', percentage: 35 }))
    scene.clock.at(4 * MINUTE, () => {
      scene.server.settings = { ...scene.server.settings, percentage: 50 }
    })
    const state = await scene.run(
      planWatch(basis(from('gradual', 35)), { durationMs: 10 * MINUTE, onBreach: 'rollback' }),
    )
    assert.equal(endOf(state).outcome, 'completed')
    assert.equal(state.warnings.length, 2)
  })
})
