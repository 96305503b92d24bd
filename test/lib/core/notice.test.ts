import assert from 'node:assert/strict'
import type { EventBody } from '../../../src/lib/core/event.js'
import { contactsFor, noticeEventOf, ROLES, type Contacts } from '../../../src/lib/core/notice.js'
import { planWatch } from '../../../src/lib/core/plan.js'
import type { RolloutPlan } from '../../../src/lib/core/rollout.js'
import { recordedRun, Story, type Told } from '../../support/events.js'
import { callError } from '../../support/fakes.js'
import { basis, emergency, gradual, MINUTE, Scene } from '../../support/rollouts.js'

const CONTACTS: Contacts = {
  'system-administrator': 'Sys',
  'development-team-lead': 'Lead',
  'database-administrator': 'Data',
  'network-administrator': 'Net',
}

function occasions(told: readonly Told[]): readonly string[] {
  return told.flatMap(({ event, state }) => noticeEventOf(event, state) ?? [])
}

/** How a run that ends like this is told. */
function endOf(plan: RolloutPlan, outcome: Extract<EventBody, { type: 'finished' }>['outcome']): string | undefined {
  return occasions(new Story(plan).then({ type: 'finished', outcome, code: 'test', reason: 'so it was' }).told).at(-1)
}

describe('the occasions for a message', () => {
  it('of a run that passes are its start, each step, and its end', async () => {
    const told = await recordedRun(new Scene(), gradual({ maxPercentage: 35 }))
    assert.deepEqual(occasions(told), ['started', 'step-passed', 'step-passed', 'step-passed', 'finished'])
  })

  it('of a run that breaks a threshold are the breach, and once what became of it', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: (percentage) => (percentage > 5 ? 0.5 : 0) })
    const told = await recordedRun(scene, gradual({ maxPercentage: 35 }))
    assert.deepEqual(occasions(told), ['started', 'step-passed', 'breach', 'rolled-back'])
  })

  it('tell when users may still be on unified', async () => {
    const scene = new Scene({ attemptsPerSecond: 20 })
    scene.clock.at(7 * MINUTE, () => {
      scene.server.fault = () => {
        throw callError('server-error', 500)
      }
    })
    const told = await recordedRun(scene, gradual({ maxPercentage: 35 }))
    assert.deepEqual(occasions(told), ['started', 'step-passed', 'breach', 'rollback-unverified'])
  })

  it('name the end by what became of the run', () => {
    assert.equal(endOf(gradual(), 'completed'), 'finished')
    assert.equal(endOf(gradual(), 'held'), 'held')
    assert.equal(endOf(gradual(), 'refused'), 'finished')
    assert.equal(endOf(gradual(), 'rolled-back'), 'rolled-back')
    assert.equal(endOf(emergency(), 'completed'), 'rolled-back')
    assert.equal(endOf(emergency(), 'rollback-unverified'), 'rollback-unverified')
  })

  it('leave out steps that prove nothing by themselves: those only written, and the one of a watch', async () => {
    const watch = planWatch({ ...basis(), pins: null }, { durationMs: MINUTE, onBreach: 'exit' })
    assert.deepEqual(occasions(await recordedRun(new Scene(), watch)), ['started', 'finished'])
    const written = gradual({ maxPercentage: 5, stepDurationMs: 0 })
    const steps = [{ type: 'step-started', step: 0, percentage: 5, again: false }] as const
    const story = new Story(written).then(...steps, { type: 'step-passed', step: 0, percentage: 5, proven: true })
    assert.deepEqual(occasions(story.told), ['started'])
  })
})

describe('the contacts of a message', () => {
  const { state } = new Story(gradual())
  const failed = (verdict: 'fail' | 'error') =>
    ({
      ...state,
      lastCheck: {
        verdict,
        reason: '',
        findings: [],
        attempts: 0,
        errorRate: null,
        fallbackRate: null,
        successRate: null,
      },
    }) as const
  const names = (...[event, at]: Parameters<typeof contactsFor> extends [infer E, infer S, unknown] ? [E, S] : never) =>
    contactsFor(event, at, CONTACTS).map(({ contact }) => contact)

  it('of a broken threshold are those of the application and its database', () => {
    assert.deepEqual(names('breach', failed('fail')), ['Lead', 'Data', 'Sys'])
  })

  it('of a server that does not answer are those of machine and network', () => {
    assert.deepEqual(names('breach', failed('error')), ['Sys', 'Net', 'Lead'])
  })

  it('are all of them when users may still be on unified, and at the start', () => {
    assert.equal(names('rollback-unverified', state).length, ROLES.length)
    assert.equal(names('started', state).length, ROLES.length)
  })

  it('are nobody for a step that passed, and none whose role is not filled', () => {
    assert.deepEqual(names('step-passed', state), [])
    assert.deepEqual(contactsFor('held', state, { 'network-administrator': 'Net' }), [])
  })
})
