import assert from 'node:assert/strict'
import { WsctlError } from '../../../src/lib/core/error.js'
import { endOf } from '../../support/fakes.js'
import { gradual, Scene } from '../../support/rollouts.js'

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
