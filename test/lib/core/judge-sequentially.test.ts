import assert from 'node:assert/strict'
import type { Check } from '../../../src/lib/core/analysis.js'
import { doubtsAbout, formatOdds, isAlarm, judgeSequentially } from '../../../src/lib/core/judge-sequentially.js'
import { planWatch } from '../../../src/lib/core/plan.js'
import { addEvidence, EMPTY_EVIDENCE, expectStep, isSequential } from '../../../src/lib/core/sequential.js'
import { DEFAULT_THRESHOLDS, type Thresholds } from '../../../src/lib/core/thresholds.js'
import { add, EMPTY_TALLY, type Tally } from '../../../src/lib/core/window.js'
import { basis, from, MINUTE } from '../../support/rollouts.js'

function known(seen: Tally, change: Partial<Thresholds> = {}) {
  const limits = { ...DEFAULT_THRESHOLDS, maxErrorRate: 1, maxRoutingErrors: 1000, ...change }
  const analysis = { rule: 'sequential', confidence: 0.99, designEffect: 1 } as const
  const plan = planWatch(basis({ ...from('gradual', 50), thresholds: limits, analysis }), {
    durationMs: 20 * MINUTE,
    onBreach: 'exit',
  })
  assert.ok(isSequential(plan))
  const begun = expectStep(EMPTY_EVIDENCE, plan, { percentage: 50, target: null, durationMs: MINUTE })
  return { evidence: addEvidence(begun, seen, { spanMs: 10_000, limits, plan }), stepTotal: seen, limits, plan }
}

/** The verdict on a step of which one check saw everything. */
function judge(seen: Tally, change: Partial<Thresholds> = {}, percentage: number | null = null): Check {
  const measurement = { recent: seen, windowErrors: seen.errors, stepTotal: seen, percentage }
  return judgeSequentially(measurement, known(seen, change))
}

function tally(attempts: number, { lost = 0, fellBack = 0 } = {}): Tally {
  const unified = attempts - lost - fellBack
  return add(EMPTY_TALLY, { legacy: fellBack, unified, errors: lost + fellBack, fallbacks: fellBack })
}

describe('a check that is judged sequentially', () => {
  it('fails at once when chance no longer explains a rate, and says so in one line', () => {
    const check = judge(tally(812, { fellBack: 25 }))
    assert.equal(check.verdict, 'fail')
    assert.ok(isAlarm(check))
    assert.match(check.reason, /^3\.1 % of 812 attempts failed, limit 1 %; odds against chance [\d,]+ to 1$/)
  })

  it('tells users who fell back and users who were lost from errors', () => {
    const lenient = { maxErrorRate: 90, minSuccessRate: 99, maxFallbackRate: 1 }
    const { reason } = judge(tally(500, { lost: 40, fellBack: 40 }), lenient)
    assert.match(reason, /8 % of 500 attempts fell back, limit 1 %/)
    assert.match(reason, /8 % of 500 attempts did not connect, limit 1 %/)
  })

  it('passes when no rate is in doubt, nor above its limit', () => {
    assert.equal(judge(tally(400, { fellBack: 4 })).verdict, 'pass')
    assert.equal(judge(tally(400)).reason, '400 attempts, every threshold holds')
  })

  it('neither passes nor fails while chance may explain a rate above its limit', () => {
    const check = judge(tally(400, { fellBack: 5 }))
    assert.equal(check.verdict, 'inconclusive')
    assert.equal(isAlarm(check), false)
    assert.match(check.reason, /^1\.3 % of 400 attempts failed, limit 1 %; odds against chance/)
  })

  it('needs the attempts that a rate needs before it means anything', () => {
    const few = tally(10, { lost: 10 })
    assert.equal(judge(few, { minAttempts: 20 }).verdict, 'inconclusive')
    assert.equal(judge(few, { minAttempts: 10 }).verdict, 'fail')
    assert.equal(judge(tally(10), { minAttempts: 20 }).reason, '10 of the 20 attempts that a rate needs')
  })

  it('judges counts and adoption as ever, and neither is an alarm', () => {
    const errors = judge(tally(100_000, { fellBack: 51 }), { maxRoutingErrors: 50 })
    assert.deepEqual([errors.verdict, isAlarm(errors)], ['fail', false])
    const turnedAway = add(EMPTY_TALLY, { legacy: 200, unified: 0, errors: 0, fallbacks: 0 })
    const adoption = judge(turnedAway, {}, 50)
    assert.deepEqual([adoption.verdict, isAlarm(adoption)], ['fail', false])
  })

  it('tells its own attempts, and the odds of each rate', () => {
    const { attempts, errorRate, findings } = judge(tally(400, { fellBack: 4 }))
    assert.deepEqual([attempts, errorRate], [400, 1])
    const rates = findings.filter(({ odds }) => odds !== undefined).map(({ threshold }) => threshold)
    assert.deepEqual(rates, ['max-error-rate', 'max-fallback-rate', 'min-success-rate'])
  })

  it('tells a regression by what was seen since it began, not by a whole step that went well', () => {
    const calm = known(tally(20_000, { fellBack: 100 }))
    const bad = tally(200, { fellBack: 16 })
    const { limits, plan } = calm
    const evidence = addEvidence(calm.evidence, bad, { spanMs: 10_000, limits, plan })
    const stepTotal = tally(20_200, { fellBack: 116 })
    const check = judgeSequentially(
      { recent: bad, windowErrors: 16, stepTotal, percentage: null },
      { evidence, stepTotal, limits, plan },
    )
    assert.match(check.reason, /^8 % of 200 attempts failed, limit 1 %/)
  })
})

describe('what speaks against going on', () => {
  it('is nothing when all is as it should be, or nothing was seen', () => {
    assert.deepEqual(doubtsAbout(known(tally(1000, { fellBack: 5 }))), [])
    assert.deepEqual(doubtsAbout(known(EMPTY_TALLY)), [])
  })

  it('is a rate above its limit in the whole step, however little it proves', () => {
    assert.deepEqual(
      doubtsAbout(known(tally(90, { fellBack: 1 }))).map(({ threshold }) => threshold),
      ['max-error-rate'],
    )
  })
})

describe('odds in words', () => {
  it('have two digits, and no more than can be meant', () => {
    assert.deepEqual([0.3, 1, 7.46, 99.4, 100, 4137, 123_456, 999_999, 1e6, 1e9].map(formatOdds), [
      'under 1 to 1',
      '1 to 1',
      '7.5 to 1',
      '99 to 1',
      '100 to 1',
      '4,100 to 1',
      '120,000 to 1',
      '1,000,000 to 1',
      'over 1,000,000 to 1',
      'over 1,000,000 to 1',
    ])
  })
})
