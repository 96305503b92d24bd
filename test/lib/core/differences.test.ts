import assert from 'node:assert/strict'
import { comparable, describeForeignChange, differences } from '../../../src/lib/core/differences.js'
import { FRESH_SETTINGS } from '../../support/fakes.js'

const LEFT = { mode: 'gradual', percentage: 20, legacyFallback: true } as const
const SAID = {
  ...FRESH_SETTINGS,
  mode: 'gradual',
  percentage: 20,
  explicitRolloutUsers: 1,
  forcedLegacyUsers: 2,
} as const

describe('what changed', () => {
  it('is told of lists by their length, which the server said where they are not known', () => {
    const unknown = { ...LEFT, rolloutUsers: null, forceLegacyUsers: null }
    assert.deepEqual(
      differences(comparable(unknown, SAID), { ...comparable(unknown, SAID), explicitRolloutUsers: 3 }),
      ['rollout list from 1 to 3 users'],
    )
    const known = { ...LEFT, rolloutUsers: ['ann', 'bob'], forceLegacyUsers: [] }
    assert.deepEqual(differences(comparable(known, SAID), SAID), [
      'rollout list from 2 to 1 user',
      'force-legacy list from 0 to 2 users',
    ])
  })

  it('is not told of a list of which nothing is known', () => {
    const unknown = { ...LEFT, rolloutUsers: null, forceLegacyUsers: null }
    assert.deepEqual(differences(comparable(unknown, null), SAID), [])
    assert.deepEqual(differences(SAID, comparable(unknown, null)), [])
  })

  it('is told with where the server is now', () => {
    const now = { ...SAID, percentage: 50 }
    assert.match(
      describeForeignChange(SAID, now),
      /^the server was changed .*: percentage from 20 % to 50 %; it now says/,
    )
    assert.match(
      describeForeignChange(null, now, 'http://a'),
      /^http:\/\/a was changed from outside this run: it now says/,
    )
    assert.match(describeForeignChange(now, now), /outside this run: it now says gradual 50 %/)
  })
})
