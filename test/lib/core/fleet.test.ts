import assert from 'node:assert/strict'
import type { CallFailure } from '../../../src/lib/core/error.js'
import { jointFailure, nameServers, type Member } from '../../../src/lib/core/fleet.js'

const BUSY: CallFailure = { kind: 'rate-limited', status: 429, message: 'busy', retryAfterMs: 5000 }
const DOWN: CallFailure = { kind: 'unreachable', status: null, message: 'refused' }

function silent(...failures: readonly (CallFailure | undefined)[]): readonly Member[] {
  return failures.map((failure, index) => ({
    server: `http://s${index}`,
    counters: null,
    ...(failure && { failure }),
  }))
}

describe('servers that do not answer', () => {
  it('are one failure, which names three of them and counts the rest', () => {
    const { kind, status, message } = jointFailure(silent(DOWN, DOWN, DOWN, DOWN, DOWN))
    assert.deepEqual([kind, status], ['unreachable', null])
    assert.equal(message, 'http://s0: refused; http://s1: refused; http://s2: refused; and 2 more')
  })

  it('ask for the longest pause when all of them only ask for one', () => {
    const { kind, retryAfterMs } = jointFailure(silent(BUSY, { ...BUSY, retryAfterMs: 9000 }))
    assert.deepEqual([kind, retryAfterMs], ['rate-limited', 9000])
  })

  it('are not excused by one that only asks for a pause', () => {
    const { kind, retryAfterMs } = jointFailure(silent(BUSY, DOWN))
    assert.deepEqual([kind, retryAfterMs], ['unreachable', undefined])
  })

  it('are unreachable when nothing is known of why', () => {
    const { kind, message } = jointFailure(silent(undefined))
    assert.deepEqual([kind, message], ['unreachable', 'http://s0: no answer'])
  })
})

describe('names of servers', () => {
  it('are told as far as they can be read', () => {
    const names = ['a', 'b', 'c', 'd', 'e']
    assert.equal(nameServers(names), 'a, b, c and 2 more')
    assert.equal(nameServers(names.slice(0, 2)), 'a and b')
    assert.equal(nameServers(names.slice(0, 1)), 'a')
    assert.equal(nameServers([]), '')
  })
})
