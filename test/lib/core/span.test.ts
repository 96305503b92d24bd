import assert from 'node:assert/strict'
import { durationSchema } from '../../../src/lib/contract/options.js'
import { span } from '../../../src/lib/core/span.js'

describe('a duration in one unit', () => {
  for (const [ms, text] of [
    [0, '0ms'],
    [250, '250ms'],
    [1000, '1s'],
    [1620, '1.6s'],
    [119_000, '119s'],
    [120_000, '2m'],
    [45.5 * 60_000, '45.5m'],
    [119 * 60_000, '119m'],
    [36_000_000, '10h'],
  ] as const) {
    it(`is ${text} for ${ms} ms`, () => assert.equal(span(ms), text))
  }

  it('can be typed as a flag, and is never shorter than meant when rounded up', () => {
    const duration = durationSchema({ bareNumber: 'refused' })
    for (const ms of [1, 999.4, 1001, 61_234, 3_599_999, 123_456_789]) {
      const typed = duration.parse(span(ms, Math.ceil))
      assert.ok(typed >= ms && typed < ms * 2, `${ms} became ${typed}`)
    }
  })
})
