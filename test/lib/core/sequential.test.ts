import assert from 'node:assert/strict'
import { COUNTED, type SequentialAnalysis } from '../../../src/lib/core/judging.js'
import { planWatch } from '../../../src/lib/core/plan.js'
import type { RolloutPlan } from '../../../src/lib/core/rollout.js'
import {
  addEvidence,
  attemptsToFindDoubling,
  EMPTY_EVIDENCE,
  expectStep,
  isSequential,
  standingsOf,
  type RateName,
  type SequentialEvidence,
  type SequentialPlan,
} from '../../../src/lib/core/sequential.js'
import { DEFAULT_THRESHOLDS, type Thresholds } from '../../../src/lib/core/thresholds.js'
import { add, EMPTY_TALLY, type Tally } from '../../../src/lib/core/window.js'
import { basis, from, gradual, MINUTE } from '../../support/rollouts.js'

const SEQUENTIAL: SequentialAnalysis = { rule: 'sequential', confidence: 0.99, designEffect: 1 }
const ONE_PERCENT: Thresholds = { ...DEFAULT_THRESHOLDS, maxErrorRate: 1 }

function sequential(plan: RolloutPlan): SequentialPlan {
  assert.ok(isSequential(plan))
  return plan
}

function watch(durationMs: number | null = 20 * MINUTE, change: Partial<Parameters<typeof basis>[0]> = {}) {
  const own = basis({ ...from('gradual', 50), thresholds: ONE_PERCENT, analysis: SEQUENTIAL, ...change })
  return sequential(planWatch(own, { durationMs, onBreach: 'exit' }))
}

/** Attempts that were lost, that fell back, and others. */
function tally(attempts: number, { lost = 0, fellBack = 0 } = {}): Tally {
  return add(EMPTY_TALLY, {
    legacy: fellBack,
    unified: attempts - lost - fellBack,
    errors: lost + fellBack,
    fallbacks: fellBack,
  })
}

/** Evidence after so many checks of 10 s. */
function after(
  plan: SequentialPlan,
  checks: readonly Tally[],
  start: SequentialEvidence = expectStep(EMPTY_EVIDENCE, plan, { percentage: 50, target: null, durationMs: 1 }),
): SequentialEvidence {
  return checks.reduce(
    (evidence, check) => addEvidence(evidence, check, { spanMs: 10_000, limits: plan.thresholds, plan }),
    start,
  )
}

function oddsOf(evidence: SequentialEvidence, plan: SequentialPlan, name: RateName = 'max-error-rate'): number {
  return standingsOf(evidence, plan).find((standing) => standing.name === name)?.odds ?? NaN
}

function alarms(evidence: SequentialEvidence, plan: SequentialPlan): readonly RateName[] {
  return standingsOf(evidence, plan).flatMap(({ name, alarm }) => (alarm ? [name] : []))
}

const times = (count: number, check: Tally): readonly Tally[] => Array.from({ length: count }, () => check)

describe('the evidence of a run', () => {
  it('begins at even odds, where neither side is spoken for', () => {
    assert.equal(oddsOf(EMPTY_EVIDENCE, watch()), 1)
  })

  it('raises the alarm at the odds of the confidence', () => {
    const check = tally(200, { fellBack: 6 })
    for (const confidence of [0.9, 0.99, 0.999]) {
      const plan = watch(20 * MINUTE, { analysis: { ...SEQUENTIAL, confidence } })
      const taken = Array.from({ length: 20 }, (_, index) => after(plan, times(index + 1, check)))
      const first = taken.find((evidence) => alarms(evidence, plan).length > 0)
      assert.ok(first && oddsOf(first, plan) >= 1 / (1 - confidence))
      const before = taken[taken.indexOf(first) - 1]
      assert.ok(before === undefined || oddsOf(before, plan) < 1 / (1 - confidence))
    }
  })

  it('needs three checks of 200 for three times the limit, and one for five times', () => {
    const plan = watch()
    assert.deepEqual(alarms(after(plan, times(2, tally(200, { fellBack: 6 }))), plan), [])
    assert.deepEqual(alarms(after(plan, times(3, tally(200, { fellBack: 6 }))), plan), ['max-error-rate'])
    assert.deepEqual(alarms(after(plan, times(1, tally(200, { fellBack: 10 }))), plan), ['max-error-rate'])
  })

  it('never tires of a rate that is as it should be', () => {
    const plan = watch()
    const calm = after(plan, times(5000, tally(200, { fellBack: 1 })))
    assert.deepEqual(alarms(calm, plan), [])
    assert.ok(oddsOf(calm, plan) < 1)
  })

  it('finds a regression that comes late within a few checks, the watch without an end included', () => {
    for (const [plan, checks] of [
      [watch(), 5],
      [watch(null), 6],
    ] as const) {
      const calm = after(plan, times(60, tally(200, { fellBack: 1 })))
      assert.deepEqual(alarms(after(plan, times(checks, tally(200, { fellBack: 6 })), calm), plan), ['max-error-rate'])
    }
  })

  it('finds it long after the planned time as well', () => {
    const plan = watch()
    const calm = after(plan, times(1200, tally(200, { fellBack: 1 })))
    assert.deepEqual(alarms(after(plan, times(8, tally(200, { fellBack: 6 })), calm), plan), ['max-error-rate'])
  })

  it('is not changed by checks without attempts', () => {
    const plan = watch()
    const evidence = after(plan, times(3, tally(200, { fellBack: 4 })))
    assert.ok(Math.abs(oddsOf(after(plan, times(1, EMPTY_TALLY), evidence), plan) - oddsOf(evidence, plan)) < 1e-9)
  })

  it('lays no more than all there is, through more steps and time than were planned', () => {
    const plan = watch()
    const step = { percentage: 50, target: null, durationMs: 1 }
    let evidence = EMPTY_EVIDENCE
    for (let index = 0; index < 4; index++)
      evidence = after(plan, times(200, EMPTY_TALLY), expectStep(evidence, plan, step))
    assert.ok(evidence.unlaid >= 0 && evidence.unlaid < 0.25)
  })

  it('is told with capped odds, which JSON can hold', () => {
    const plan = watch()
    const ruin = after(plan, times(10, tally(100_000, { lost: 100_000 })))
    assert.equal(oddsOf(ruin, plan), 1e9)
  })
})

describe('the chance of a false alarm over several rates', () => {
  const check = tally(200, { lost: 6 })

  function oddsUnder(thresholds: Partial<Thresholds>, change: Partial<RolloutPlan> = {}): number {
    const plan = watch(20 * MINUTE, { thresholds: { ...ONE_PERCENT, ...thresholds } })
    return oddsOf(after(plan, [check]), sequential({ ...plan, ...change }))
  }

  const alone = oddsUnder({})

  it('is not divided where an error breaks its limit before fallbacks and lost users can break theirs', () => {
    assert.equal(oddsUnder({ maxFallbackRate: 1, minSuccessRate: 99 }), alone)
    const plan = watch(20 * MINUTE, { thresholds: { ...ONE_PERCENT, maxFallbackRate: 1, minSuccessRate: 99 } })
    for (let failures = 0; failures < 30; failures++) {
      const evidence = after(plan, times(3, tally(200, { fellBack: failures })))
      const [errors, fallbacks] = [oddsOf(evidence, plan), oddsOf(evidence, plan, 'max-fallback-rate')]
      assert.ok(fallbacks <= errors * (1 + 1e-9), `${failures}: ${fallbacks} for fallbacks, ${errors} for errors`)
    }
  })

  it('is never higher for a fallback rate with a limit above that of errors', () => {
    for (const limit of [1, 1.5, 5, 12, 25, 60]) {
      const plan = watch(20 * MINUTE, { thresholds: { ...ONE_PERCENT, maxFallbackRate: limit } })
      for (const failures of [1, 3, 6, 20, 80, 200]) {
        const evidence = after(plan, times(2, tally(200, { fellBack: failures })))
        assert.ok(oddsOf(evidence, plan, 'max-fallback-rate') <= oddsOf(evidence, plan) * (1 + 1e-9))
      }
    }
  })

  it('is divided among those that can be broken alone', () => {
    assert.ok(Math.abs(oddsUnder({ maxFallbackRate: 0.5 }) / alone - 1 / 2) < 1e-9)
    assert.ok(Math.abs(oddsUnder({ maxFallbackRate: 0.5, minSuccessRate: 99.9 }) / alone - 1 / 3) < 1e-9)
    assert.ok(Math.abs(oddsUnder({ maxFallbackRate: 70 }) / alone - 1 / 2) < 1e-9)
  })

  it('is halved for limits relative to a baseline, which may have been lucky', () => {
    const increases = { maxErrorRate: 1.5, maxFallbackRate: null }
    assert.ok(Math.abs(oddsUnder({}, { increases }) / alone - 1 / 2) < 1e-9)
  })

  it('looks at the limits that single steps have', () => {
    const steps = [
      { percentage: 50, target: null, durationMs: MINUTE, thresholds: { ...ONE_PERCENT, maxFallbackRate: 0.1 } },
    ]
    assert.ok(Math.abs(oddsUnder({}, { steps }) / alone - 1 / 2) < 1e-9)
  })
})

describe('the attempts that a step needs to find a doubling', () => {
  const needed = (plan: RolloutPlan, analysis = SEQUENTIAL) => attemptsToFindDoubling(ONE_PERCENT, plan, analysis)

  it('are about those that simulated runs needed: nine checks of 200', () => {
    assert.ok(needed(watch()) > 1500 && needed(watch()) < 2000, String(needed(watch())))
  })

  it('rise with the number of steps, the confidence and the design effect', () => {
    const one = needed(watch())
    assert.ok(needed(gradual({}, { thresholds: ONE_PERCENT, analysis: COUNTED })) > one)
    assert.ok(needed(watch(), { ...SEQUENTIAL, confidence: 0.999 }) > one)
    assert.ok(needed(watch(), { ...SEQUENTIAL, designEffect: 3 }) >= 3 * (one - 1))
  })
})
