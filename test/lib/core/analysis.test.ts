import assert from 'node:assert/strict'
import {
  analyse,
  formatPercent,
  rate,
  unmeasured,
  type Check,
  type Measurement,
  type ThresholdName,
} from '../../../src/lib/core/analysis.js'
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

/** Nothing is broken by these, so that one threshold at a time can be looked at. */
const LENIENT: Thresholds = {
  ...DEFAULT_THRESHOLDS,
  maxErrorRate: 100,
  maxFallbackRate: 100,
  minSuccessRate: 0,
  minAdoption: 0,
  maxRoutingErrors: 1_000_000,
}

interface Row {
  readonly threshold: ThresholdName
  readonly limits: Partial<Thresholds>
  readonly atTheLimit: Partial<Measurement>
  readonly beyond: Partial<Measurement>
}

const ROWS: readonly Row[] = [
  {
    threshold: 'max-error-rate',
    limits: { maxErrorRate: 5 },
    atTheLimit: { recent: tally({ legacy: 95, lost: 5 }) },
    beyond: { recent: tally({ legacy: 949, lost: 51 }) },
  },
  {
    threshold: 'max-fallback-rate',
    limits: { maxFallbackRate: 10 },
    atTheLimit: { recent: tally({ legacy: 90, fellBack: 10 }) },
    beyond: { recent: tally({ legacy: 899, fellBack: 101 }) },
  },
  {
    threshold: 'min-success-rate',
    limits: { minSuccessRate: 95 },
    atTheLimit: { recent: tally({ legacy: 95, lost: 5 }) },
    beyond: { recent: tally({ legacy: 949, lost: 51 }) },
  },
  {
    threshold: 'max-routing-errors',
    limits: { maxRoutingErrors: 50 },
    atTheLimit: { windowErrors: 50 },
    beyond: { windowErrors: 51 },
  },
  {
    threshold: 'min-adoption',
    limits: { minAdoption: 50 },
    // A true share of 10 % leaves 66 attempts without a single one with a probability of 0.00095.
    atTheLimit: { percentage: 20, stepTotal: tally({ legacy: 65 }) },
    beyond: { percentage: 20, stepTotal: tally({ legacy: 66 }) },
  },
]

describe('each threshold', () => {
  const recent = tally({ legacy: 100 })
  for (const { threshold, limits, atTheLimit, beyond } of ROWS) {
    it(`holds at its limit and is broken beyond it: ${threshold}`, () => {
      const measured = (change: Partial<Measurement>) =>
        judge(change.recent ?? recent, { stepTotal: EMPTY_TALLY, ...change }, { ...LENIENT, ...limits })
      assert.deepEqual([measured(atTheLimit).verdict, broken(measured(atTheLimit))], ['pass', []])
      assert.deepEqual([measured(beyond).verdict, broken(measured(beyond))], ['fail', [threshold]])
    })
  }

  it('is named with the others when several are broken', () => {
    const check = judge(tally({ lost: 60 }), { percentage: 50 })
    assert.deepEqual(broken(check), ['max-routing-errors', 'max-error-rate', 'min-success-rate', 'min-adoption'])
    assert.equal(check.reason.split('; ').length, 4)
  })
})

describe('what a check cannot say', () => {
  it('is nothing when a count is broken already, however few the attempts', () => {
    const few = judge(tally({ legacy: 1 }), { percentage: 20, stepTotal: tally({ legacy: 66 }) })
    assert.deepEqual([few.verdict, broken(few)], ['fail', ['min-adoption']])
  })

  it('is a rate of no attempts', () => {
    const { attempts, errorRate, fallbackRate, successRate } = judge(EMPTY_TALLY)
    assert.deepEqual([attempts, errorRate, fallbackRate, successRate], [0, null, null, null])
  })

  it('is told as a rate all the same when there were a few', () => {
    assert.equal(judge(tally({ legacy: 3, lost: 1 })).errorRate, 25)
  })

  it('is adoption where no percentage applies, or it is 0, or nobody came', () => {
    const judged = (change: Partial<Measurement>) =>
      judge(tally({ legacy: 100 }), change).findings.some(({ threshold }) => threshold === 'min-adoption')
    assert.equal(judged({ percentage: null }), false)
    assert.equal(judged({ percentage: 0 }), false)
    assert.equal(judged({ percentage: 20, stepTotal: EMPTY_TALLY }), false)
    assert.equal(judged({ percentage: 20 }), true)
  })

  it('is never a failure of adoption when none is asked for, or everybody arrived', () => {
    assert.deepEqual(broken(judge(tally({ legacy: 9999 }), { percentage: 100 }, { minAdoption: 0 })), [])
    assert.deepEqual(broken(judge(tally({ unified: 9999 }), { percentage: 100 }, { minAdoption: 100 })), [])
    assert.deepEqual(broken(judge(tally({ unified: 9998, legacy: 1 }), { percentage: 100 }, { minAdoption: 100 })), [
      'min-adoption',
    ])
  })
})

describe('a rate in words', () => {
  it('has one decimal, and two below 1 %', () => {
    assert.deepEqual([0, 0.126, 0.5, 1, 4.04, 33.333, 100].map(formatPercent), [
      '0 %',
      '0.13 %',
      '0.5 %',
      '1 %',
      '4 %',
      '33.3 %',
      '100 %',
    ])
  })

  it('comes from a part and the whole, of which there must be one', () => {
    assert.equal(rate(1, 4), 25)
    assert.equal(rate(0, 0), null)
  })
})
