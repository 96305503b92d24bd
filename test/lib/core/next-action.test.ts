import assert from 'node:assert/strict'
import type { EventBody } from '../../../src/lib/core/event.js'
import { nextAction } from '../../../src/lib/core/next-action.js'
import type { RolloutPlan, RolloutState } from '../../../src/lib/core/rollout.js'
import { stepAt } from '../../../src/lib/core/rollout.js'
import { serverStatus, Story } from '../../support/events.js'
import { emergency, gradual, MINUTE } from '../../support/rollouts.js'

const STEP: EventBody = { type: 'step-started', step: 0, percentage: 5, again: false }
const status = serverStatus({ mode: 'gradual', percentage: 5 })
const APPLIED: EventBody = { type: 'step-applied', step: 0, percentage: 5, status }

function after(plan: RolloutPlan, ...bodies: readonly EventBody[]): RolloutState {
  return new Story(plan).then(...bodies).state
}

describe('the next action', () => {
  it('looks at the server before the first write', () => {
    assert.deepEqual(nextAction(after(gradual(), STEP), 1000), { kind: 'read-status', delayMs: 0 })
  })

  it('polls in time for the end of the step, and not before a poll is due', () => {
    const state = after(gradual(), STEP, APPLIED)
    assert.deepEqual(nextAction(state, state.atMs), { kind: 'read-status', delayMs: 10_000 })
    const short = after(gradual({ stepDurationMs: 4000 }), STEP, APPLIED)
    assert.deepEqual(nextAction(short, short.atMs), { kind: 'read-status', delayMs: 4000 })
  })

  it('is due at once when its time has gone by', () => {
    const state = after(gradual(), STEP, APPLIED)
    assert.equal(nextAction(state, state.atMs + MINUTE).delayMs, 0)
  })

  it('has the environment file follow a step that passed', () => {
    const passed: EventBody = { type: 'step-passed', step: 0, percentage: 5, proven: true }
    const action = nextAction(after(gradual({}, { environmentFile: '/srv/app/.env' }), STEP, APPLIED, passed), 0)
    assert.ok(action.kind === 'record-environment')
    assert.deepEqual([action.configuration.mode, action.configuration.percentage], ['gradual', 5])
  })

  it('does not exist for a run that is over or has something to conclude first', () => {
    const ends: readonly EventBody[] = [
      { type: 'finished', outcome: 'held', code: 'interrupted', reason: 'interrupted' },
      { type: 'breached', step: 0, reason: 'errors' },
      { type: 'interrupted', signal: 'SIGINT', ignored: false },
      { type: 'several-processes-detected', step: 0, readings: [] },
    ]
    for (const body of ends) assert.throws(() => nextAction(after(gradual(), body), 0), RangeError, body.type)
    assert.throws(() => nextAction(after(gradual()), 0), /a run that is ready has no next action/)
  })
})

describe('the next action of a rollback', () => {
  const started: EventBody = { type: 'rollback-started', cause: 'requested', reason: 'incident 7' }
  const unsafe = serverStatus({ mode: 'gradual', percentage: 35, explicitRolloutUsers: 3 })

  it('never is a write with lists that are not known', () => {
    const state = after(emergency(), started, { type: 'rollback-verified', status: unsafe })
    const cleared = after(
      emergency(),
      started,
      { type: 'rollback-read', status: unsafe, failure: null },
      { type: 'rollback-verified', status: unsafe },
      { type: 'cache-cleared', offered: true, failure: null },
    )
    assert.equal(nextAction(state, 0).kind, 'clear-cache')
    assert.throws(() => nextAction(cleared, 0), /without known lists/)
  })

  it('does not exist once it is done', () => {
    const done = after(emergency(), started, { type: 'rollback-abandoned', reason: 'the time is up' })
    assert.throws(() => nextAction(done, 0), /a rollback that is done has no next action/)
  })
})

describe('a step of a plan', () => {
  it('is there, or somebody broke a promise', () => {
    assert.equal(stepAt(gradual(), 1).percentage, 20)
    assert.throws(() => stepAt(emergency(), 0), /no step 0 in a plan of 0/)
  })
})
