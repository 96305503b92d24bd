import assert from 'node:assert/strict'
import {
  planConfigure,
  planFull,
  planGradual,
  planLowering,
  planTesting,
  planWatch,
} from '../../../src/lib/core/plan.js'
import type { Snapshot } from '../../../src/lib/core/server.js'
import { refusalOf } from '../../support/refusal.js'
import { basis, emergency, from, gradualOptions, MINUTE } from '../../support/rollouts.js'

describe('the plan of a gradual rollout', () => {
  it('observes every step, and ends with mode full only at 100', () => {
    const steps = (maxPercentage: number) =>
      planGradual(basis(), gradualOptions({ initialPercentage: 50, maxPercentage, stepSize: 49 })).steps.map(
        ({ percentage, target, durationMs }) => [target?.mode, percentage, durationMs],
      )
    assert.deepEqual(steps(99), [
      ['gradual', 50, 5 * MINUTE],
      ['gradual', 99, 5 * MINUTE],
    ])
    assert.deepEqual(steps(100), [
      ['gradual', 50, 5 * MINUTE],
      ['gradual', 99, 5 * MINUTE],
      ['gradual', 100, 5 * MINUTE],
      ['full', 100, 0],
    ])
  })

  it('rolls back on a breach, and can only hold where nothing is judged', () => {
    assert.equal(planGradual(basis(), gradualOptions()).onBreach, 'rollback')
    const unjudged = planGradual(basis(), gradualOptions({ monitoring: false }))
    assert.deepEqual([unjudged.monitoring, unjudged.onBreach], [false, 'hold'])
  })

  it('refuses to start below where the server is, and says what to type', async () => {
    const error = await refusalOf(() => planGradual(basis(from('gradual', 35)), gradualOptions()))
    assert.deepEqual([error.code, error.exitCode], ['lower-start', 13])
    assert.match(error.message, /the server is at gradual 35 %; starting at 5 % would take users back/)
    assert.deepEqual(error.suggestions, [
      'to go on from where it is: wsctl deploy gradual --initial-percentage 35 --max-percentage 50 --step-size 15',
      'to take users back first: wsctl rollback gradual --to 5',
    ])
  })

  it('does not say how to go on when the server is beyond where the rollout would end', async () => {
    const last = await refusalOf(() => planGradual(basis(from('gradual', 50)), gradualOptions()))
    assert.match(last.suggestions.join(), /--initial-percentage 50 --max-percentage 50/)
    const above = await refusalOf(() => planGradual(basis(from('gradual', 60)), gradualOptions()))
    assert.deepEqual(above.suggestions, ['to take users back first: wsctl rollback gradual --to 5'])
    const none = await refusalOf(() =>
      planGradual(basis(from('gradual', 60)), gradualOptions({ initialPercentage: 0 })),
    )
    assert.deepEqual(none.suggestions, ['to take users back: wsctl rollback gradual'])
  })

  it('refuses to take everybody back from mode full', async () => {
    const error = await refusalOf(() => planGradual(basis(from('full', 100)), gradualOptions()))
    assert.equal(error.code, 'lower-start')
    assert.deepEqual(error.suggestions, ['to take users back first: wsctl rollback gradual --to 5'])
  })

  it('starts where the server is without a word', () => {
    assert.equal(planGradual(basis(from('gradual', 5)), gradualOptions()).steps[0]?.percentage, 5)
  })

  it('refuses an end below its start as a slip of the pen', async () => {
    const error = await refusalOf(() =>
      planGradual(basis(), gradualOptions({ initialPercentage: 50, maxPercentage: 20 })),
    )
    assert.equal(error.exitCode, 2)
    assert.match(error.message, /--initial-percentage 50 is above --max-percentage 20/)
    assert.match(error.suggestions.join(), /rollback gradual/)
  })

  it('is not misled by the percentage that an emergency rollback left behind', () => {
    const plan = planGradual(basis(from('disabled', 80)), gradualOptions())
    assert.equal(plan.steps[0]?.percentage, 5)
  })

  it('keeps the fallback as it is', () => {
    const fallbackOff = { before: { ...from('disabled', 0).before, legacyFallback: false } }
    const plan = planGradual(basis(fallbackOff), gradualOptions())
    assert.ok(plan.steps.every((step) => step.target?.legacyFallback === false))
  })
})

describe('the plan of testing mode', () => {
  it('refuses to take users back from a rollout under way, and says what to type', async () => {
    for (const at of [from('gradual', 20), from('full', 0)]) {
      const error = await refusalOf(() => planTesting(basis(at), ['alice']))
      assert.deepEqual([error.code, error.exitCode], ['lower-start', 13])
      assert.deepEqual(error.suggestions, ['to take users back first: wsctl rollback gradual'])
    }
  })

  it('is one write of mode testing, rolled back when it does not show', () => {
    const { intent, steps, onBreach } = planTesting(basis(from('disabled', 80)), ['alice'])
    const target = { mode: 'testing', percentage: 0, legacyFallback: true }
    assert.deepEqual([intent, onBreach, steps], ['set', 'rollback', [{ percentage: 0, target, durationMs: 0 }]])
  })

  it('refuses a test user who is forced to legacy, by name', async () => {
    const pinned = basis({ pins: { rolloutUsers: [], forceLegacyUsers: ['alice', 'mallory'] } })
    const error = await refusalOf(() => planTesting(pinned, ['alice', 'bob']))
    assert.equal(error.exitCode, 2)
    assert.match(error.message, /forced to legacy on this server: alice$/)
  })

  it('keeps the force-legacy list', () => {
    const pinned = basis({ pins: { rolloutUsers: ['old'], forceLegacyUsers: ['mallory'] } })
    assert.deepEqual(planTesting(pinned, ['alice']).pins, { rolloutUsers: ['alice'], forceLegacyUsers: ['mallory'] })
  })
})

describe('the plan of a gradual rollback', () => {
  const options = { step: 10, to: 0, stepDurationMs: 5 * MINUTE, once: false }
  const percentages = (mode: Snapshot['mode'], percentage: number, change = {}) =>
    planLowering(basis(from(mode, percentage)), { ...options, ...change }).steps.map((step) => [
      step.target?.mode,
      step.percentage,
    ])

  it('goes down to disabled', () => {
    assert.deepEqual(percentages('gradual', 25), [
      ['gradual', 15],
      ['gradual', 5],
      ['disabled', 0],
    ])
    assert.deepEqual(percentages('full', 100, { step: 50 }), [
      ['gradual', 50],
      ['disabled', 0],
    ])
  })

  it('stops where it is told to', () => {
    assert.deepEqual(percentages('gradual', 50, { to: 25 }), [
      ['gradual', 40],
      ['gradual', 30],
      ['gradual', 25],
    ])
    assert.deepEqual(percentages('gradual', 50, { once: true }), [['gradual', 40]])
  })

  it('takes test users back at once', () => {
    assert.deepEqual(percentages('testing', 0), [['disabled', 0]])
    assert.deepEqual(percentages('testing', 50, { once: true }), [['disabled', 0]])
  })

  it('observes each step but the last, and none when it is only one', () => {
    const durations = (change: object) =>
      planLowering(basis(from('gradual', 25)), { ...options, ...change }).steps.map(({ durationMs }) => durationMs)
    assert.deepEqual(durations({}), [5 * MINUTE, 5 * MINUTE, 0])
    assert.deepEqual(durations({ once: true }), [0])
    assert.deepEqual(durations({ to: 5 }), [5 * MINUTE, 5 * MINUTE])
  })

  it('goes down without proof, and at once when it breaks', () => {
    const { intent, onInconclusive, onBreach } = planLowering(basis(from('gradual', 25)), options)
    assert.deepEqual([intent, onInconclusive, onBreach], ['lower', 'advance', 'rollback'])
  })

  it('refuses to go up or nowhere', async () => {
    for (const to of [20, 30]) {
      const error = await refusalOf(() => percentages('gradual', 20, { to }))
      assert.deepEqual([error.code, error.exitCode], ['not-lower', 13])
      assert.match(error.message, new RegExp(`the server is at gradual 20 %, which is not above --to ${to}`))
    }
  })
})

describe('the plan for everybody at once', () => {
  it('is mode full, observed as long as was asked', () => {
    for (const durationMs of [0, MINUTE]) {
      const { intent, steps, onInconclusive } = planFull(basis(), { durationMs, onInconclusive: 'hold' })
      const target = { mode: 'full', percentage: 100, legacyFallback: true }
      assert.deepEqual([intent, onInconclusive, steps], ['raise', 'hold', [{ percentage: 100, target, durationMs }]])
    }
  })
})

describe('the plan of a watch', () => {
  const watch = (durationMs: number | null) => planWatch(basis(from('gradual', 35)), { durationMs, onBreach: 'exit' })

  it('writes nothing, and says at which percentage it watches', () => {
    assert.deepEqual(watch(MINUTE).steps, [{ percentage: 35, target: null, durationMs: MINUTE }])
    assert.deepEqual([watch(MINUTE).intent, watch(MINUTE).onBreach], ['watch', 'exit'])
  })

  it('is done when it is stopped, unless it was to last', () => {
    assert.deepEqual([watch(null).onInterrupt, watch(MINUTE).onInterrupt], ['finish', 'hold'])
  })
})

describe('the plan of an emergency', () => {
  it('has no steps, and needs to know neither the server nor the lists', () => {
    const { intent, steps, before, pins, reason } = emergency('incident 7')
    assert.deepEqual([intent, steps, before, pins, reason], ['emergency', [], null, null, 'incident 7'])
  })
})

describe('the plan of one write', () => {
  it('writes exactly what it is given, and takes nobody back when that fails', () => {
    const target = { mode: 'gradual', percentage: 40, legacyFallback: false } as const
    const pins = { rolloutUsers: ['alice'], forceLegacyUsers: ['mallory'] }
    const plan = planConfigure(basis(), { ...target, ...pins })
    assert.deepEqual(plan.steps, [{ percentage: 40, target, durationMs: 0 }])
    assert.deepEqual([plan.intent, plan.onBreach, plan.pins], ['set', 'hold', pins])
  })

  it('names the share of users that the settings stand for, not the number in them', () => {
    const write = (mode: Snapshot['mode']) =>
      planConfigure(basis(), { mode, percentage: 40, legacyFallback: true, rolloutUsers: [], forceLegacyUsers: [] })
    assert.deepEqual(
      (['disabled', 'full'] as const).map((mode) => write(mode).steps[0]?.percentage),
      [0, 100],
    )
  })
})
