import assert from 'node:assert/strict'
import fc from 'fast-check'
import { evenSteps, percentagesFrom, percentagesUp, stepFlags } from '../../../src/lib/core/gradual-steps.js'
import { planGradual } from '../../../src/lib/core/plan.js'
import { refusalOf } from '../../support/refusal.js'
import { basis, from, gradualOptions, MINUTE } from '../../support/rollouts.js'

const uneven = (...percentages: readonly number[]) =>
  gradualOptions({ steps: percentages.map((percentage, index) => ({ percentage, durationMs: (index + 1) * MINUTE })) })

describe('percentages of a rising rollout', () => {
  it('end exactly at the maximum', () => {
    assert.deepEqual(percentagesUp(5, 50, 15), [5, 20, 35, 50])
    assert.deepEqual(percentagesUp(5, 50, 10), [5, 15, 25, 35, 45, 50])
    assert.deepEqual(percentagesUp(50, 50, 10), [50])
    assert.deepEqual(percentagesUp(0, 100, 100), [0, 100])
  })

  it('are never a range that ends below its start: that would be one step far above what was meant', async () => {
    const range = { initialPercentage: 50, maxPercentage: 20, stepSize: 5, stepDurationMs: MINUTE }
    const error = await refusalOf(() => evenSteps(range))
    assert.deepEqual([error.code, error.exitCode], ['usage', 2])
  })

  it('go on from where the server is with the steps above it', () => {
    assert.deepEqual(percentagesFrom(10, [1, 5, 10, 25, 100]), [10, 25, 100])
    assert.deepEqual(percentagesFrom(12, [1, 5, 10, 25, 100]), [12, 25, 100])
    assert.deepEqual(percentagesFrom(100, [1, 100]), [100])
    assert.deepEqual(percentagesFrom(10, [10, 100, 100]), [10, 100], 'mode full is no step to type')
  })
})

describe('the flags for some percentages', () => {
  it('are a range where a range says the same, and else the list', () => {
    assert.equal(stepFlags([5, 20, 35, 50]), '--initial-percentage 5 --max-percentage 50 --step-size 15')
    assert.equal(stepFlags([35, 45, 50]), '--initial-percentage 35 --max-percentage 50 --step-size 10')
    assert.equal(stepFlags([50]), '--initial-percentage 50 --max-percentage 50')
    assert.equal(stepFlags([1, 2, 5, 10]), '--steps 1,2,5,10')
  })

  it('always stand for exactly these', () => {
    const rising = fc
      .uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 12 })
      .map((percentages) => percentages.sort((a, b) => a - b))
    fc.assert(
      fc.property(rising, (percentages) => {
        const flags = stepFlags(percentages)
        const list = /^--steps (.*)$/.exec(flags)?.[1]
        const [, first, last, size = '1'] =
          /^--initial-\w+ (\d+) --max-\w+ (\d+)(?: --step-size (\d+))?$/.exec(flags) ?? []
        const meant =
          list === undefined ? percentagesUp(Number(first), Number(last), Number(size)) : list.split(',').map(Number)
        assert.deepEqual(meant, percentages)
      }),
    )
  })
})

describe('a plan of uneven steps', () => {
  it('has each with its own percentage and duration, and ends with mode full at 100', () => {
    assert.deepEqual(
      planGradual(basis(), uneven(1, 10, 100)).steps.map(({ target, percentage, durationMs }) => [
        target?.mode,
        percentage,
        durationMs,
      ]),
      [
        ['gradual', 1, MINUTE],
        ['gradual', 10, 2 * MINUTE],
        ['gradual', 100, 3 * MINUTE],
        ['full', 100, 0],
      ],
    )
  })

  it('is refused unless it rises with every step', async () => {
    for (const steps of [uneven(), uneven(5, 5), uneven(5, 25, 10)]) {
      const error = await refusalOf(() => planGradual(basis(), steps))
      assert.equal(error.exitCode, 2)
      assert.match(error.message, /the percentages of the steps do not rise/)
    }
  })

  it('that begins below where the server is names the steps that are left', async () => {
    const error = await refusalOf(() => planGradual(basis(from('gradual', 10)), uneven(1, 5, 10, 25, 100)))
    assert.equal(error.code, 'lower-start')
    assert.equal(error.suggestions[0], 'to go on from where it is: wsctl deploy gradual --steps 10,25,100')
  })
})
