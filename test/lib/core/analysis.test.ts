import assert from 'node:assert/strict'
import { analyse, unmeasured, type Check, type Measurement } from '../../../src/lib/core/analysis.js'
import { binomialLowerTail } from '../../../src/lib/core/binomial.js'
import { DEFAULT_THRESHOLDS, type Thresholds } from '../../../src/lib/core/thresholds.js'
import { add, EMPTY_TALLY, type Tally } from '../../../src/lib/core/window.js'

/** What became of attempts, counted as the server counts them. */
function tally({ legacy = 0, unified = 0, fellBack = 0, lost = 0 }): Tally {
  return add(EMPTY_TALLY, { legacy: legacy + fellBack, unified, errors: fellBack + lost, fallbacks: fellBack })
}

function judge(recent: Tally, change: Partial<Measurement> = {}, thresholds: Partial<Thresholds> = {}): Check {
  const measurement = { recent, windowErrors: recent.errors, stepTotal: recent, percentage: null, ...change }
  return analyse(measurement, { ...DEFAULT_THRESHOLDS, ...thresholds })
}

function broken(check: Check): readonly string[] {
  return check.findings.filter((finding) => finding.broken).map((finding) => finding.threshold)
}

describe('a check', () => {
  it('passes when every threshold holds', () => {
    assert.equal(judge(tally({ legacy: 80, unified: 20 })).verdict, 'pass')
  })

  it('counts an attempt that fell back once, as an error and a connection', () => {
    const check = judge(tally({ legacy: 90, fellBack: 10 }))
    assert.equal(check.attempts, 100)
    assert.deepEqual([check.errorRate, check.fallbackRate, check.successRate], [10, 10, 100])
    assert.deepEqual(broken(check), ['max-error-rate'])
  })

  it('counts an attempt that was lost against success', () => {
    const check = judge(tally({ legacy: 94, lost: 6 }))
    assert.deepEqual(broken(check), ['max-error-rate', 'min-success-rate'])
    assert.equal(
      check.reason,
      'error rate 6 % (6 of 100 attempts), limit 5 %; success rate 94 % (94 of 100 attempts), at least 95 %',
    )
  })

  it('holds at the limit and breaks above it', () => {
    assert.equal(judge(tally({ legacy: 95, fellBack: 5 })).verdict, 'pass')
    assert.equal(judge(tally({ legacy: 949, fellBack: 51 }), { windowErrors: 0 }).verdict, 'fail')
  })

  it('says nothing of rates from fewer attempts than are needed', () => {
    const check = judge(tally({ legacy: 10, lost: 9 }))
    assert.equal(check.verdict, 'inconclusive')
    assert.equal(check.reason, '19 of the 20 attempts that a rate needs')
    assert.equal(judge(EMPTY_TALLY).verdict, 'inconclusive')
  })

  it('needs no minimum of attempts to fail on routing errors', () => {
    assert.deepEqual(broken(judge(EMPTY_TALLY, { windowErrors: 51 })), ['max-routing-errors'])
    assert.equal(judge(EMPTY_TALLY, { windowErrors: 50 }).verdict, 'inconclusive')
  })

  it('finds too few unified connections through the whole step, and not by chance', () => {
    const enough = tally({ legacy: 80, unified: 20 })
    assert.deepEqual(broken(judge(enough, { percentage: 20 })), [])
    assert.deepEqual(broken(judge(tally({ legacy: 100 }), { percentage: 20 })), ['min-adoption'])
    assert.deepEqual(
      broken(judge(tally({ legacy: 60 }), { percentage: 20 })),
      [],
      'none of 60 is still possible: (1 - 0.1)^60 > 0.001',
    )
    assert.deepEqual(broken(judge(tally({ legacy: 66 }), { percentage: 20 })), ['min-adoption'], '(1 - 0.1)^66 < 0.001')
  })

  it('finds full lock-out in mode full even when nobody falls back', () => {
    assert.deepEqual(broken(judge(tally({ legacy: 25 }), { percentage: 100 })), ['min-adoption'])
  })

  it('is an error, never healthy, without a valid sample', () => {
    assert.equal(unmeasured('connection refused').verdict, 'error')
  })
})

describe('the exact binomial tail', () => {
  it('agrees with values worked out by hand', () => {
    assert.ok(Math.abs(binomialLowerTail(0, 10, 0.1) - 0.9 ** 10) < 1e-12)
    assert.ok(Math.abs(binomialLowerTail(1, 2, 0.5) - 0.75) < 1e-12)
    assert.ok(Math.abs(binomialLowerTail(3, 5, 0.4) - 0.91296) < 1e-9)
    assert.equal(binomialLowerTail(5, 5, 0.4), 1)
  })

  it('neither underflows nor overflows with many trials', () => {
    assert.ok(binomialLowerTail(0, 1_000_000, 0.5) === 0)
    assert.ok(Math.abs(binomialLowerTail(50_000, 100_000, 0.5) - 0.50126) < 1e-4)
  })
})
