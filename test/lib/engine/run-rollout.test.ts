import assert from 'node:assert/strict'
import { WsctlError } from '../../../src/lib/core/error.js'
import { planConfigure, planEmergency, planLowering, planWatch } from '../../../src/lib/core/plan.js'
import { callError, endOf } from '../../support/fakes.js'
import { basis, gradual, MINUTE, Scene } from '../../support/rollouts.js'

describe('a gradual rollout', () => {
  it('raises step by step, each observed for its whole duration', async () => {
    const scene = new Scene()
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.server.raised, [5, 20, 35, 50])
    assert.deepEqual(
      state.steps.map((step) => step.outcome),
      ['passed', 'passed', 'passed', 'passed'],
    )
    assert.ok(scene.clock.monotonicMs() >= 4 * 5 * MINUTE, 'four steps of five minutes were observed')
    assert.equal(scene.server.settings.mode, 'gradual')
  })

  it('sets mode full after a clean last step at 100', async () => {
    const scene = new Scene()
    const state = await scene.run(gradual({ initialPercentage: 50, maxPercentage: 100, stepSize: 50 }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual([scene.server.settings.mode, scene.server.settings.percentage], ['full', 100])
  })

  it('rolls back when errors start at a step, and says so in numbers', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: (percentage) => (percentage >= 20 ? 0.5 : 0) })
    const state = await scene.run(gradual({}, { environmentFile: '/srv/app/.env' }))
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.equal(
      endOf(state).reason,
      '3 failed checks in a row; the last one: error rate 10 % (6 of 60 attempts), limit 5 %',
    )
    assert.deepEqual(scene.server.raised, [5, 20])
    assert.deepEqual([scene.server.settings.mode, scene.server.settings.percentage], ['disabled', 0])
    assert.deepEqual(scene.environmentFile.written.at(-1)?.mode, 'disabled')
    assert.equal(scene.server.writes.filter(({ call }) => call === 'clear-cache').length, 1)
  })

  it('finds users who are refused without an error through adoption', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, refused: () => 1 })
    const state = await scene.run(gradual({ initialPercentage: 20 }))
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.match(endOf(state).reason, /reached the unified system/)
  })

  it('does not raise the percentage while the server is unreachable, and says that users may still be there', async () => {
    const scene = new Scene()
    scene.clock.at(30_000, () => {
      scene.server.fault = () => {
        throw callError('unreachable')
      }
    })
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'rollback-unverified')
    assert.match(endOf(state).reason, /users may still be on the unified system/)
    assert.deepEqual(scene.server.raised, [5])
  })

  it('does not believe one failed check', async () => {
    const scene = new Scene()
    scene.clock.at(30_000, () => {
      scene.server.fault = () => {
        throw callError('server-error', 500)
      }
    })
    scene.clock.at(34_000, () => {
      scene.server.fault = () => undefined
    })
    assert.equal(endOf(await scene.run(gradual())).outcome, 'completed')
  })

  it('extends a step without traffic once by its own length, then holds', async () => {
    const scene = new Scene({ attemptsPerSecond: 0 })
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'held')
    assert.deepEqual(scene.server.raised, [5])
    assert.ok(scene.clock.monotonicMs() >= 10 * MINUTE && scene.clock.monotonicMs() < 11 * MINUTE)
    assert.equal(scene.server.settings.percentage, 5, 'the percentage stays where it is')
  })

  it('advances without traffic when told to', async () => {
    const scene = new Scene({ attemptsPerSecond: 0 })
    const state = await scene.run(gradual({ onInconclusive: 'advance' }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(
      state.steps.map((step) => step.outcome),
      ['unproven', 'unproven', 'unproven', 'unproven'],
    )
  })

  it('ends without raising again when somebody else rolled back', async () => {
    const scene = new Scene()
    scene.clock.at(30_000, () => {
      scene.server.settings = { ...scene.server.settings, mode: 'disabled' }
    })
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'refused')
    assert.equal(endOf(state).code, 'foreign-change')
    assert.deepEqual(scene.server.raised, [5])
  })

  it('applies the step again after one restart, and observes it from its beginning', async () => {
    const scene = new Scene()
    scene.clock.at(4 * MINUTE, () => scene.server.restart())
    const state = await scene.run(gradual({ maxPercentage: 5 }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.server.raised, [5, 5])
    assert.ok(scene.clock.monotonicMs() >= 9 * MINUTE)
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

  it('does not count time in which nothing was sampled as observed', async () => {
    const scene = new Scene()
    scene.clock.at(MINUTE, () => scene.clock.pass(60 * MINUTE))
    const state = await scene.run(gradual({ maxPercentage: 5 }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.ok(scene.clock.monotonicMs() >= 64 * MINUTE, 'an hour asleep left the rest of the step to be observed')
  })

  it('holds the percentage when interrupted', async () => {
    const scene = new Scene()
    scene.clock.at(6 * MINUTE, () => scene.interrupts.interrupt())
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'held')
    assert.equal(endOf(state).code, 'interrupted')
    assert.equal(scene.server.settings.percentage, 20)
  })

  it('rolls back when interrupted and told to', async () => {
    const scene = new Scene()
    scene.clock.at(6 * MINUTE, () => scene.interrupts.interrupt())
    const state = await scene.run(gradual({}, { onInterrupt: 'rollback' }))
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.equal(scene.server.settings.mode, 'disabled')
  })

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

  it('does not raise without a journal, and still rolls back without one', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: (percentage) => (percentage >= 20 ? 0.9 : 0) })
    scene.clock.at(6 * MINUTE, () => {
      scene.journal.broken = true
    })
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'rolled-back')

    const healthy = new Scene()
    healthy.clock.at(6 * MINUTE, () => {
      healthy.journal.broken = true
    })
    const held = await healthy.run(gradual())
    assert.equal(endOf(held).outcome, 'held')
    assert.deepEqual(healthy.server.raised, [5, 20])
  })

  it('starts nothing when the journal cannot be written', async () => {
    const scene = new Scene()
    scene.journal.broken = true
    await assert.rejects(scene.run(gradual()))
    assert.deepEqual(scene.server.writes, [])
  })

  it('waits the steps out without judging them when monitoring is off', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: () => 1 })
    const state = await scene.run(gradual({ monitoring: false }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.server.raised, [5, 20, 35, 50])
  })

  it('holds before an unreachable server, even when monitoring is off', async () => {
    const scene = new Scene()
    scene.clock.at(MINUTE, () => {
      scene.server.fault = () => {
        throw callError('unreachable')
      }
    })
    const state = await scene.run(gradual({ monitoring: false }))
    assert.equal(endOf(state).outcome, 'held')
    assert.deepEqual(scene.server.raised, [5])
  })
})

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

  it('ends unverified when the time is up', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    scene.server.fault = () => {
      throw callError('timeout')
    }
    const state = await scene.run(plan())
    assert.equal(endOf(state).outcome, 'rollback-unverified')
    assert.ok(scene.clock.monotonicMs() >= 2 * MINUTE)
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

describe('lowering, watching, configuring', () => {
  const at = (percentage: number) => ({
    before: { mode: 'gradual' as const, percentage, rolloutUsers: [], forceLegacyUsers: [], legacyFallback: true },
  })

  it('lowers step by step and disables at 0', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    const plan = planLowering(basis(at(35)), { step: 10, to: 0, stepDurationMs: 5 * MINUTE, once: false })
    const state = await scene.run(plan)
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.server.raised, [25, 15, 5])
    assert.equal(scene.server.settings.mode, 'disabled')
  })

  it('is not held up on the way down for want of traffic', async () => {
    const scene = new Scene({ attemptsPerSecond: 0 }, { mode: 'gradual', percentage: 35 })
    const plan = planLowering(basis(at(35)), { step: 20, to: 0, stepDurationMs: 5 * MINUTE, once: false })
    assert.equal(endOf(await scene.run(plan)).outcome, 'completed')
    assert.equal(scene.server.settings.mode, 'disabled')
  })

  it('goes on as an emergency when the way down breaks thresholds', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: () => 0.9 }, { mode: 'gradual', percentage: 80 })
    const plan = planLowering(basis(at(80)), { step: 10, to: 0, stepDurationMs: 5 * MINUTE, once: false })
    const state = await scene.run(plan)
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.ok(scene.clock.monotonicMs() < 5 * MINUTE)
  })

  it('watches without writing, and ends when its time is up', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    const state = await scene.run(planWatch(basis(at(35)), { durationMs: 10 * MINUTE, onBreach: 'rollback' }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.server.writes, [])
  })

  it('only reports a breach when told to exit', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: () => 0.9 }, { mode: 'gradual', percentage: 35 })
    const state = await scene.run(planWatch(basis(at(35)), { durationMs: null, onBreach: 'exit' }))
    assert.equal(endOf(state).outcome, 'breached')
    assert.deepEqual(scene.server.writes, [])
  })

  it('goes on watching through a restart and a change by somebody else', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    scene.clock.at(2 * MINUTE, () => scene.server.restart({ mode: 'gradual', percentage: 35 }))
    scene.clock.at(4 * MINUTE, () => {
      scene.server.settings = { ...scene.server.settings, percentage: 50 }
    })
    const state = await scene.run(planWatch(basis(at(35)), { durationMs: 10 * MINUTE, onBreach: 'rollback' }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.equal(state.warnings.length, 2)
  })

  it('writes a configuration once and does not roll back when that fails', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    const target = {
      mode: 'gradual' as const,
      percentage: 40,
      legacyFallback: true,
      rolloutUsers: [],
      forceLegacyUsers: [],
    }
    assert.equal(endOf(await scene.run(planConfigure(basis(at(35)), target))).outcome, 'completed')
    assert.equal(scene.server.settings.percentage, 40)

    const failing = new Scene(undefined, { mode: 'gradual', percentage: 35 })
    failing.server.fault = (call) => {
      if (call === 'configure') throw callError('rejected', 422)
    }
    const state = await failing.run(planConfigure(basis(at(35)), target))
    assert.equal(endOf(state).outcome, 'unreachable')
    assert.deepEqual([failing.server.settings.mode, failing.server.settings.percentage], ['gradual', 35])
  })
})
