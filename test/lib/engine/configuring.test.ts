import assert from 'node:assert/strict'
import { planConfigure } from '../../../src/lib/core/plan.js'
import { callError, endOf } from '../../support/fakes.js'
import { basis, from, Scene } from '../../support/rollouts.js'

const BOB = { rolloutUsers: ['bob'], forceLegacyUsers: [] }
const CAROL = { rolloutUsers: ['carol'], forceLegacyUsers: [] }

describe('one write of a configuration', () => {
  it('writes a configuration once and does not roll back when that fails', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    const target = {
      mode: 'gradual' as const,
      percentage: 40,
      legacyFallback: true,
      rolloutUsers: [],
      forceLegacyUsers: [],
    }
    assert.equal(endOf(await scene.run(planConfigure(basis(from('gradual', 35)), target))).outcome, 'completed')
    assert.equal(scene.server.settings.percentage, 40)

    const failing = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    failing.server.fault = (call) => {
      if (call === 'configure') throw callError('server-error', 500)
    }
    const state = await failing.run(planConfigure(basis(from('gradual', 35)), target))
    assert.equal(endOf(state).outcome, 'unreachable')
    assert.deepEqual([failing.server.settings.mode, failing.server.settings.percentage], ['gradual', 35])
  })
  it('does not take a list for replaced that is only as long as before, when the write failed', async () => {
    const was = { mode: 'testing', percentage: 0, legacyFallback: true } as const
    for (const lists of [BOB, { rolloutUsers: null, forceLegacyUsers: null }]) {
      const scene = new Scene(undefined, { mode: 'testing', explicitRolloutUsers: 1 })
      scene.server.fault = (call) => {
        if (call === 'configure') throw callError('server-error', 503)
      }
      const own = basis({ before: { ...was, ...lists }, pins: CAROL })
      const state = await scene.run(planConfigure(own, { ...was, ...CAROL }))
      assert.equal(endOf(state).outcome, 'unreachable')
      assert.deepEqual(scene.server.writes, [])
    }
  })

  it('believes a list replaced by one as long, once the server has taken it', async () => {
    const scene = new Scene(undefined, { mode: 'testing', explicitRolloutUsers: 1 })
    let writes = 0
    scene.server.fault = (call) => {
      if (call === 'configure' && ++writes === 1) throw callError('timeout')
    }
    const was = { mode: 'testing', percentage: 0, legacyFallback: true } as const
    const state = await scene.run(
      planConfigure(basis({ before: { ...was, ...BOB }, pins: CAROL }), { ...was, ...CAROL }),
    )
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.server.writes, [{ call: 'configure', configuration: { ...was, ...CAROL } }])
  })
  it('ends promptly, and as refused, when the server says no', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    let writes = 0
    scene.server.fault = (call) => {
      if (call !== 'configure') return
      writes += 1
      throw callError('rejected', 422)
    }
    const target = { mode: 'gradual', percentage: 40, legacyFallback: true } as const
    const state = await scene.run(
      planConfigure(basis(from('gradual', 35)), { ...target, rolloutUsers: [], forceLegacyUsers: [] }),
    )
    assert.deepEqual([endOf(state).outcome, endOf(state).code], ['refused', 'write-refused'])
    assert.match(endOf(state).reason, /still is at gradual 35 %: the server answered 422$/)
    assert.equal(writes, 1)
    assert.ok(scene.clock.monotonicMs() < 2000)
  })
})
