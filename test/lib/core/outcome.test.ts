import assert from 'node:assert/strict'
import { exitCodeOf, OUTCOMES } from '../../../src/lib/core/outcome.js'

describe('the ways in which a command can end', () => {
  it('have the exit codes that scripts rely on', () => {
    assert.deepEqual(Object.fromEntries(OUTCOMES.map(({ outcome }) => [outcome, exitCodeOf(outcome)])), {
      completed: 0,
      failed: 1,
      usage: 2,
      'rolled-back': 10,
      'rollback-unverified': 11,
      held: 12,
      refused: 13,
      unreachable: 14,
      breached: 15,
    })
  })

  it('are told apart by their exit codes, and each says what it means', () => {
    assert.equal(new Set(OUTCOMES.map(({ exitCode }) => exitCode)).size, OUTCOMES.length)
    for (const { meaning } of OUTCOMES) assert.ok(meaning.length > 0)
  })
})
