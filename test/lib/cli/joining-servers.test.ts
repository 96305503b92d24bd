import assert from 'node:assert/strict'
import { knownOfFleet } from '../../../src/lib/cli/joining-servers.js'
import type { Claim } from '../../../src/lib/core/claim.js'
import type { RolloutPlan, RolloutState } from '../../../src/lib/core/rollout.js'
import { planWatch } from '../../../src/lib/core/plan.js'
import { startRollout } from '../../../src/lib/engine/run-rollout.js'
import { endOf } from '../../support/fakes.js'
import { A, B, C, FleetScene, fleetPlan, gradualFleet } from '../../support/fleets.js'
import { basis, MINUTE } from '../../support/rollouts.js'

const BY_NAME = { servers: [A, B], from: 'dns:fleet:8000' }
const OTHER: Claim = {
  ...{ schema: 'wsctl/claim@1', rolloutId: '20261124-b', command: 'deploy full', server: C, operator: 'ben@desk' },
  ...{ since: '2026-11-24T09:00:00.000Z', exclusive: true, place: 'here', pid: 1, processStart: null },
  ...{ token: 'b', left: false, takeover: null },
}

/** A fleet that C joins after two minutes. */
class Joined {
  readonly scene = new FleetScene([A, B])
  readonly asked: string[] = []
  readonly warnings: string[] = []

  constructor(private readonly answer: () => Claim | null) {
    this.scene.clock.at(2 * MINUTE, () => (this.scene.found = [A, B, C]))
  }

  run(plan: RolloutPlan): Promise<RolloutState> {
    const extend = async (server: string): Promise<Claim | null> => {
      this.asked.push(server)
      return this.answer()
    }
    const warn = (warning: string): unknown => this.warnings.push(warning)
    const known = knownOfFleet(plan, null, { lock: { extend }, inbox: this.scene.inbox, warn })
    const server = this.scene.fleet.through((member) => member, known)
    return startRollout(plan, 'tester', { ...this.scene.ports, server })
  }
}

const raising = () => gradualFleet({ initialPercentage: 10, maxPercentage: 20, stepSize: 10 }, BY_NAME)

describe('a server that joins behind a name', () => {
  it('is claimed once, and brought to the step', async () => {
    const joined = new Joined(() => null)
    assert.equal(endOf(await joined.run(raising())).outcome, 'completed')
    assert.deepEqual(joined.asked, [C])
    assert.deepEqual(joined.scene.at(C).raised, [10, 20])
  })

  it('that another run works on has the run held, and is not touched', async () => {
    const joined = new Joined(() => OTHER)
    const { outcome, reason } = endOf(await joined.run(raising()))
    assert.equal(outcome, 'held')
    assert.match(
      reason,
      /held by wsctl: http:\/\/c:8000 joined, and deploy full \(20261124-b\) by ben@desk is at work on it/,
    )
    assert.deepEqual(joined.scene.at(C).writes, [])
    assert.equal(joined.scene.standing[A], 'gradual 10 %')
  })

  it('is asked for again while nobody can say who has it, and is not touched until then', async () => {
    let tries = 0
    const joined = new Joined(() => {
      tries += 1
      if (tries < 3) throw new Error('the folder hangs')
      return null
    })
    assert.equal(endOf(await joined.run(raising())).outcome, 'completed')
    assert.deepEqual(joined.asked, [C, C, C])
    assert.equal(joined.scene.standing[C], 'gradual 20 %')
  })

  it('that another run works on ends no watch, which leaves it alone and says so', async () => {
    const joined = new Joined(() => OTHER)
    const before = { ...basis().before, mode: 'disabled', percentage: 0 } as const
    const plan = planWatch(
      { ...basis({ before }), fleet: fleetPlan(BY_NAME) },
      { durationMs: 10 * MINUTE, onBreach: 'rollback' },
    )
    const state = await joined.run(plan)
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(Object.keys(state.fleet?.members ?? {}), [A, B])
    assert.match(joined.warnings.join(), /is at work on it, so it is left alone$/)
    assert.equal(joined.warnings.length, 1)
  })

  it('is taken back with the others when it joins during a rollback, whoever has it', async () => {
    const joined = new Joined(() => OTHER)
    joined.scene.at(A).traffic = { attemptsPerSecond: 20, failing: () => 0.9 }
    joined.scene.at(A).fault = (call) => {
      if (call === 'emergencyRollback') joined.scene.found = [A, B, C]
    }
    const { outcome } = endOf(await joined.run(raising()))
    assert.equal(outcome, 'rolled-back')
    assert.deepEqual(joined.asked, [])
  })

  it('is known to who takes the run up, and one that left is not', async () => {
    const joined = new Joined(() => null)
    joined.scene.clock.at(7 * MINUTE, () => (joined.scene.found = [A, C]))
    const plan = raising()
    const left = await joined.run(plan)
    const around = { lock: { extend: async () => null }, inbox: joined.scene.inbox, warn: () => undefined }
    assert.deepEqual(knownOfFleet(plan, left, around).servers, [A, C])
    assert.deepEqual(knownOfFleet(gradualFleet(), left, around), {}, 'of a fixed fleet the plan tells')
  })
})
