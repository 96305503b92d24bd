import assert from 'node:assert/strict'
import fc from 'fast-check'
import { planLowering, planWatch } from '../../../src/lib/core/plan.js'
import { RESUME_POLICIES, type RolloutPlan } from '../../../src/lib/core/rollout.js'
import { DEFAULT_THRESHOLDS } from '../../../src/lib/core/thresholds.js'
import { endOf } from '../../support/fakes.js'
import {
  excusesOnce,
  foldsToTheLiveState,
  journalsFirst,
  keepsPins,
  neverOverwritesUpwards,
  passesOnDataAlone,
  raisesOnEvidenceAlone,
  rollsBackAfterBreach,
} from '../../support/invariants.js'
import { deaths, RUNS, scenarios } from '../../support/random-scenarios.js'
import { basis, emergency, from, gradual, MINUTE } from '../../support/rollouts.js'
import { play, type Death, type Scenario } from '../../support/scenario.js'
import type { Ended } from '../../support/world.js'

/** How a run ended and where it left the server, which is all that an operator sees of it in the end. */
function result({ state, world }: Ended) {
  const { outcome, code } = endOf(state)
  const { mode, percentage } = world.server.settings
  return { outcome, code, mode, percentage }
}

describe('whatever happens to a run whose process dies', () => {
  it('all that must never break holds', async () => {
    const dying = fc.array(deaths(RESUME_POLICIES), { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(scenarios(), dying, async (scenario, died) => {
        const ended = await play(scenario, died)
        raisesOnEvidenceAlone(ended)
        passesOnDataAlone(ended)
        excusesOnce(ended)
        rollsBackAfterBreach(ended)
        keepsPins(ended)
        neverOverwritesUpwards(ended)
        journalsFirst(ended)
        foldsToTheLiveState(ended)
      }),
      { numRuns: RUNS },
    )
  })

  it('it ends as if nothing had happened, as long as users connect as before', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios({ isClear: true }), deaths(['continue']), async (scenario, death) => {
        assert.deepEqual(result(await play(scenario, [death])), result(await play(scenario)))
      }),
      { numRuns: RUNS },
    )
  })

  it('nothing more is raised when it was to hold', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios({ isClear: true }), deaths(['hold']), async (scenario, death) => {
        fc.pre(scenario.plan.intent === 'raise')
        const { world } = await play(scenario, [death])
        const resumed = world.told.findIndex(({ event }) => event.type === 'resumed')
        const later = world.told.slice(resumed).map(({ event }) => event)
        assert.ok(resumed < 0 || !later.some((event) => event.type === 'step-started' && !event.again))
      }),
      { numRuns: RUNS },
    )
  })

  it('everybody is back on legacy when that was asked for, unless the run had come to its end', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios({ isClear: true }), deaths(['rollback']), async (scenario, death) => {
        const { world, state } = await play(scenario, [death])
        if (!world.told.some(({ event }) => event.type === 'resumed')) return
        const hadEnded = state.phase.name === 'finished' && state.phase.code !== 'crash'
        assert.ok(hadEnded || world.server.settings.mode === 'disabled')
      }),
      { numRuns: RUNS },
    )
  })
})

const QUICK = { ...DEFAULT_THRESHOLDS, pollIntervalMs: 5000, confirmIntervalMs: 1000 }
const HALF_A_MINUTE = MINUTE / 2

const RUNS_OF_ALL_KINDS: Readonly<Record<string, { readonly plan: RolloutPlan; readonly failing: number }>> = {
  'a rollout': {
    plan: gradual(
      { maxPercentage: 20, stepDurationMs: HALF_A_MINUTE },
      { thresholds: QUICK, environmentFile: '/srv/app/.env' },
    ),
    failing: 101,
  },
  'a rollout to everybody': {
    plan: gradual({ initialPercentage: 100, maxPercentage: 100, stepDurationMs: HALF_A_MINUTE }, { thresholds: QUICK }),
    failing: 101,
  },
  'a rollout that breaks': {
    plan: gradual(
      { maxPercentage: 20, stepDurationMs: HALF_A_MINUTE },
      { thresholds: QUICK, environmentFile: '/srv/app/.env' },
    ),
    failing: 20,
  },
  'a gradual rollback': {
    plan: planLowering(basis({ ...from('gradual', 30), thresholds: QUICK }), {
      step: 20,
      to: 0,
      stepDurationMs: HALF_A_MINUTE,
      once: false,
    }),
    failing: 101,
  },
  'an emergency rollback': { plan: emergency('incident 7'), failing: 101 },
  'a watch': {
    plan: planWatch(basis({ ...from('gradual', 30), thresholds: QUICK }), {
      durationMs: HALF_A_MINUTE,
      onBreach: 'rollback',
    }),
    failing: 101,
  },
}

function scenarioOf(plan: RolloutPlan, failing: number): Scenario {
  const { mode, percentage } = plan.before ?? { mode: 'gradual', percentage: 35 }
  return {
    plan,
    settings: { mode, percentage },
    traffic: { attemptsPerSecond: 50, from: failing, failing: 1, refused: 0, fallback: true },
    gatesAnswer: true,
    latencyMs: 20,
    incidents: [],
    journal: null,
  }
}

describe('a death before or after any event is written', () => {
  for (const [name, { plan, failing }] of Object.entries(RUNS_OF_ALL_KINDS)) {
    it(`ends ${name} like no death at all`, async () => {
      const scenario = scenarioOf(plan, failing)
      const undisturbed = await play(scenario)
      for (let append = 0; append < undisturbed.world.journal.appends; append++) {
        for (const written of [false, true]) {
          const death: Death = { append, written, awayMs: 10 * MINUTE, policy: 'continue' }
          const ended = await play(scenario, [death])
          assert.deepEqual(result(ended), result(undisturbed), `event ${append + 1}, ${written ? 'after' : 'before'}`)
          assert.deepEqual(
            ended.state.steps.map(({ percentage, outcome }) => [percentage, outcome]),
            undisturbed.state.steps.map(({ percentage, outcome }) => [percentage, outcome]),
          )
        }
      }
    })
  }
})
