import assert from 'node:assert/strict'
import { planEmergency } from '../../../src/lib/core/plan.js'
import { callError, endOf } from '../../support/fakes.js'
import { A, B, C, FleetScene, fleetPlan } from '../../support/fleets.js'
import { basis, emergency, MINUTE } from '../../support/rollouts.js'
import { fold } from '../../support/world.js'

describe('an emergency on a fleet', () => {
  it('takes all back at once, and believes each by itself', async () => {
    const scene = new FleetScene([A, B, C], undefined, { mode: 'gradual', percentage: 40 })
    const { outcome } = endOf(await scene.run({ ...emergency(), fleet: fleetPlan() }))
    assert.equal(outcome, 'completed')
    assert.deepEqual(new Set(Object.values(scene.standing).map((where) => where.split(' ')[0])), new Set(['disabled']))
  })

  it('waits for no server that is slow, and names the one that is not seen to be back', async () => {
    const scene = new FleetScene([A, B, C], undefined, { mode: 'gradual', percentage: 40 })
    const pins = { rolloutUsers: [], forceLegacyUsers: [] }
    const hangs = () => new Promise<never>(() => undefined)
    Object.assign(scene.at(B), { readStatus: hangs, emergencyRollback: hangs, configure: hangs })
    const plan = planEmergency(
      { ...basis({ pins }), fleet: fleetPlan(), rollbackTimeoutMs: 1000 },
      { rolloutUsers: [], forceLegacyUsers: [] },
      null,
    )
    const { outcome, reason } = endOf(await scene.run(plan))
    assert.equal(outcome, 'rollback-unverified')
    assert.match(reason, /still be on the unified system on http:\/\/b:8000: /)
    assert.match(reason, /The other 2 are back on legacy: http:\/\/a:8000 and http:\/\/c:8000/)
    const calls = scene.at(A).writes.map(({ call }) => call)
    assert.deepEqual(calls, ['emergency-rollback', 'configure'], 'who is back is only brought to 0 % in the end')
  })

  it('tells when no server at all is seen to be back, naming the first of many', async () => {
    const servers = ['a', 'b', 'c', 'd', 'e'].map((name) => `http://${name}:8000`)
    const scene = new FleetScene(servers, undefined, { mode: 'gradual', percentage: 40 })
    for (const server of servers) scene.silence(server)
    const { outcome, reason } = endOf(
      await scene.run({ ...emergency(), fleet: fleetPlan({ servers }), rollbackTimeoutMs: 5000 }),
    )
    assert.equal(outcome, 'rollback-unverified')
    assert.match(reason, /http:\/\/a:8000 .*; http:\/\/b:8000 .*; http:\/\/c:8000 .*; and 2 more\./)
    assert.match(reason, /No other server is back either\./)
  })

  it('unpins nobody on a server whose lists are others', async () => {
    const scene = new FleetScene([A, B, C], undefined, { mode: 'gradual', percentage: 40 })
    scene.at(B).settings = { ...scene.at(B).settings, forcedLegacyUsers: 2 }
    const { outcome } = endOf(
      await scene.run({ ...emergency(), fleet: fleetPlan(), pins: { rolloutUsers: [], forceLegacyUsers: [] } }),
    )
    assert.equal(outcome, 'completed')
    assert.equal(scene.at(B).settings.forcedLegacyUsers, 2)
    assert.deepEqual(new Set(Object.values(scene.standing).map((where) => where.split(' ')[0])), new Set(['disabled']))
  })

  it('tries one that refuses until it is back, and leaves the others alone', async () => {
    const scene = new FleetScene([A, B, C], undefined, { mode: 'gradual', percentage: 40 })
    scene.silence(B, 'writes')
    scene.clock.at(20_000, () => (scene.at(B).fault = () => undefined))
    const { outcome } = endOf(await scene.run({ ...emergency(), fleet: fleetPlan() }))
    assert.equal(outcome, 'completed')
    assert.equal(scene.at(A).writes.filter(({ call }) => call === 'emergency-rollback').length, 1)
  })
})

describe('servers of a fleet that are back while another is not', () => {
  const PINS = { rolloutUsers: [], forceLegacyUsers: [] }
  const AT_40 = { mode: 'gradual', percentage: 40 } as const
  const untilGivenUp = (fleet = fleetPlan()) =>
    planEmergency({ ...basis({ pins: PINS }), fleet, rollbackTimeoutMs: MINUTE }, PINS, null)

  it('are not left at the percentage at which they were', async () => {
    const scene = new FleetScene([A, B, C], undefined, AT_40)
    scene.silence(B)
    const state = await scene.run(untilGivenUp())
    const { outcome, reason } = endOf(state)
    assert.equal(outcome, 'rollback-unverified')
    assert.match(reason, /^users may still be on the unified system on http:\/\/b:8000: /)
    assert.deepEqual(scene.standing, { [A]: 'disabled 0 %', [B]: 'gradual 40 %', [C]: 'disabled 0 %' })
    assert.deepEqual(state.warnings, [])
    assert.deepEqual(fold(scene.journal.events), state)
  })

  it('are back all the same when that cannot be written, and whoever reads the end is told', async () => {
    const scene = new FleetScene([A, B, C], undefined, AT_40)
    scene.silence(B)
    scene.at(A).fault = (call) => {
      if (call === 'configure') throw callError('server-error')
    }
    const state = await scene.run(untilGivenUp())
    assert.match(endOf(state).reason, /The other 2 are back on legacy: http:\/\/a:8000 and http:\/\/c:8000/)
    assert.equal(scene.standing[C], 'disabled 0 %')
    assert.match(state.warnings.join(), /the percentage was not set to 0: http:\/\/a:8000: /)
  })

  it('are named when another percentage shows there afterwards', async () => {
    const scene = new FleetScene([A, B, C], undefined, AT_40)
    scene.silence(B)
    scene.at(A).faultAfter = (call) => {
      if (call === 'configure') scene.at(A).settings = { ...scene.at(A).settings, percentage: 40 }
    }
    const { warnings } = await scene.run(untilGivenUp())
    assert.deepEqual(warnings, ['the percentage was set to 0, and another shows on http://a:8000'])
  })

  it('keep their lists where they are not known, and whoever reads the end is told', async () => {
    const scene = new FleetScene([A, B, C], undefined, AT_40)
    for (const server of [A, C]) scene.at(server).settings = { ...scene.at(server).settings, explicitRolloutUsers: 3 }
    scene.silence(B)
    const state = await scene.run(untilGivenUp())
    assert.deepEqual(scene.standing, { [A]: 'disabled 40 %', [B]: 'gradual 40 %', [C]: 'disabled 40 %' })
    assert.match(state.warnings.join(), /the percentage was not set to 0: the two user lists are not known/)
  })

  it('are all that is written to: who is at 0 % already is left alone', async () => {
    const scene = new FleetScene([A, B, C], undefined, AT_40)
    scene.at(C).settings = { ...scene.at(C).settings, percentage: 0 }
    const { outcome } = endOf(await scene.run(untilGivenUp()))
    assert.equal(outcome, 'completed')
    assert.deepEqual(scene.standing, { [A]: 'disabled 0 %', [B]: 'disabled 0 %', [C]: 'disabled 0 %' })
    assert.deepEqual(scene.at(C).raised, [])
  })
})
