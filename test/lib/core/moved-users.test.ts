import assert from 'node:assert/strict'
import fc from 'fast-check'
import { assign } from '../../../src/lib/core/assignment.js'
import { moveUsers } from '../../../src/lib/core/moved-users.js'
import type { Target } from '../../../src/lib/core/server.js'

describe('the users whom a row of settings moves', () => {
  const users = Array.from({ length: 300 }, (_, index) => `user${index}`)
  const rising: readonly Pick<Target, 'mode' | 'percentage'>[] = [
    { mode: 'gradual', percentage: 1 },
    { mode: 'gradual', percentage: 5 },
    { mode: 'gradual', percentage: 50 },
    { mode: 'gradual', percentage: 100 },
    { mode: 'full', percentage: 100 },
  ]

  it('are counted by the rule of the server, whoever is pinned', () => {
    const pinned = fc.subarray(users, { maxLength: 40 })
    fc.assert(
      fc.property(pinned, pinned, (rolloutUsers, forceLegacyUsers) => {
        const pins = { rolloutUsers, forceLegacyUsers }
        const unified = rising.map(
          (settings) => users.filter((user) => assign(user, settings, pins).system === 'unified').length,
        )
        assert.deepEqual(
          moveUsers(users, pins, rising).map((share) => share.unified),
          unified,
        )
      }),
      { numRuns: 50 },
    )
  })

  it('add up to everybody who is not forced to legacy', () => {
    const pins = { rolloutUsers: ['user1'], forceLegacyUsers: ['user2', 'stranger'] }
    const moved = moveUsers(users, pins, rising).map((share) => share.moved)
    assert.equal(
      moved.reduce((sum, count) => sum + count, 0),
      users.length - 1,
    )
    assert.equal(moved.at(-1), 0, 'mode full moves nobody more')
  })
})
