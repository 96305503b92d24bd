import assert from 'node:assert/strict'
import {
  add,
  attemptsOf,
  difference,
  EMPTY_TALLY,
  errorsWithin,
  lookBack,
  NO_COUNTERS,
  trim,
  type Delta,
} from '../../../src/lib/core/window.js'

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

  it('holds what ended just within the window, and nothing that ended as it began', () => {
    const windowStartMs = 7000
    assert.equal(lookBack(deltas(10), { ...options, windowStartMs, minAttempts: 1000 }).attempts, 30)
    assert.equal(lookBack(deltas(10), { ...options, windowStartMs: 6999, minAttempts: 1000 }).attempts, 40)
    assert.equal(
      errorsWithin(
        deltas(10, () => ({ errors: 1 })),
        windowStartMs,
      ),
      3,
    )
    assert.deepEqual(
      trim(deltas(10), windowStartMs).map(({ toMs }) => toMs),
      [8000, 9000, 10_000],
    )
  })

  it('holds at least what is new, even when that is nobody', () => {
    const quiet = deltas(10, (index) => (index === 9 ? { legacy: 0 } : {}))
    assert.equal(lookBack(quiet, { ...options, minAttempts: 1 }).attempts, 10)
    assert.equal(lookBack([], options).attempts, 0)
  })

  it('does not reach beyond what it may to an older delta that would do', () => {
    const between = deltas(10, (index) => (index === 8 ? { step: -1 } : {}))
    assert.equal(lookBack(between, { ...options, minAttempts: 1000 }).attempts, 10)
  })

  it('sums all that the server counts', () => {
    const mixed = deltas(2, () => ({ legacy: 4, unified: 3, errors: 2, fallbacks: 1 }))
    const sum = lookBack(mixed, { ...options, sinceMs: 0 })
    assert.deepEqual(sum, { legacy: 8, unified: 6, errors: 4, fallbacks: 2, attempts: 16 })
  })

  it('sums routing errors over the whole window, whichever step they fell in', () => {
    const twoSteps = deltas(10, (index) => ({ step: index < 8 ? 0 : 1, errors: 1 }))
    assert.equal(errorsWithin(twoSteps, 0), 10)
    assert.equal(errorsWithin(twoSteps, 6000), 4)
    assert.equal(trim(twoSteps, 6000).length, 4)
  })
})

describe('the growth of the counters', () => {
  const before = { legacy: 10, unified: 20, errors: 3, fallbacks: 2 }
  const after = { legacy: 15, unified: 20, errors: 4, fallbacks: 3 }

  it('is the difference of two readings, and all of the second when the process is new', () => {
    assert.deepEqual(difference(before, after), { legacy: 5, unified: 0, errors: 1, fallbacks: 1 })
    assert.deepEqual(difference(NO_COUNTERS, after), after)
  })

  it('adds up to what lies between the first reading and the last', () => {
    const halves = [difference(NO_COUNTERS, before), difference(before, after)]
    assert.deepEqual(halves.reduce(add, EMPTY_TALLY), add(EMPTY_TALLY, after))
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

  it('is not undone by a fallback that is counted before its error', () => {
    assert.equal(attemptsOf({ legacy: 1, unified: 0, errors: 0, fallbacks: 1 }), 1)
  })
})
