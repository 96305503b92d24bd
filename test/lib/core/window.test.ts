import assert from 'node:assert/strict'
import { attemptsOf, errorsWithin, lookBack, trim, type Delta } from '../../../src/lib/core/window.js'

/** One delta a second, each of ten legacy connections unless told otherwise. */
function deltas(count: number, change: (index: number) => Partial<Delta> = () => ({})): readonly Delta[] {
  return Array.from({ length: count }, (_, index) => ({
    legacy: 10,
    unified: 0,
    errors: 0,
    fallbacks: 0,
    step: 0,
    fromMs: index * 1000,
    toMs: (index + 1) * 1000,
    ...change(index),
  }))
}

const options = { step: 0, sinceMs: 9000, windowStartMs: 0, minAttempts: 20 }

describe('the evidence of a check', () => {
  it('is what is new, with as much before it as it takes', () => {
    assert.equal(lookBack(deltas(10), options).attempts, 20)
    assert.equal(lookBack(deltas(10), { ...options, minAttempts: 5 }).attempts, 10)
    assert.equal(lookBack(deltas(10), { ...options, minAttempts: 45 }).attempts, 50)
  })

  it('holds all that is new, even beyond the minimum', () => {
    assert.equal(lookBack(deltas(10), { ...options, sinceMs: 4000 }).attempts, 60)
  })

  it('never reaches beyond the window', () => {
    assert.equal(lookBack(deltas(10), { ...options, windowStartMs: 7000, minAttempts: 1000 }).attempts, 30)
  })

  it('never reaches into the step before', () => {
    const twoSteps = deltas(10, (index) => ({ step: index < 8 ? 0 : 1 }))
    assert.equal(lookBack(twoSteps, { ...options, step: 1, minAttempts: 1000 }).attempts, 20)
  })

  it('sums routing errors over the whole window, whichever step they fell in', () => {
    const twoSteps = deltas(10, (index) => ({ step: index < 8 ? 0 : 1, errors: 1 }))
    assert.equal(errorsWithin(twoSteps, 0), 10)
    assert.equal(errorsWithin(twoSteps, 6000), 4)
    assert.equal(trim(twoSteps, 6000).length, 4)
  })
})

describe('an attempt', () => {
  it('ends as exactly one of four', () => {
    const none = { legacy: 0, unified: 0, errors: 0, fallbacks: 0 }
    assert.equal(attemptsOf({ ...none, legacy: 1 }), 1)
    assert.equal(attemptsOf({ ...none, unified: 1 }), 1)
    assert.equal(attemptsOf({ legacy: 1, unified: 0, errors: 1, fallbacks: 1 }), 1)
    assert.equal(attemptsOf({ ...none, errors: 1 }), 1)
  })
})
