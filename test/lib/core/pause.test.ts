import assert from 'node:assert/strict'
import { growingPause, pauseAfter } from '../../../src/lib/core/pause.js'

const attempts = [2, 3, 4, 5, 6, 7, 8, 50, 1000]

describe('a pause between attempts', () => {
  it('doubles up to the longest, and strays from that by a quarter at most', () => {
    for (const attempt of attempts) {
      const middle = Math.min(10_000, 500 * 2 ** (attempt - 2))
      const pause = growingPause(attempt, 500, 10_000, 'run-1')
      assert.ok(pause >= middle * 0.75 && pause <= middle * 1.25, `${pause} for attempt ${attempt}`)
    }
  })

  it('is the same whenever the run is folded, and another for another run', () => {
    const pauses = (key: string) => attempts.map((attempt) => growingPause(attempt, 500, 10_000, key))
    assert.deepEqual(pauses('run-1'), pauses('run-1'))
    assert.notDeepEqual(pauses('run-1'), pauses('run-2'))
  })

  it('is as long as the server asks for, up to a minute, and never shorter than meant', () => {
    const limited = (retryAfterMs?: number) => ({ ...(retryAfterMs !== undefined && { retryAfterMs }) })
    assert.equal(pauseAfter(limited(7000), 500), 7000)
    assert.equal(pauseAfter(limited(100), 500), 500)
    assert.equal(pauseAfter(limited(3_600_000), 500), 60_000)
    assert.equal(pauseAfter(limited(), 500), 500)
    assert.equal(pauseAfter(null, 500), 500)
  })
})
