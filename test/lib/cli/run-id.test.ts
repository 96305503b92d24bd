import assert from 'node:assert/strict'
import { newRunId } from '../../../src/lib/cli/run-id.js'

const NOON = new Date('2026-11-24T12:00:00.500Z')

describe('the name of a run', () => {
  it('tells the time to the millisecond', () => {
    assert.match(newRunId(NOON, undefined), /^20261124-120000-500[0-9a-f]{2}$/)
    assert.match(newRunId(NOON, '20261124-115959-999ff'), /^20261124-120000-500/)
  })

  it('sorts behind the newest one, also when the wall clock was set back or stands still', () => {
    assert.match(newRunId(NOON, '20261124-120000-500ff'), /^20261124-120000-501/)
    assert.match(newRunId(NOON, '20271231-235959-99900'), /^20280101-000000-000/)
  })

  it('tells the time when the newest name tells none', () => {
    for (const name of ['notes', '', '20261399-000000-00000'])
      assert.match(newRunId(NOON, name), /^20261124-120000-500/)
  })
})
