import assert from 'node:assert/strict'
import { WsctlError } from '../../../src/lib/core/error.js'
import { planEmergency } from '../../../src/lib/core/plan.js'
import { callError, endOf, FakeServer } from '../../support/fakes.js'
import { basis, MINUTE, Scene } from '../../support/rollouts.js'
import { World } from '../../support/world.js'

describe('an emergency rollback', () => {
  const plan = (change = {}) =>
    planEmergency({ ...basis(), ...change }, { rolloutUsers: [], forceLegacyUsers: [] }, 'incident 7')

  it('brings everybody back and clears what would bring them forward again', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    const state = await scene.run(plan())
    assert.equal(endOf(state).outcome, 'completed')
    assert.equal(endOf(state).reason, 'incident 7')
    assert.deepEqual([scene.server.settings.mode, scene.server.settings.percentage], ['disabled', 0])
  })

  it('believes the status, not the answer, when the server says 500 and did it', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    scene.server.faultAfter = (call) => {
      if (call === 'emergencyRollback') throw callError('server-error', 500)
    }
    assert.equal(endOf(await scene.run(plan())).outcome, 'completed')
    assert.equal(scene.server.settings.mode, 'disabled')
  })

  it('goes by way of configure when the endpoint itself does not work', async () => {
    const scene = new Scene(undefined, { mode: 'full', percentage: 100 })
    scene.server.fault = (call) => {
      if (call === 'emergencyRollback') throw callError('not-found', 404)
    }
    assert.equal(endOf(await scene.run(plan())).outcome, 'completed')
    assert.equal(scene.server.settings.mode, 'disabled')
  })

  it('does not unpin users it does not know, and warns about the percentage that stays', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35, explicitRolloutUsers: 3 })
    const state = await scene.run(plan({ pins: null }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.equal(scene.server.settings.explicitRolloutUsers, 3)
    assert.match(state.warnings.join(), /percentage was not set to 0/)
  })

  it('keeps trying through twenty failures', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    let calls = 0
    scene.server.fault = () => {
      calls += 1
      if (calls <= 20) throw callError('server-error', 503)
    }
    assert.equal(endOf(await scene.run(plan())).outcome, 'completed')
  })

  it('reaches both of two processes that answer in turn', async () => {
    const settings = { mode: 'gradual', percentage: 35 } as const
    for (const pins of [null, { rolloutUsers: [], forceLegacyUsers: [] }]) {
      const world = new World({ attemptsPerSecond: 20 }, settings)
      world.servers.push(new FakeServer(world.clock, { attemptsPerSecond: 20 }, settings))
      const state = await world.start(plan({ pins, before: null }))
      assert.ok(state !== 'died')
      assert.equal(endOf(state).outcome, 'completed')
      assert.deepEqual(
        world.servers.map((server) => server.settings.mode),
        ['disabled', 'disabled'],
      )
    }
  })

  it('ends unverified when the time is up', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    scene.server.fault = () => {
      throw callError('timeout')
    }
    const state = await scene.run(plan())
    assert.equal(endOf(state).outcome, 'rollback-unverified')
    assert.ok(scene.clock.monotonicMs() >= 2 * MINUTE)
  })

  it('warns when the assignment cache could not be cleared, and says nothing where none is offered', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    scene.server.fault = (call) => {
      if (call === 'clearCache') throw callError('server-error', 500)
    }
    const state = await scene.run(plan())
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(state.warnings, ['the assignment cache was not cleared: the server answered 500'])

    const older = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    older.server.cacheOffered = false
    assert.deepEqual((await older.run(plan())).warnings, [])
  })

  it('updates the environment file even when it could not verify, and warns when that fails', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    scene.server.fault = () => {
      throw callError('timeout')
    }
    await scene.run(plan({ environmentFile: '/srv/app/.env' }))
    assert.deepEqual(
      scene.environmentFile.written.map(({ mode, percentage }) => [mode, percentage]),
      [['disabled', 0]],
    )

    const readOnly = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    readOnly.environmentFile.failure = new WsctlError('env-file', 'it is read-only', { outcome: 'usage' })
    const state = await readOnly.run(plan({ environmentFile: '/srv/app/.env' }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(state.warnings, ['the environment file /srv/app/.env was not updated: it is read-only'])
  })

  it('reads back a last call that took all the time there was', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    scene.server.faultAfter = (call) => {
      if (call !== 'emergencyRollback') return
      scene.clock.pass(10_000)
      throw callError('timeout')
    }
    assert.equal(endOf(await scene.run(plan({ rollbackTimeoutMs: 5000 }))).outcome, 'completed')
  })

  it('tries three times to set the percentage to 0, and then only warns', async () => {
    for (const [failures, warnings] of [
      [2, 0],
      [3, 1],
    ] as const) {
      const scene = new Scene(undefined, { mode: 'gradual', percentage: 60 })
      let calls = 0
      scene.server.fault = (call) => {
        if (call === 'configure' && ++calls <= failures) throw callError('server-error', 503)
      }
      const state = await scene.run(plan())
      assert.equal(endOf(state).outcome, 'completed')
      assert.equal(state.warnings.length, warnings)
      assert.equal(scene.server.settings.percentage, warnings === 0 ? 0 : 60)
    }
  })

  it('warns when the percentage stays although it was set to 0', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    scene.server.faultAfter = (call) => {
      if (call === 'configure') scene.server.settings = { ...scene.server.settings, percentage: 35 }
    }
    const state = await scene.run(plan())
    assert.equal(endOf(state).outcome, 'completed')
    assert.match(state.warnings.join(), /was set to 0, and the server shows another/)
  })

  it('warns when it cannot be read back whether the percentage is 0', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    scene.server.faultAfter = (call) => {
      if (call !== 'configure') return
      scene.server.fault = () => {
        throw callError('timeout')
      }
    }
    const state = await scene.run(plan())
    assert.equal(endOf(state).outcome, 'completed')
    assert.match(state.warnings.join(), /whether the percentage is 0 could not be read back/)
  })

  it('does not try for minutes with a token that is refused', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    scene.server.fault = () => {
      throw callError('unauthorized', 401)
    }
    const state = await scene.run(plan())
    assert.equal(endOf(state).outcome, 'unreachable')
    assert.ok(scene.clock.monotonicMs() < 10_000)
  })

  it('needs no journal', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    scene.journal.broken = true
    assert.equal(endOf(await scene.run(plan())).outcome, 'completed')
  })
})
