import assert from 'node:assert/strict'
import fc from 'fast-check'
import { binomialLowerTail, binomialUpperBound } from '../../../src/lib/core/binomial.js'

/** P(X <= k) in whole numbers: each term counts ways, so that nothing is rounded before the last division. */
function exactTail(k: number, n: number, numerator: number, denominator: number): number {
  const [success, failure] = [BigInt(numerator), BigInt(denominator - numerator)]
  let ways = 1n
  let sum = 0n
  for (let i = 0; i <= k; i++) {
    sum += ways * success ** BigInt(i) * failure ** BigInt(n - i)
    ways = (ways * BigInt(n - i)) / BigInt(i + 1)
  }
  const scale = 10n ** 30n
  return Number((sum * scale) / BigInt(denominator) ** BigInt(n)) / Number(scale)
}

const trials = fc.integer({ min: 1, max: 300 })
const percent = fc.integer({ min: 1, max: 99 })

describe('the exact binomial tail', () => {
  it('agrees with values worked out by hand', () => {
    assert.ok(Math.abs(binomialLowerTail(0, 10, 0.1) - 0.9 ** 10) < 1e-12)
    assert.ok(Math.abs(binomialLowerTail(1, 2, 0.5) - 0.75) < 1e-12)
    assert.ok(Math.abs(binomialLowerTail(3, 5, 0.4) - 0.91296) < 1e-9)
  })

  it('agrees with exact arithmetic in whole numbers', () => {
    fc.assert(
      fc.property(trials, percent, fc.nat(299), (n, p, some) => {
        const k = some % n
        const exact = exactTail(k, n, p, 100)
        const tail = binomialLowerTail(k, n, p / 100)
        assert.ok(Math.abs(tail - exact) <= 1e-9 * Math.max(exact, 1e-18), `${tail}, exactly ${exact}`)
      }),
    )
  })

  it('never falls as more successes are allowed, nor rises with their probability', () => {
    fc.assert(
      fc.property(trials, percent, fc.nat(299), (n, p, some) => {
        const k = some % n
        const tail = binomialLowerTail(k, n, p / 100)
        assert.ok(tail >= 0 && tail <= 1)
        assert.ok(binomialLowerTail(k + 1, n, p / 100) >= tail)
        assert.ok(binomialLowerTail(k, n, (p + 1) / 100) <= tail + 1e-12)
      }),
    )
  })

  it('is certain when every trial may succeed, or none can', () => {
    assert.equal(binomialLowerTail(5, 5, 0.4), 1)
    assert.equal(binomialLowerTail(9, 5, 1), 1)
    assert.equal(binomialLowerTail(0, 5, 0), 1)
    assert.equal(binomialLowerTail(0, 0, 0.5), 1)
  })

  it('is impossible when every trial must succeed, or less than none may', () => {
    assert.equal(binomialLowerTail(4, 5, 1), 0)
    assert.equal(binomialLowerTail(-1, 5, 0.4), 0)
  })

  it('neither underflows nor overflows with many trials', () => {
    assert.equal(binomialLowerTail(0, 1_000_000, 0.5), 0)
    assert.ok(Math.abs(binomialLowerTail(50_000, 100_000, 0.5) - 0.50126) < 1e-4)
    // About exp(-n p) for rare successes; ten digits are left after a hundred thousand terms.
    assert.ok(Math.abs(binomialLowerTail(0, 100_000, 1e-4) / Math.exp(100_000 * Math.log1p(-1e-4)) - 1) < 1e-9)
  })
})

describe('the upper bound of a rate', () => {
  it('is the known one: 3.6 % for none of 100 at 2.5 %, and the tail at it is what was asked for', () => {
    assert.ok(Math.abs(binomialUpperBound(0, 100, 0.025) - (1 - 0.025 ** 0.01)) < 1e-9)
    assert.ok(Math.abs(binomialLowerTail(8, 60, binomialUpperBound(8, 60, 0.025)) - 0.025) < 1e-9)
  })

  it('comes closer to what was seen with more trials, and goes away with more certainty', () => {
    assert.ok(binomialUpperBound(10, 1000, 0.01) < binomialUpperBound(1, 100, 0.01))
    assert.ok(binomialUpperBound(10, 1000, 0.001) > binomialUpperBound(10, 1000, 0.01))
    assert.ok(binomialUpperBound(10, 1000, 0.01) > 0.01)
  })

  it('is everything when everything failed, or nothing was tried', () => {
    assert.equal(binomialUpperBound(5, 5, 0.01), 1)
    assert.equal(binomialUpperBound(0, 0, 0.01), 1)
  })
})
