import assert from 'node:assert/strict'
import { planFull } from '../../../src/lib/core/plan.js'
import { endOf } from '../../support/fakes.js'
import { basis, gradual, MINUTE, Scene } from '../../support/rollouts.js'

describe('a server that somebody or something else changes', () => {
  it('ends without raising again when somebody else rolled back', async () => {
    const scene = new Scene()
    scene.clock.at(30_000, () => {
      scene.server.settings = { ...scene.server.settings, mode: 'disabled' }
    })
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'refused')
    assert.equal(endOf(state).code, 'foreign-change')
    assert.equal(
      endOf(state).reason,
      'the server was changed from outside this run: mode from gradual to disabled; it now says disabled 5 %',
    )
    assert.deepEqual(scene.server.raised, [5])
  })

  it('names each list that changed, with its lengths, and the fallback', async () => {
    const pins = { rolloutUsers: ['ann', 'bob', 'cyd'], forceLegacyUsers: ['mal'] }
    const scene = new Scene(undefined, { explicitRolloutUsers: 3, forcedLegacyUsers: 1 })
    scene.clock.at(30_000, () => {
      const change = { explicitRolloutUsers: 5, forcedLegacyUsers: 0, legacyFallback: false }
      scene.server.settings = { ...scene.server.settings, ...change }
    })
    assert.equal(
      endOf(await scene.run(gradual({}, { pins }))).reason,
      'the server was changed from outside this run: rollout list from 3 to 5 users, force-legacy list from 1 to 0 users, ' +
        'fallback from on to off; it now says gradual 5 %',
    )
  })

  it('applies the step again after one restart, and observes it from its beginning', async () => {
    const scene = new Scene()
    scene.clock.at(4 * MINUTE, () => scene.server.restart())
    const state = await scene.run(gradual({ maxPercentage: 5 }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.server.raised, [5, 5])
    assert.ok(scene.clock.monotonicMs() >= 9 * MINUTE)
  })

  it('pins again the users whom a restart forgot', async () => {
    const pins = { rolloutUsers: ['alice', 'bob'], forceLegacyUsers: ['mallory'] }
    const scene = new Scene(undefined, { explicitRolloutUsers: 2, forcedLegacyUsers: 1 })
    scene.clock.at(4 * MINUTE, () => scene.server.restart())
    const state = await scene.run(gradual({ maxPercentage: 5 }, { pins }))
    assert.equal(endOf(state).outcome, 'completed')
    const { explicitRolloutUsers, forcedLegacyUsers } = scene.server.settings
    assert.deepEqual([explicitRolloutUsers, forcedLegacyUsers], [2, 1])
  })

  it('writes nothing more to a server that restarted with pinned users whom it does not know', async () => {
    const scene = new Scene()
    scene.clock.at(4 * MINUTE, () => scene.server.restart({ forcedLegacyUsers: 1 }))
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'refused')
    assert.match(endOf(state).reason, /force-legacy list from 0 to 1 user; it now says disabled 0 %/)
    assert.deepEqual(scene.server.raised, [5])
  })

  it('rolls back at the second restart within a step', async () => {
    const scene = new Scene()
    scene.clock.at(1 * MINUTE, () => scene.server.restart())
    scene.clock.at(3 * MINUTE, () => scene.server.restart())
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.match(endOf(state).reason, /restarted 2 times/)
    assert.deepEqual(scene.server.raised, [5, 5])
  })

  it('sets a step once more when the server restarts while it is read back', async () => {
    const scene = new Scene()
    scene.clock.pass(MINUTE)
    scene.clock.at(MINUTE + 25, () => scene.server.restart({ mode: 'full', percentage: 100 }))
    const plan = planFull(basis(), { durationMs: 0, onInconclusive: 'extend' })
    const state = await scene.run(plan)
    assert.deepEqual(
      scene.types.filter((type) => type === 'restart-detected'),
      ['restart-detected'],
    )
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.server.raised, [100, 100])
  })

  it('recognises two processes behind one address by settings that come and go', async () => {
    const scene = new Scene()
    const other = new Scene().server
    let turn = 0
    const readStatus = scene.server.readStatus.bind(scene.server)
    scene.server.readStatus = async () => {
      turn += 1
      return turn % 2 === 0 ? other.readStatus() : readStatus()
    }
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'refused')
    assert.equal(endOf(state).code, 'several-processes')
    assert.deepEqual(scene.server.raised, [5])
  })
})
