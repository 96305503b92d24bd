import assert from 'node:assert/strict'
import { planConfigure } from '../../../src/lib/core/plan.js'
import { callError, endOf } from '../../support/fakes.js'
import { basis, from, Scene } from '../../support/rollouts.js'

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
      if (call === 'configure') throw callError('rejected', 422)
    }
    const state = await failing.run(planConfigure(basis(from('gradual', 35)), target))
    assert.equal(endOf(state).outcome, 'unreachable')
    assert.deepEqual([failing.server.settings.mode, failing.server.settings.percentage], ['gradual', 35])
  })
})
