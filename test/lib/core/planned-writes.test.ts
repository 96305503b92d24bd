import assert from 'node:assert/strict'
import {
  planConfigure,
  planEmergency,
  planFull,
  planLowering,
  planTesting,
  planWatch,
} from '../../../src/lib/core/plan.js'
import { breachWrites, plannedWrites, remainingWrites } from '../../../src/lib/core/planned-writes.js'
import type { RolloutPlan } from '../../../src/lib/core/rollout.js'
import type { Pins, Settings } from '../../../src/lib/core/server.js'
import { fold } from '../../../src/lib/core/fold.js'
import { resumeRollout } from '../../../src/lib/engine/run-rollout.js'
import { Story } from '../../support/events.js'
import { FRESH_SETTINGS } from '../../support/fakes.js'
import { basis, from, gradual, MINUTE, Scene } from '../../support/rollouts.js'

const FILE = '/srv/app/.env'
const PINS: Pins = { rolloutUsers: ['ann'], forceLegacyUsers: ['mal', 'tre'] }
const PINNED: Partial<Settings> = { explicitRolloutUsers: 1, forcedLegacyUsers: 2 }

function pinned(mode: 'disabled' | 'gradual' | 'full', percentage: number) {
  return basis({
    before: { mode, percentage, legacyFallback: true, ...PINS },
    pins: PINS,
    environmentFile: FILE,
  })
}

/** What was announced for certain, and what the run of the same plan then wrote. */
async function compare(plan: RolloutPlan, settings: Partial<Settings>) {
  const scene = new Scene(undefined, { ...PINNED, ...settings })
  const { phase } = await scene.run(plan)
  assert.equal(phase.name === 'finished' && phase.outcome, 'completed')
  const certain = plannedWrites(plan).filter(({ when }) => !when?.startsWith('only if'))
  const actions = certain.map(({ action }) => action)
  return {
    announced: {
      calls: actions.flatMap((action) => {
        if (action.kind === 'record-environment') return []
        const configuration = action.kind === 'configure' ? action.configuration : null
        return [{ call: action.kind, configuration }]
      }),
      file: actions.flatMap((action) => (action.kind === 'record-environment' ? [action.configuration] : [])),
    },
    written: { calls: scene.server.writes, file: scene.environmentFile.written },
  }
}

describe('the writes that are announced', () => {
  const options = { step: 20, to: 0, stepDurationMs: MINUTE, once: false }
  const cases: readonly (readonly [what: string, plan: RolloutPlan, settings: Partial<Settings>])[] = [
    ['a gradual rollout', gradual({}, pinned('disabled', 0)), {}],
    ['one to everybody', gradual({ initialPercentage: 60, maxPercentage: 100 }, pinned('disabled', 0)), {}],
    [
      'one of uneven steps',
      gradual({ steps: [1, 3, 50].map((percentage) => ({ percentage, durationMs: MINUTE })) }, pinned('disabled', 0)),
      {},
    ],
    ['test users', planTesting(pinned('disabled', 0), ['bob', 'eve']), {}],
    ['everybody at once', planFull(pinned('disabled', 0), { durationMs: MINUTE, onInconclusive: 'hold' }), {}],
    ['a gradual rollback', planLowering(pinned('gradual', 50), options), { mode: 'gradual', percentage: 50 }],
    [
      'one write',
      planConfigure(pinned('disabled', 0), { mode: 'gradual', percentage: 7, legacyFallback: false, ...PINS }),
      {},
    ],
    [
      'an emergency',
      planEmergency(pinned('gradual', 35), { rolloutUsers: [], forceLegacyUsers: [] }, null),
      { mode: 'gradual', percentage: 35 },
    ],
    [
      'an emergency where nothing is set any more',
      planEmergency(pinned('full', 0), { rolloutUsers: [], forceLegacyUsers: [] }, null),
      { mode: 'full', percentage: 0 },
    ],
  ]
  for (const [what, plan, settings] of cases) {
    it(`for ${what} are those that the run makes, in order`, async () => {
      const { announced, written } = await compare(plan, settings)
      assert.ok(announced.calls.length > 0)
      assert.deepEqual(announced, written)
    })
  }

  it('say what has to come first', () => {
    const plan = gradual({ maxPercentage: 20 }, pinned('disabled', 0))
    assert.deepEqual(
      plannedWrites(plan).map(({ action, when }) => [action.kind, when]),
      [
        ['configure', null],
        ['record-environment', 'when step 1 has passed'],
        ['configure', 'when step 1 has passed'],
        ['record-environment', 'when step 2 has passed'],
      ],
    )
  })

  it('are no configuration where the two lists are not known', () => {
    const unread = { ...basis(from('gradual', 20)), before: null, pins: null }
    const plan = planEmergency(unread, { rolloutUsers: [], forceLegacyUsers: [] }, null)
    assert.deepEqual(
      plannedWrites(plan).map(({ action }) => action.kind),
      ['emergency-rollback', 'clear-cache'],
    )
  })

  it('are none for a watch', () => {
    assert.deepEqual(plannedWrites(planWatch(basis(), { durationMs: null, onBreach: 'rollback' })), [])
  })

  it('are for a watch those of an emergency, once there is a breach', () => {
    const watch = planWatch(pinned('gradual', 35), { durationMs: null, onBreach: 'rollback' })
    const emergency = planEmergency(pinned('gradual', 35), { rolloutUsers: [], forceLegacyUsers: [] }, null)
    const actions = (writes: ReturnType<typeof breachWrites>) => writes.map(({ action }) => action)
    assert.deepEqual(actions(breachWrites(watch)), actions(plannedWrites(emergency)))
    assert.equal(breachWrites(watch)[0]?.when, 'on a breach')
  })
})

describe('the writes that are announced of a run that was left', () => {
  const plan = gradual({}, pinned('disabled', 0))

  /** Takes a run up as it was after so many events. */
  async function compareFrom(type: string, step: number) {
    const scene = new Scene(undefined, PINNED)
    await scene.run(plan)
    const at = scene.journal.events.findIndex((event) => event.type === type && 'step' in event && event.step === step)
    assert.notEqual(at, -1)
    const left = fold(scene.journal.events.slice(0, at + 1))
    assert.ok(left)
    const settings = left.said ?? FRESH_SETTINGS
    const later = new Scene(undefined, { ...settings, ...PINNED })
    await resumeRollout(left, { operator: 'tester', policy: 'continue' }, later.ports)
    const announced = remainingWrites(left, 'continue').flatMap(({ action }) =>
      action.kind === 'configure' ? [action.configuration.percentage] : [],
    )
    return { announced, raised: later.server.raised }
  }

  for (const [type, step] of [
    ['step-started', 0],
    ['write-answered', 1],
    ['step-applied', 1],
    ['checked', 1],
    ['step-passed', 1],
    ['step-passed', 3],
  ] as const) {
    it(`after ${type} of step ${step + 1} are those that it makes when it is taken up`, async () => {
      const { announced, raised } = await compareFrom(type, step)
      assert.deepEqual(announced, raised)
    })
  }

  it('are those of an emergency when it is to roll back, and end with the step when it is to hold', () => {
    const left = new Story(plan).then({ type: 'step-started', step: 0, percentage: 5, again: false }).state
    assert.equal(remainingWrites(left, 'rollback')[0]?.action.kind, 'emergency-rollback')
    const record = remainingWrites(left, 'rollback').at(-1)?.action
    assert.ok(record?.kind === 'record-environment' && record.configuration.mode === 'disabled')
    assert.deepEqual(
      remainingWrites(left, 'hold').map(({ action }) => action.kind),
      ['configure', 'record-environment'],
    )
  })

  it('are none once it has ended, and those of an emergency when it is to go back', async () => {
    const scene = new Scene(undefined, PINNED)
    assert.deepEqual(remainingWrites(await scene.run(plan), 'continue'), [])
    const begun = fold(scene.journal.events.slice(0, 2))
    assert.ok(begun)
    assert.equal(remainingWrites(begun, 'rollback')[0]?.action.kind, 'emergency-rollback')
  })
})
