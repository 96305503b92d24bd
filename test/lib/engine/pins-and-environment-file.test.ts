import assert from 'node:assert/strict'
import { toResult } from '../../../src/lib/contract/result.js'
import { WsctlError } from '../../../src/lib/core/error.js'
import { planConfigure, planTesting } from '../../../src/lib/core/plan.js'
import { callError, endOf } from '../../support/fakes.js'
import { basis, from, gradual, MINUTE, Scene } from '../../support/rollouts.js'

describe('the pinned users and the environment file', () => {
  it('keeps the pinned users in every write', async () => {
    const pins = { rolloutUsers: ['alice', 'bob'], forceLegacyUsers: ['mallory'] }
    const scene = new Scene(undefined, { explicitRolloutUsers: 2, forcedLegacyUsers: 1 })
    const state = await scene.run(gradual({}, { pins }))
    assert.equal(endOf(state).outcome, 'completed')
    for (const { configuration } of scene.server.writes) {
      assert.deepEqual(configuration?.rolloutUsers, pins.rolloutUsers)
      assert.deepEqual(configuration.forceLegacyUsers, pins.forceLegacyUsers)
    }
  })

  it('leaves the lists in the environment file alone that the server has lost', async () => {
    for (const rollsBack of [false, true]) {
      const scene = new Scene({ attemptsPerSecond: 20, failing: () => (rollsBack ? 0.9 : 0) })
      await scene.run(gradual({ initialPercentage: 20 }, { environmentFile: scene.environmentFile.path }))
      assert.ok(scene.environmentFile.written.length > 0)
      for (const { rolloutUsers, forceLegacyUsers } of scene.environmentFile.written) {
        assert.deepEqual([rolloutUsers, forceLegacyUsers], [null, null])
      }
    }
  })

  it('empties a list in the environment file when it was emptied on the server', async () => {
    const before = { ...from('gradual', 20).before, forceLegacyUsers: ['mallory'] }
    for (const known of [before, { ...before, forceLegacyUsers: null }]) {
      const scene = new Scene(undefined, { mode: 'gradual', percentage: 20, forcedLegacyUsers: 1 })
      const target = {
        mode: 'gradual',
        percentage: 20,
        legacyFallback: true,
        rolloutUsers: [],
        forceLegacyUsers: [],
      } as const
      const { path } = scene.environmentFile
      await scene.run(planConfigure(basis({ before: known, environmentFile: path }), target))
      assert.deepEqual(scene.environmentFile.written.at(-1)?.forceLegacyUsers, [])
    }
  })

  it('does not put lists that were never written in the place of those that stand', async () => {
    const scene = new Scene(undefined, { explicitRolloutUsers: 2 })
    const before = { ...from('disabled', 0).before, rolloutUsers: ['alice', 'bob'] }
    const pins = { rolloutUsers: ['alice', 'bob'], forceLegacyUsers: [] }
    scene.server.fault = (call) => {
      if (call === 'emergencyRollback') throw callError('server-error', 500)
      if (call === 'readStatus' && scene.clock.monotonicMs() < MINUTE) throw callError('timeout')
    }
    const state = await scene.run(planTesting(basis({ before, pins }), ['carol']))
    assert.equal(endOf(state).outcome, 'rolled-back')
    const written = scene.server.writes.flatMap(({ configuration }) => (configuration ? [configuration] : []))
    assert.ok(written.length > 0)
    for (const { rolloutUsers } of written) assert.deepEqual(rolloutUsers, ['alice', 'bob'])
  })

  it('keeps to the list that stood when one as long was never seen to be taken', async () => {
    const scene = new Scene(undefined, { mode: 'testing', explicitRolloutUsers: 1 })
    const before = { ...from('testing', 0).before, rolloutUsers: ['bob'] }
    const pins = { rolloutUsers: ['bob'], forceLegacyUsers: [] }
    const { server } = scene
    const configure = server.configure.bind(server)
    server.configure = async (configuration) => {
      if (configuration.mode !== 'disabled') throw callError('server-error', 500)
      await configure(configuration)
    }
    server.fault = (call) => {
      if (call === 'emergencyRollback') throw callError('not-found', 404)
    }
    const state = await scene.run(planTesting(basis({ before, pins }), ['carol']))
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.deepEqual(
      server.writes.flatMap(({ configuration }) => configuration?.rolloutUsers ?? []),
      ['bob'],
    )
    assert.deepEqual(toResult(state, []).after?.rolloutUsers, ['bob'])
  })

  it('tells of a list that the server refused to replace as it stood', async () => {
    const scene = new Scene(undefined, { mode: 'testing', explicitRolloutUsers: 1 })
    const before = { ...from('testing', 0).before, rolloutUsers: ['bob'] }
    scene.server.fault = (call) => {
      if (call === 'configure') throw callError('rejected', 422)
    }
    const state = await scene.run(
      planTesting(basis({ before, pins: { rolloutUsers: ['bob'], forceLegacyUsers: [] } }), ['carol']),
    )
    assert.equal(endOf(state).outcome, 'refused')
    assert.deepEqual(toResult(state, []).after?.rolloutUsers, ['bob'])
  })

  it('does not unpin users of whom the last reading before a breach told', async () => {
    const scene = new Scene()
    scene.clock.at(MINUTE - 5000, () => {
      scene.server.settings = { ...scene.server.settings, forcedLegacyUsers: 1 }
    })
    // The reading that tells is the last one that is answered.
    scene.clock.at(MINUTE + 125, () => {
      scene.server.fault = () => {
        throw callError('timeout')
      }
    })
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'rollback-unverified')
    assert.ok(scene.types.includes('doubted'))
    assert.deepEqual(
      scene.journal.events.filter((event) => event.type === 'rollback-called' && event.call === 'configure'),
      [],
    )
  })

  it('raises the environment file only to percentages that passed', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: (percentage) => (percentage >= 35 ? 0.9 : 0) })
    await scene.run(gradual({}, { environmentFile: '/srv/app/.env' }))
    assert.deepEqual(
      scene.environmentFile.written.map(({ mode, percentage }) => [mode, percentage]),
      [
        ['gradual', 5],
        ['gradual', 20],
        ['disabled', 0],
      ],
    )
  })

  it('goes on with a warning when the environment file cannot be written', async () => {
    const scene = new Scene()
    scene.environmentFile.failure = new WsctlError('env-file-read-only', '/srv/app/.env is read-only', {
      outcome: 'usage',
    })
    const state = await scene.run(gradual({}, { environmentFile: '/srv/app/.env' }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.match(state.warnings.join(), /read-only/)
  })
})
