import assert from 'node:assert/strict'
import { assign, bucketOf } from '../../../src/lib/core/assignment.js'

const pins = { rolloutUsers: ['user3'], forceLegacyUsers: ['bob'] }

describe('the assignment of users', () => {
  it("follows the server's hash", () => {
    assert.deepEqual(['user1', 'user2', 'user3', 'alice', 'bob'].map(bucketOf), [6, 24, 95, 99, 0])
  })

  it('puts forced users on legacy and listed users on unified, whatever their bucket', () => {
    const settings = { mode: 'gradual', percentage: 50 } as const
    assert.deepEqual(assign('bob', settings, pins), { system: 'legacy', reason: 'forced-legacy' })
    assert.deepEqual(assign('user3', settings, pins), { system: 'unified', reason: 'listed' })
    assert.deepEqual(assign('user1', settings, pins), { system: 'unified', reason: 'bucket' })
    assert.deepEqual(assign('alice', settings, pins), { system: 'legacy', reason: 'bucket' })
  })

  it('moves a user at one above the bucket', () => {
    assert.equal(assign('user2', { mode: 'gradual', percentage: 24 }, pins).system, 'legacy')
    assert.equal(assign('user2', { mode: 'gradual', percentage: 25 }, pins).system, 'unified')
  })

  it('knows the other modes', () => {
    assert.equal(assign('user3', { mode: 'disabled', percentage: 100 }, pins).system, 'legacy')
    assert.equal(assign('user3', { mode: 'testing', percentage: 0 }, pins).system, 'unified')
    assert.equal(assign('user1', { mode: 'testing', percentage: 100 }, pins).system, 'legacy')
    assert.equal(assign('alice', { mode: 'full', percentage: 100 }, pins).system, 'unified')
    assert.equal(assign('bob', { mode: 'full', percentage: 100 }, pins).system, 'legacy')
  })
})
