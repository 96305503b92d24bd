import assert from 'node:assert/strict'
import { pauseBeforeRetry, type FailedDelivery } from '../../../src/lib/core/delivery.js'

const FAILURE: FailedDelivery = { delivered: false, reason: 'it answered 500', worthRetrying: true }

describe('the pause before a message is tried again', () => {
  it('grows, up to half a minute or so, until the message is given up', () => {
    const pauses = Array.from({ length: 8 }, (_, index) => pauseBeforeRetry(index + 1, FAILURE, 'key'))
    assert.equal(pauses.at(-1), null)
    const kept = pauses.slice(0, -1).map((pause) => pause ?? assert.fail('it was given up early'))
    assert.ok((kept[0] ?? 0) >= 750 && (kept[0] ?? 0) <= 1250, `${kept[0] ?? 0}`)
    for (const [index, pause] of kept.slice(1, 5).entries()) assert.ok(pause > (kept[index] ?? 0), kept.join(' '))
    assert.ok(Math.max(...kept) <= 37_500, kept.join(' '))
  })

  it('is as long as the target asks for, up to a minute', () => {
    assert.equal(pauseBeforeRetry(1, { ...FAILURE, retryAfterMs: 20_000 }, 'key'), 20_000)
    assert.equal(pauseBeforeRetry(1, { ...FAILURE, retryAfterMs: 3_600_000 }, 'key'), 60_000)
  })

  it('is none where a further attempt would fail alike', () => {
    assert.equal(pauseBeforeRetry(1, { ...FAILURE, worthRetrying: false }, 'key'), null)
  })
})
