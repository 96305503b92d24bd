import assert from 'node:assert/strict'
import type { EventOf, EventType } from '../../../src/lib/core/event.js'
import { endOf } from '../../support/fakes.js'
import { A, B, C, FleetScene, fleetPlan, gradualFleet } from '../../support/fleets.js'
import { basis, MINUTE } from '../../support/rollouts.js'
import { fold } from '../../support/world.js'
import { planWatch } from '../../../src/lib/core/plan.js'

/** Events of one type, in order. */
function eventsOf<T extends EventType>({ journal }: FleetScene, type: T): readonly EventOf<T>[] {
  return journal.events.filter((event): event is EventOf<T> => event.type === type)
}

const TWO_STEPS = { initialPercentage: 10, maxPercentage: 20, stepSize: 10 }

describe('a fleet', () => {
  it('is moved as one: each step is set on all and shown by all before it is observed', async () => {
    const scene = new FleetScene()
    const state = await scene.run(gradualFleet(TWO_STEPS))
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.standing, { [A]: 'gradual 20 %', [B]: 'gradual 20 %', [C]: 'gradual 20 %' })
    for (const server of [A, B, C]) assert.deepEqual(scene.at(server).raised, [10, 20])
    assert.deepEqual(eventsOf(scene, 'fleet-changed'), [])
    assert.deepEqual(fold(scene.journal.events), state)
  })

  it('is judged by the sum of its counters', async () => {
    const scene = new FleetScene([A, B, C], { attemptsPerSecond: 1 })
    const state = await scene.run(gradualFleet(TWO_STEPS))
    const [step] = state.steps
    const alone = scene.at(A).counters
    assert.ok(step && step.tally.attempts > (alone.legacy + alone.unified) / 2, 'each gives a part')
    assert.equal(endOf(state).outcome, 'completed')
  })

  it('goes back as a whole because of one server that fails, which is named', async () => {
    // A thousandth of the attempts, so that the sum stays healthy.
    const scene = new FleetScene([A, B, C])
    scene.at(A).traffic = { attemptsPerSecond: 400 }
    scene.at(C).traffic = { attemptsPerSecond: 400 }
    scene.at(B).traffic = { attemptsPerSecond: 10, failing: (percentage) => (percentage >= 20 ? 0.9 : 0) }
    const state = await scene.run(gradualFleet(TWO_STEPS))
    const { outcome, reason } = endOf(state)
    assert.equal(outcome, 'rolled-back')
    assert.match(reason, /3 failed checks in a row; the last one: http:\/\/b:8000: error rate/)
    assert.deepEqual(new Set(Object.values(scene.standing)), new Set(['disabled 0 %']))
    const failed = eventsOf(scene, 'checked').filter(({ check }) => check.verdict === 'fail')
    assert.ok(failed.every(({ check }) => check.failing?.join() === B && check.together === false))
  })

  it('finds the same one where rates are judged sequentially', async () => {
    const scene = new FleetScene([A, B, C])
    scene.at(A).traffic = { attemptsPerSecond: 400 }
    scene.at(C).traffic = { attemptsPerSecond: 400 }
    scene.at(B).traffic = { attemptsPerSecond: 10, failing: (percentage) => (percentage >= 20 ? 0.9 : 0) }
    const analysis = { rule: 'sequential', confidence: 0.99, designEffect: 1 } as const
    const { outcome, reason } = endOf(await scene.run(gradualFleet(TWO_STEPS, {}, { analysis })))
    assert.equal(outcome, 'rolled-back')
    assert.match(reason, /http:\/\/b:8000: .* failed, limit 5 %; odds against chance/)
  })

  it('blames no server for what it saw too little of', async () => {
    const scene = new FleetScene()
    // Each of these is one failure of two: a rate, but not of enough.
    scene.at(B).traffic = { attemptsPerSecond: 1 / 100, failing: () => 0.5 }
    const state = await scene.run(gradualFleet(TWO_STEPS))
    assert.equal(endOf(state).outcome, 'completed')
  })

  it('counts an error while fewer answer than have to, and goes on without one when that is permitted', async () => {
    const all = new FleetScene()
    all.clock.at(MINUTE, () => all.silence(C))
    const { outcome, reason } = endOf(await all.run(gradualFleet(TWO_STEPS)))
    assert.equal(outcome, 'rollback-unverified', 'a server that is gone cannot be seen to be back')
    assert.match(reason, /still be on the unified system on http:\/\/c:8000: /)
    assert.match(reason, /The other 2 are back on legacy: http:\/\/a:8000 and http:\/\/b:8000/)
    assert.match(reason, /2 of 3 servers answered; http:\/\/c:8000: /)

    const most = new FleetScene()
    most.clock.at(MINUTE, () => most.silence(C))
    const state = await most.run(gradualFleet(TWO_STEPS, { quorum: 60 }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(most.at(C).raised, [10], 'it was away when the rest went on')
  })
})

describe('a server of a fleet', () => {
  it('that cannot be written to has the others put back, and the run held', async () => {
    const scene = new FleetScene()
    scene.clock.at(2 * MINUTE, () => scene.silence(B, 'writes'))
    const { outcome, code, reason } = endOf(await scene.run(gradualFleet(TWO_STEPS)))
    assert.deepEqual([outcome, code], ['held', 'partial-write'])
    assert.match(reason, /^20 % could not be set on http:\/\/b:8000: /)
    assert.match(reason, /3 of 3 servers were put back to gradual 10 %, which they show$/)
    assert.deepEqual(new Set(Object.values(scene.standing)), new Set(['gradual 10 %']))
    const retries = scene.at(A).raised.filter((percentage) => percentage === 20)
    assert.equal(retries.length, 1, 'who has it is not written again')
  })

  it('that freezes while it is written has the others put back', async () => {
    const scene = new FleetScene()
    scene.at(B).fault = (call) => {
      if (call !== 'configure' || scene.at(B).raised.length < 1) return
      scene.silence(B)
      scene.at(B).fault('configure')
    }
    const { outcome, code, reason } = endOf(await scene.run(gradualFleet(TWO_STEPS)))
    assert.deepEqual([outcome, code], ['held', 'partial-write'])
    assert.match(
      reason,
      /2 of 3 servers were put back to gradual 10 %, which they show; http:\/\/b:8000 did not answer/,
    )
    assert.deepEqual([scene.standing[A], scene.standing[C]], ['gradual 10 %', 'gradual 10 %'])
  })

  it('that freezes before it is written has the run held where it is', async () => {
    const scene = new FleetScene()
    const types = scene.told
    scene.at(B).fault = (call) => {
      if (call === 'readStatus' && types.at(-1) === 'step-started' && scene.at(B).raised.length === 1) {
        scene.silence(B)
        scene.at(B).fault(call)
      }
    }
    const { outcome, code, reason } = endOf(await scene.run(gradualFleet(TWO_STEPS)))
    assert.deepEqual([outcome, code], ['held', 'partial-write'])
    assert.match(reason, /^20 % could not be set on http:\/\/b:8000: /)
    assert.deepEqual(scene.at(A).raised, [10, 10], 'nobody was raised')
  })

  it('that cannot be written to leaves the others where they are, or takes all back, as is asked', async () => {
    const held = new FleetScene()
    held.clock.at(2 * MINUTE, () => held.silence(B, 'writes'))
    assert.equal(endOf(await held.run(gradualFleet(TWO_STEPS, { onPartial: 'hold' }))).code, 'partial-write')
    assert.deepEqual(held.standing, { [A]: 'gradual 20 %', [B]: 'gradual 10 %', [C]: 'gradual 20 %' })

    const back = new FleetScene()
    back.clock.at(2 * MINUTE, () => back.silence(B, 'writes'))
    back.clock.at(6 * MINUTE, () => (back.at(B).fault = () => undefined))
    const { outcome, code } = endOf(await back.run(gradualFleet(TWO_STEPS, { onPartial: 'rollback' })))
    assert.deepEqual([outcome, code], ['rolled-back', 'partial'])
  })

  it('that restarts is set once more, and spoils no window of the others', async () => {
    const scene = new FleetScene()
    scene.clock.at(7 * MINUTE, () => scene.at(B).restart())
    const state = await scene.run(gradualFleet(TWO_STEPS))
    assert.equal(endOf(state).outcome, 'completed')
    const [change, ...more] = eventsOf(scene, 'fleet-changed')
    assert.deepEqual([change?.restarted, change?.behind, more], [[B], [B], []])
    assert.deepEqual(scene.at(B).raised, [10, 20, 20])
    assert.deepEqual(scene.at(A).raised, [10, 20])
    assert.deepEqual(state.warnings, ['http://b:8000 restarted'])
    assert.ok(scene.clock.monotonicMs() < 10.5 * MINUTE, 'the step was not observed from its beginning')
  })

  it('that restarts twice within a step is named as the reason to go back', async () => {
    const scene = new FleetScene()
    scene.clock.at(6 * MINUTE, () => scene.at(B).restart())
    scene.clock.at(7 * MINUTE, () => scene.at(B).restart())
    const { outcome, reason } = endOf(await scene.run(gradualFleet(TWO_STEPS)))
    assert.equal(outcome, 'rolled-back')
    assert.equal(reason, 'http://b:8000 restarted 2 times within one step')
  })

  it('that somebody else changes ends the run, and is named', async () => {
    const scene = new FleetScene()
    scene.clock.at(7 * MINUTE, () => (scene.at(B).settings = { ...scene.at(B).settings, mode: 'full' }))
    const { outcome, code, reason } = endOf(await scene.run(gradualFleet(TWO_STEPS)))
    assert.deepEqual([outcome, code], ['refused', 'foreign-change'])
    assert.match(reason, /^http:\/\/b:8000 was changed from outside this run: mode from gradual to full/)
  })

  it('that somebody else changes right before a step is written is not written over', async () => {
    const scene = new FleetScene()
    scene.at(B).fault = (call) => {
      if (call !== 'readStatus' || scene.told.at(-1) !== 'step-started' || scene.at(B).raised.length !== 1) return
      scene.at(B).settings = { ...scene.at(B).settings, percentage: 3 }
    }
    const { code, reason } = endOf(await scene.run(gradualFleet(TWO_STEPS)))
    assert.equal(code, 'foreign-change')
    assert.match(reason, /^http:\/\/b:8000 was changed from outside this run: percentage from 10 % to 3 %/)
    assert.deepEqual(scene.at(A).raised, [10])
  })

  it('that joins is brought to the step before it counts, and one that leaves stops counting', async () => {
    const scene = new FleetScene([A, B])
    scene.clock.at(2 * MINUTE, () => (scene.found = [A, B, C]))
    scene.clock.at(7 * MINUTE, () => (scene.found = [A, C]))
    const state = await scene.run(gradualFleet(TWO_STEPS, { servers: [A, B], from: 'dns:fleet:8000' }))
    assert.equal(endOf(state).outcome, 'completed')
    const [joined, left] = eventsOf(scene, 'fleet-changed')
    assert.deepEqual([joined?.joined, joined?.behind, left?.left], [[C], [C], [B]])
    assert.deepEqual(scene.at(C).raised, [10, 20])
    assert.deepEqual(Object.keys(state.fleet?.members ?? {}), [A, C])
    assert.deepEqual(fold(scene.journal.events), state)
  })

  it('that was away while the rest went on is brought to the step when it is back', async () => {
    const scene = new FleetScene()
    scene.clock.at(4 * MINUTE, () => scene.silence(C))
    scene.clock.at(7 * MINUTE, () => (scene.at(C).fault = () => undefined))
    const state = await scene.run(gradualFleet(TWO_STEPS, { quorum: 50 }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.equal(scene.standing[C], 'gradual 20 %')
    assert.deepEqual(
      eventsOf(scene, 'fleet-changed').map(({ behind }) => behind),
      [[C]],
    )
  })
})

describe('the canaries of a fleet', () => {
  it('take each step first, and are observed before the rest takes it', async () => {
    const scene = new FleetScene()
    const state = await scene.run(gradualFleet(TWO_STEPS, { canaries: [A] }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.at(A).raised, [10, 20], 'the rest is set without setting them again')
    assert.deepEqual(scene.at(B).raised, [10, 20])
    assert.equal(state.steps.filter(({ outcome }) => outcome === 'passed').length, 4)
    assert.ok(scene.clock.monotonicMs() >= 20 * MINUTE, 'both waves of both steps are observed')
  })

  it('that fail keep the step from the rest', async () => {
    const scene = new FleetScene()
    scene.at(A).traffic = { attemptsPerSecond: 20, failing: (percentage) => (percentage >= 20 ? 0.9 : 0) }
    const { outcome, reason } = endOf(await scene.run(gradualFleet(TWO_STEPS, { canaries: [A] })))
    assert.equal(outcome, 'rolled-back')
    assert.match(reason, /http:\/\/a:8000: /)
    assert.deepEqual([scene.at(B).raised, scene.at(C).raised], [[10], [10]])
  })

  it('that cannot be written to are put back with the rest to what all showed', async () => {
    const scene = new FleetScene()
    scene.clock.at(12 * MINUTE, () => scene.silence(B, 'writes'))
    const { code } = endOf(await scene.run(gradualFleet(TWO_STEPS, { canaries: [A] })))
    assert.equal(code, 'partial-write')
    assert.deepEqual(new Set(Object.values(scene.standing)), new Set(['gradual 10 %']))
  })
})

describe('a watch over a fleet', () => {
  it('judges servers that stand at different percentages, and rolls all back because of one', async () => {
    const scene = new FleetScene([A, B, C], { attemptsPerSecond: 200 }, { mode: 'gradual', percentage: 40 })
    scene.at(A).settings = { ...scene.at(A).settings, percentage: 5 }
    scene.at(B).traffic = { attemptsPerSecond: 5, failing: () => 0.9 }
    const before = { ...basis().before, mode: 'gradual', percentage: 40 } as const
    const plan = planWatch(
      { ...basis({ before }), fleet: fleetPlan() },
      { durationMs: 10 * MINUTE, onBreach: 'rollback' },
    )
    const { outcome, reason } = endOf(await scene.run(plan))
    assert.equal(outcome, 'rolled-back')
    assert.match(reason, /http:\/\/b:8000: /)
  })
})
