import assert from 'node:assert/strict'
import { decide } from '../../../src/lib/core/decide.js'
import type { Observation } from '../../../src/lib/core/event.js'
import { failure, serverStatus, Story } from '../../support/events.js'
import { gradual } from '../../support/rollouts.js'

const at = { atMs: 90_000, time: '2026-11-24T09:01:30.000Z' }
const status = serverStatus({ mode: 'gradual', percentage: 5 })

describe('a decision', () => {
  it('is none when an answer comes that nobody waits for any more', () => {
    const { state } = new Story(gradual()).then({
      type: 'finished',
      outcome: 'held',
      code: 'interrupted',
      reason: 'interrupted',
    })
    const answers: readonly Observation[] = [
      { kind: 'begun', ...at },
      { kind: 'status-read', status, begunMs: at.atMs, ...at },
      { kind: 'read-failed', failure: failure('503'), begunMs: at.atMs, ...at },
      { kind: 'call-answered', failure: null, ...at },
      { kind: 'environment-answered', failure: null, ...at },
    ]
    for (const observation of answers) assert.deepEqual(decide(state, observation), [], observation.kind)
  })

  it('numbers its events from the last one, all at the moment of the observation', () => {
    const { state } = new Story(gradual())
    const events = decide(state, { kind: 'interrupted', signal: 'SIGINT', ...at })
    assert.deepEqual(
      events.map(({ type, seq, atMs, time }) => [type, seq, atMs, time]),
      [
        ['interrupted', 2, at.atMs, at.time],
        ['finished', 3, at.atMs, at.time],
      ],
    )
  })

  it('follows from the state alone, so that a journal cut off after any conclusion leads to the next', () => {
    const { state } = new Story(gradual())
    const whole = decide(state, { kind: 'interrupted', signal: 'SIGINT', ...at })
    const cut = new Story(gradual()).then({ type: 'interrupted', signal: 'SIGINT', ignored: false })
    const types = decide(cut.state, { kind: 'begun', ...at }).map(({ type }) => type)
    assert.deepEqual(
      types,
      whole.slice(1).map(({ type }) => type),
    )
  })

  it('breaks a run off for failures that no check tells of', () => {
    const plan = gradual({ maxPercentage: 5 })
    const failed = { type: 'apply-failed', step: 0, reason: 'it does not show' } as const
    const story = new Story(plan)
      .then({ type: 'step-started', step: 0, percentage: 5, again: false }, { type: 'doubted', step: 0, status })
      .then(failed, failed, failed)
    const [breached] = decide(story.state, { kind: 'begun', ...at })
    assert.ok(breached?.type === 'breached')
    assert.equal(breached.reason, '3 failed checks in a row; the last one: nothing was measured')
  })

  it('ends a run whose last step has passed, with what is known of the server', () => {
    const plan = gradual({ maxPercentage: 5 })
    const passed = { type: 'step-passed', step: 0, percentage: 5, proven: true } as const
    const [unread] = decide(new Story(plan).then(passed).state, { kind: 'begun', ...at })
    assert.ok(unread?.type === 'finished')
    assert.deepEqual([unread.outcome, unread.reason], ['completed', 'the last step is done'])

    const applied = { type: 'step-applied', step: 0, percentage: 5, status } as const
    const [read] = decide(new Story(plan).then(applied, passed).state, { kind: 'begun', ...at })
    assert.ok(read?.type === 'finished')
    assert.equal(read.reason, 'the server is at gradual 5 %')
  })
})
