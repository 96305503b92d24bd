import assert from 'node:assert/strict'
import { attemptsToTell, logWorth, NO_EVIDENCE, weigh, type RateEvidence } from '../../../src/lib/core/likelihood.js'

const ALL = { limit: 0.01, laid: 1, designEffect: 1 }
const LATER = { ...ALL, laid: 0 }

function worthOf(evidence: RateEvidence, unlaid = 0): number {
  return Math.exp(logWorth(evidence, unlaid))
}

/** Numbers from 0 to 1 that come out the same each time (Lehmer). */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/** How many of so many attempts fail. */
function failing(attempts: number, rate: number, next: () => number): number {
  return Array.from({ length: attempts }, next).filter((value) => value < rate).length
}

describe('bets against a rate within its limit', () => {
  it('are worth what was laid before anything was seen', () => {
    assert.equal(worthOf(NO_EVIDENCE, 1), 1)
    assert.ok(Math.abs(worthOf(weigh(NO_EVIDENCE, { failures: 0, attempts: 0 }, ALL)) - 1) < 1e-12)
  })

  it('come to the mean likelihood ratio of the worse rates', () => {
    // Of 10 attempts 2 failed: at 1.5, 2, 3, 5 and 10 % against 1 %.
    const ratios = [0.015, 0.02, 0.03, 0.05, 0.1].map((rate) => (rate / 0.01) ** 2 * ((1 - rate) / 0.99) ** 8)
    const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / 5
    assert.ok(Math.abs(worthOf(weigh(NO_EVIDENCE, { failures: 2, attempts: 10 }, ALL)) - mean) < 1e-9)
  })

  it('are worth the same however the attempts were cut into checks', () => {
    const whole = weigh(NO_EVIDENCE, { failures: 7, attempts: 300 }, ALL)
    const first = weigh(NO_EVIDENCE, { failures: 3, attempts: 100 }, ALL)
    const parts = weigh(first, { failures: 4, attempts: 200 }, LATER)
    assert.ok(Math.abs(logWorth(parts, 0) - logWorth(whole, 0)) < 1e-9)
  })

  it('gain with each failure, lose with each success, and less so with a higher limit', () => {
    const after = (failures: number, attempts: number, limit = 0.01) =>
      logWorth(weigh(NO_EVIDENCE, { failures, attempts }, { ...ALL, limit }), 0)
    for (let failures = 0; failures < 20; failures++) assert.ok(after(failures + 1, 200) > after(failures, 200))
    for (let attempts = 200; attempts < 220; attempts++) assert.ok(after(5, attempts + 1) < after(5, attempts))
    assert.ok(after(10, 200, 0.02) < after(10, 200, 0.01))
  })

  it('neither overflow nor vanish, however much is seen', () => {
    const ruin = weigh(NO_EVIDENCE, { failures: 5_000_000, attempts: 5_000_000 }, ALL)
    assert.ok(Number.isFinite(logWorth(ruin, 0)) && logWorth(ruin, 0) > 1e6)
    const calm = weigh(NO_EVIDENCE, { failures: 0, attempts: 5_000_000 }, ALL)
    assert.ok(Number.isFinite(logWorth(calm, 0)))
    // What is laid later is not lost with what was.
    const late = weigh(calm, { failures: 50, attempts: 100 }, { ...LATER, laid: 0.001 })
    assert.ok(logWorth(late, 0) > Math.log(100))
  })

  it('divide failures and attempts by the design effect', () => {
    const twice = weigh(NO_EVIDENCE, { failures: 20, attempts: 400 }, { ...ALL, designEffect: 2 })
    const once = weigh(NO_EVIDENCE, { failures: 10, attempts: 200 }, ALL)
    assert.ok(Math.abs(logWorth(twice, 0) - logWorth(once, 0)) < 1e-9)
  })

  it('count no more failures than attempts, and nothing that went down', () => {
    const odd = weigh(NO_EVIDENCE, { failures: 9, attempts: 5 }, ALL)
    assert.deepEqual(odd, weigh(NO_EVIDENCE, { failures: 5, attempts: 5 }, ALL))
    assert.equal(worthOf(weigh(NO_EVIDENCE, { failures: -1, attempts: -4 }, ALL)).toFixed(9), '1.000000000')
  })

  it('need no more than one failure where none may happen', () => {
    const none = { ...ALL, limit: 0, laid: 0.001 }
    assert.ok(worthOf(weigh(NO_EVIDENCE, { failures: 0, attempts: 1_000_000 }, none), 0.999) <= 1 + 1e-9)
    assert.ok(logWorth(weigh(NO_EVIDENCE, { failures: 1, attempts: 1_000_000 }, none), 0) > Math.log(1e6))
  })

  it('are lost where everything may fail', () => {
    assert.equal(worthOf(weigh(NO_EVIDENCE, { failures: 50, attempts: 50 }, { ...ALL, limit: 1 })), 0)
  })

  it('find that everything fails, whatever the limit', () => {
    for (const limit of [0.001, 0.05, 0.1, 0.3, 0.5, 0.66, 0.7, 0.9]) {
      const found = weigh(NO_EVIDENCE, { failures: 200, attempts: 200 }, { ...ALL, limit })
      assert.ok(worthOf(found) > 100, `limit ${limit}: ${worthOf(found)}`)
    }
  })

  it('remember what was seen since the rate last looked as it should', () => {
    const calm = weigh(NO_EVIDENCE, { failures: 0, attempts: 5000 }, ALL)
    assert.deepEqual(calm.since, { failures: 0, attempts: 0 })
    const first = weigh(calm, { failures: 6, attempts: 200 }, LATER)
    const second = weigh(first, { failures: 7, attempts: 200 }, LATER)
    assert.deepEqual(second.since, { failures: 13, attempts: 400 })
    assert.deepEqual(weigh(second, { failures: 0, attempts: 5000 }, LATER).since, { failures: 0, attempts: 0 })
  })
})

describe('the chance of a false alarm', () => {
  const RUNS = 600
  const CHECKS = 60

  /** Share of runs whose bets were ever worth `odds`, with half laid at the start and half over all checks. */
  function everWorth(odds: number, rate: number, limit: number, attempts: number): number {
    const next = numbers(20_261_130)
    let alarms = 0
    for (let run = 0; run < RUNS; run++) {
      let [evidence, unlaid] = [NO_EVIDENCE, 1]
      for (let check = 0; check < CHECKS; check++) {
        const laid = 0.5 / CHECKS + (check === 0 ? 0.5 : 0)
        unlaid = Math.max(0, unlaid - laid)
        evidence = weigh(
          evidence,
          { failures: failing(attempts, rate, next), attempts },
          { limit, laid, designEffect: 1 },
        )
        if (logWorth(evidence, unlaid) >= Math.log(odds)) {
          alarms += 1
          break
        }
      }
    }
    return alarms / RUNS
  }

  it('is at most one in the odds, at the limit itself and however often one looks', () => {
    // Three standard errors above 1/20 and 1/5 in 600 runs.
    assert.ok(everWorth(20, 0.05, 0.05, 40) < 0.05 + 0.027)
    assert.ok(everWorth(5, 0.05, 0.05, 40) < 0.2 + 0.05)
  })

  it('is all but nothing below the limit', () => {
    assert.ok(everWorth(20, 0.025, 0.05, 40) < 0.01)
  })

  it('is no excuse for not finding three times the limit', () => {
    assert.ok(everWorth(100, 0.15, 0.05, 40) > 0.99)
  })
})

describe('the attempts that it takes to tell a rate from chance', () => {
  const certain = { logOdds: Math.log(100), laid: 1, designEffect: 1 }

  it('are those of the logarithm of the odds by the divergence, and of the choice among worse rates', () => {
    const divergence = 0.02 * Math.log(2) + 0.98 * Math.log(0.98 / 0.99)
    assert.equal(attemptsToTell(2, 0.01, certain), Math.ceil(Math.log(500) / divergence))
  })

  it('fall with the factor and rise with the design effect', () => {
    const [double, triple] = [attemptsToTell(2, 0.01, certain), attemptsToTell(3, 0.01, certain)]
    assert.ok(triple < double)
    assert.ok(Math.abs(attemptsToTell(2, 0.01, { ...certain, designEffect: 5 }) / double - 5) < 0.01)
  })

  it('have no end where no rate can be so high, or none may happen', () => {
    assert.equal(attemptsToTell(2, 0.5, certain), Infinity)
    assert.equal(attemptsToTell(2, 0, certain), Infinity)
  })
})
