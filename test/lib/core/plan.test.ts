import assert from 'node:assert/strict'
import { WsctlError } from '../../../src/lib/core/error.js'
import { findPins, requirePins, type PinSources } from '../../../src/lib/core/pins.js'
import { planGradual, planLowering, planTesting, percentagesUp } from '../../../src/lib/core/plan.js'
import type { Snapshot } from '../../../src/lib/core/server.js'
import { FRESH_SETTINGS } from '../../support/fakes.js'
import { basis, gradualOptions, MINUTE } from '../../support/rollouts.js'

const before = (mode: Snapshot['mode'], percentage: number) => ({
  before: { mode, percentage, rolloutUsers: [], forceLegacyUsers: [], legacyFallback: true },
})

/** The error that is thrown, which must be one for operators. */
function refusal(act: () => unknown): WsctlError {
  try {
    act()
  } catch (error) {
    if (error instanceof WsctlError) return error
    throw error
  }
  return assert.fail('nothing was refused')
}

describe('the plan of a gradual rollout', () => {
  it('ends exactly at the maximum', () => {
    assert.deepEqual(percentagesUp(5, 50, 15), [5, 20, 35, 50])
    assert.deepEqual(percentagesUp(5, 50, 10), [5, 15, 25, 35, 45, 50])
    assert.deepEqual(percentagesUp(50, 50, 10), [50])
    assert.deepEqual(percentagesUp(0, 100, 100), [0, 100])
  })

  it('refuses to start below where the server is, and says what to type', () => {
    const error = refusal(() => planGradual(basis(before('gradual', 35)), gradualOptions()))
    assert.equal(error.exitCode, 13)
    assert.match(error.suggestions.join('\n'), /deploy gradual --initial-percentage 35 --max-percentage 50/)
    assert.match(error.suggestions.join('\n'), /rollback gradual --to 5/)
  })

  it('refuses to take everybody back from mode full', () => {
    assert.equal(refusal(() => planGradual(basis(before('full', 100)), gradualOptions())).code, 'lower-start')
  })

  it('is not misled by the percentage that an emergency rollback left behind', () => {
    const plan = planGradual(basis(before('disabled', 80)), gradualOptions())
    assert.equal(plan.steps[0]?.percentage, 5)
  })

  it('keeps the fallback as it is', () => {
    const fallbackOff = { before: { ...before('disabled', 0).before, legacyFallback: false } }
    const plan = planGradual(basis(fallbackOff), gradualOptions())
    assert.ok(plan.steps.every((step) => step.target?.legacyFallback === false))
  })
})

describe('the plan of testing mode', () => {
  it('refuses to take users back from a rollout under way', () => {
    assert.equal(refusal(() => planTesting(basis(before('gradual', 20)), ['alice'])).exitCode, 13)
  })

  it('refuses a test user who is forced to legacy', () => {
    const pinned = basis({ pins: { rolloutUsers: [], forceLegacyUsers: ['alice'] } })
    assert.equal(refusal(() => planTesting(pinned, ['alice'])).exitCode, 2)
  })

  it('keeps the force-legacy list', () => {
    const pinned = basis({ pins: { rolloutUsers: ['old'], forceLegacyUsers: ['mallory'] } })
    assert.deepEqual(planTesting(pinned, ['alice']).pins, { rolloutUsers: ['alice'], forceLegacyUsers: ['mallory'] })
  })
})

describe('the plan of a gradual rollback', () => {
  const options = { step: 10, to: 0, stepDurationMs: 5 * MINUTE, once: false }
  const percentages = (mode: Snapshot['mode'], percentage: number, change = {}) =>
    planLowering(basis(before(mode, percentage)), { ...options, ...change }).steps.map((step) => [
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

  it('refuses to go up', () => {
    assert.equal(refusal(() => percentages('gradual', 20, { to: 30 })).exitCode, 13)
  })
})

describe('the pinned users', () => {
  const none: PinSources = { rolloutUsers: [], forceLegacyUsers: [] }
  const settings = { ...FRESH_SETTINGS, explicitRolloutUsers: 2 }

  it('are known to be none when the server says so', () => {
    assert.deepEqual(findPins(FRESH_SETTINGS, none).pins, { rolloutUsers: [], forceLegacyUsers: [] })
  })

  it('are refused when nobody knows them, with the flags to give', () => {
    const error = refusal(() => requirePins(findPins(settings, none)))
    assert.equal(error.exitCode, 13)
    assert.match(error.suggestions.join('\n'), /--rollout-users/)
    assert.doesNotMatch(error.suggestions.join('\n'), /--force-legacy-users/)
  })

  it('come from the first source that is as long as the server says', () => {
    const rolloutUsers = [
      { origin: '/srv/.env', users: ['a'] },
      { origin: 'the record 1', users: ['a', 'b'] },
    ]
    assert.deepEqual(findPins(settings, { ...none, rolloutUsers }).pins?.rolloutUsers, ['a', 'b'])
  })

  it('are not taken from elsewhere when the flag says otherwise', () => {
    const rolloutUsers = [
      { origin: '--rollout-users', users: ['a', 'b', 'c'] },
      { origin: 'the record 1', users: ['a', 'b'] },
    ]
    assert.match(
      findPins(settings, { ...none, rolloutUsers }).unknown.join(),
      /holds 2 users, known are 3 in --rollout-users/,
    )
  })
})
