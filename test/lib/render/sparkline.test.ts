import assert from 'node:assert/strict'
import { bar, limitBar } from '../../../src/lib/render/sparkline.js'

function drawn(values: readonly number[], limit: number, isFloor: boolean, ascii: boolean): string {
  return values
    .map((value) => limitBar({ value, limit, isFloor, broken: isFloor ? value < limit : value > limit }, ascii))
    .join('')
}

describe('a row of bars', () => {
  it('is a line along the bottom where there is nothing, and shows what is small', () => {
    assert.equal(drawn([0, 0.01, 2.5, 5], 5, false, false), '▁▂▄▇')
    assert.equal(drawn([0, 0.01, 2.5, 5], 5, false, true), '_.-*')
  })

  it('tells by its height alone what broke an upper limit, and what a lower one', () => {
    assert.equal(drawn([5, 5.01, 400], 5, false, false), '▇██')
    assert.equal(drawn([94.9, 95, 97.5, 100], 95, true, false), '▁▂▅█')
    assert.equal(drawn([20, 50, 75, 130], 50, true, true), '_.=#')
  })

  it('does not take what was not measured for nothing', () => {
    assert.equal(limitBar(null, false), '?')
  })

  it('has room for limits of nothing and of everything', () => {
    assert.equal(drawn([0, 1], 0, false, false), '▁█')
    assert.equal(drawn([99, 100], 100, true, false), '▁▂')
  })

  it('of a larger drawing has no line where there is nothing', () => {
    assert.deepEqual(
      [0, 0.001, 0.5, 2].map((share) => bar(share, false)),
      [' ', '▁', '▄', '█'],
    )
  })
})
