import assert from 'node:assert/strict'
import { DEFAULT_THRESHOLDS } from '../../../src/lib/core/thresholds.js'
import { chooseCanaries, stepsOfFleet } from '../../../src/lib/core/waves.js'
import type { Step } from '../../../src/lib/core/rollout.js'
import { A, B, C, fleetPlan } from '../../support/fleets.js'

const BEFORE = {
  mode: 'gradual',
  percentage: 5,
  legacyFallback: true,
  rolloutUsers: null,
  forceLegacyUsers: null,
} as const
const STEP: Step = {
  percentage: 20,
  target: { mode: 'gradual', percentage: 20, legacyFallback: true },
  durationMs: 60_000,
  thresholds: { ...DEFAULT_THRESHOLDS, maxErrorRate: 1 },
}

describe('the steps of a fleet', () => {
  it('begin with all where the lowest is, where the servers differ', () => {
    const differing = { [A]: BEFORE, [B]: BEFORE, [C]: { ...BEFORE, percentage: 10 } }
    const [first, ...others] = stepsOfFleet([STEP], BEFORE, fleetPlan({ before: differing }))
    assert.deepEqual([first?.percentage, first?.target?.percentage, first?.durationMs], [5, 5, 0])
    assert.deepEqual(others, [STEP])
  })

  it('come to the canaries first, under the limits of the step, when they are observed', () => {
    const steps = stepsOfFleet([STEP, { ...STEP, durationMs: 0 }], BEFORE, fleetPlan({ canaries: [A] }))
    assert.deepEqual(
      steps.map(({ wave, thresholds }) => [wave, thresholds?.maxErrorRate]),
      [
        ['canary', 1],
        [undefined, 1],
        [undefined, 1],
      ],
    )
  })
})

describe('canaries', () => {
  const servers = [A, B, C]
  it('are so many, a share of which there is at least one, or those that are named', () => {
    assert.deepEqual(chooseCanaries(servers, { by: 'count', count: 2 }), [A, B])
    assert.deepEqual(chooseCanaries(servers, { by: 'share', percent: 1 }), [A])
    assert.deepEqual(chooseCanaries(servers, { by: 'share', percent: 67 }), [A, B])
    assert.deepEqual(chooseCanaries(servers, { by: 'name', servers: [C] }), [C])
  })
})
