import assert from 'node:assert/strict'
import { nextRhythm } from '../../../src/lib/cli/watch.js'
import { callError } from '../../support/fakes.js'

const EVERY_SECOND = { everyMs: 1000, nextMs: 1000 }
const refused = (retryAfterMs?: number) =>
  callError('rate-limited', 429, retryAfterMs === undefined ? {} : { retryAfterMs }).failure

describe('who only looks at a server', () => {
  it('looks as often as was asked for while the server answers, or fails', () => {
    assert.deepEqual(nextRhythm(EVERY_SECOND, null), EVERY_SECOND)
    assert.deepEqual(nextRhythm(EVERY_SECOND, callError('server-error', 503).failure), EVERY_SECOND)
  })

  it('waits for as long as the server asks, and then looks half as often', () => {
    assert.deepEqual(nextRhythm(EVERY_SECOND, refused(12_000)), { everyMs: 2000, nextMs: 12_000 })
    assert.deepEqual(nextRhythm(EVERY_SECOND, refused()), { everyMs: 2000, nextMs: 2000 })
  })

  it('does not look more often again once it was refused', () => {
    const slowed = nextRhythm(EVERY_SECOND, refused(12_000))
    assert.deepEqual(nextRhythm(slowed, null), { everyMs: 2000, nextMs: 2000 })
  })

  it('looks once a minute at the least, and never more often than it was asked to', () => {
    let rhythm = EVERY_SECOND
    for (let look = 0; look < 20; look++) rhythm = nextRhythm(rhythm, refused(3_600_000))
    assert.deepEqual(rhythm, { everyMs: 60_000, nextMs: 60_000 })
    const slow = { everyMs: 600_000, nextMs: 600_000 }
    assert.deepEqual(nextRhythm(slow, refused(1000)), slow)
  })
})
