import assert from 'node:assert/strict'
import { sparkline } from '../../../src/lib/render/sparkline.js'

describe('a sparkline', () => {
  it('raises bars from nothing to full, and shows what is small', () => {
    assert.equal(sparkline([0, 0.01, 2, 4, 8, 9], 8, false), ' ▁▂▄██')
    assert.equal(sparkline([0, 0.01, 2, 4, 8, 9], 8, true), ' ..-##')
  })

  it('does not take what was not measured for nothing', () => {
    assert.equal(sparkline([null, 0, null], 5, false), '? ?')
  })
})
