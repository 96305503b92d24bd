import assert from 'node:assert/strict'
import {
  describeSettings,
  effectivePercentage,
  fits,
  holdsMore,
  isAbove,
  shows,
  snapshotOf,
  wentDown,
  type Settings,
  type Snapshot,
} from '../../../src/lib/core/server.js'
import { FRESH_SETTINGS } from '../../support/fakes.js'

const pins = { rolloutUsers: ['alice', 'bob'], forceLegacyUsers: ['mallory'] }
const settings: Settings = {
  ...FRESH_SETTINGS,
  mode: 'gradual',
  percentage: 20,
  explicitRolloutUsers: 2,
  forcedLegacyUsers: 1,
}
const expected: Snapshot = { mode: 'gradual', percentage: 20, legacyFallback: true, ...pins }

describe('what a server shows', () => {
  it('is what was written when mode, percentage, fallback and both lengths agree', () => {
    assert.equal(shows(settings, expected), true)
  })

  const others: readonly (readonly [string, Partial<Settings>])[] = [
    ['mode', { mode: 'full' }],
    ['percentage', { percentage: 21 }],
    ['fallback', { legacyFallback: false }],
    ['rollout list', { explicitRolloutUsers: 3 }],
    ['force-legacy list', { forcedLegacyUsers: 0 }],
  ]
  for (const [what, change] of others) {
    it(`is something else when the ${what} differs`, () =>
      assert.equal(shows({ ...settings, ...change }, expected), false))
  }

  it('cannot be compared by a list that is not known', () => {
    const other = { ...settings, explicitRolloutUsers: 9, forcedLegacyUsers: 9 }
    assert.equal(shows(other, { ...expected, rolloutUsers: null, forceLegacyUsers: null }), true)
    assert.equal(shows(other, { ...expected, rolloutUsers: null }), false)
    assert.equal(shows(other, { ...expected, forceLegacyUsers: null }), false)
  })

  it('is not what the server only reports of itself', () => {
    const busy = { ...settings, cachedAssignments: 999, unifiedEnabled: true, gradualRolloutEnabled: true }
    assert.equal(shows(busy, expected), true)
  })
})

describe('lists', () => {
  it('fit when both are as long as the server says', () => {
    assert.equal(fits(settings, pins), true)
    assert.equal(fits({ ...settings, explicitRolloutUsers: 1 }, pins), false)
    assert.equal(fits({ ...settings, forcedLegacyUsers: 2 }, pins), false)
  })

  it('are not all that the server holds when it says that either is longer', () => {
    assert.equal(holdsMore(settings, pins), false)
    assert.equal(holdsMore({ ...settings, explicitRolloutUsers: 0, forcedLegacyUsers: 0 }, pins), false)
    assert.equal(holdsMore({ ...settings, explicitRolloutUsers: 3 }, pins), true)
    assert.equal(holdsMore({ ...settings, forcedLegacyUsers: 2 }, pins), true)
  })
})

describe('the share of users on the unified system', () => {
  it('follows from the mode before the percentage', () => {
    const shares = (['disabled', 'testing', 'gradual', 'full'] as const).map((mode) =>
      effectivePercentage({ mode, percentage: 35 }),
    )
    assert.deepEqual(shares, [0, 0, 35, 100])
  })

  it('is what one server is compared with another by', () => {
    assert.equal(isAbove({ mode: 'full', percentage: 0 }, { mode: 'gradual', percentage: 99 }), true)
    assert.equal(isAbove({ mode: 'disabled', percentage: 80 }, { mode: 'gradual', percentage: 1 }), false)
    assert.equal(isAbove({ mode: 'gradual', percentage: 20 }, { mode: 'gradual', percentage: 20 }), false)
  })
})

describe('counters', () => {
  const before = { legacy: 10, unified: 10, errors: 10, fallbacks: 10 }

  it('went down when any of them did', () => {
    for (const name of ['legacy', 'unified', 'errors', 'fallbacks'] as const) {
      assert.equal(wentDown(before, { legacy: 20, unified: 20, errors: 20, fallbacks: 20, [name]: 9 }), true, name)
    }
  })

  it('did not go down when they stood still or grew', () => {
    assert.equal(wentDown(before, before), false)
    assert.equal(wentDown(before, { ...before, errors: 11 }), false)
  })
})

describe('the settings of a server in words and as a snapshot', () => {
  it('name mode and percentage', () => assert.equal(describeSettings(settings), 'gradual 20 %'))

  it('hold the lists only as far as they are known', () => {
    assert.deepEqual(snapshotOf(settings, pins), expected)
    assert.deepEqual(snapshotOf(settings, null), { ...expected, rolloutUsers: null, forceLegacyUsers: null })
  })
})
