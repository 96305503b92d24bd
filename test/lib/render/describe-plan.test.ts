import assert from 'node:assert/strict'
import { describePlan } from '../../../src/lib/render/describe-plan.js'
import { gradual, MINUTE } from '../../support/rollouts.js'

describe('the clause that says what a run sets out to do', () => {
  it('tells how long steps are observed that are all alike', () => {
    const text = '4 steps, gradual 5 % to gradual 50 %, each observed for 5m'
    assert.equal(describePlan(gradual()), text)
  })

  it('tells the shortest and the longest of uneven steps', () => {
    const steps = [1, 10, 100].map((percentage) => ({ percentage, durationMs: percentage * MINUTE }))
    assert.equal(describePlan(gradual({ steps })), '4 steps, gradual 1 % to full 100 %, each observed for 1m to 1h 40m')
  })
})
