import assert from 'node:assert/strict'
import fc from 'fast-check'
import { unmeasured } from '../../../src/lib/core/analysis.js'
import { evolve } from '../../../src/lib/core/evolve.js'
import type { EventBody } from '../../../src/lib/core/event.js'
import { failure, serverStatus, Story } from '../../support/events.js'
import { RUNS, scenarios } from '../../support/random-scenarios.js'
import { emergency, gradual } from '../../support/rollouts.js'
import { play } from '../../support/scenario.js'

const status = serverStatus({ mode: 'gradual', percentage: 5 })

describe('the state of a run', () => {
  it('is folded from any of its events at any of its moments without fail', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios(), fc.nat(), fc.nat(), async (scenario, some, other) => {
        const { told } = (await play(scenario)).world
        const [moment, later] = [told[some % told.length], told[other % told.length]]
        if (moment === undefined || later === undefined) return
        const { seq, atMs } = evolve(moment.state, later.event)
        assert.deepEqual([seq, atMs], [later.event.seq, later.event.atMs])
      }),
      { numRuns: RUNS },
    )
  })

  it('begins anew with the start of a run', () => {
    const story = new Story(gradual())
    const [started] = story.told
    const { state } = story.then({ type: 'step-started', step: 0, percentage: 5, again: false })
    assert.ok(started)
    assert.deepEqual(evolve(state, started.event), started.state)
  })

  it('heeds only the news that its phase waits for', () => {
    const unexpected: readonly EventBody[] = [
      { type: 'write-answered', step: 0, failure: null },
      { type: 'read-back', step: 0, status: null, failure: failure('503'), shown: false },
      { type: 'rollback-called', call: 'configure', attempt: 1, failure: null },
      { type: 'rollback-read', status: null, failure: failure('503') },
      { type: 'cache-cleared', offered: true, failure: null },
      { type: 'interrupted', signal: 'SIGINT', ignored: true },
    ]
    for (const body of unexpected) {
      const before = new Story(gradual()).state
      const after = new Story(gradual()).then(body).state
      const { seq, atMs, time, contact } = before
      assert.deepEqual({ ...after, seq, atMs, time, contact }, before, body.type)
    }
  })

  it('counts what a new process has counted already, from its own beginning', () => {
    const counters = { legacy: 7, unified: 1, errors: 0, fallbacks: 0 }
    const { state } = new Story(gradual()).then(
      { type: 'step-started', step: 0, percentage: 5, again: false },
      { type: 'step-applied', step: 0, percentage: 5, status },
      { type: 'restart-detected', step: 0, status: { ...status, counters }, settingsKept: true },
    )
    assert.equal(state.stepTotal.attempts, 8)
    assert.deepEqual([state.observedMs, state.statusMs, state.lastConclusive], [0, state.atMs, null])
    assert.equal(state.steps[0]?.tally.attempts, 0)
  })

  it('pauses in a doubt when the server does not answer', () => {
    const { state } = new Story(gradual()).then(
      { type: 'step-started', step: 0, percentage: 5, again: false },
      { type: 'step-applied', step: 0, percentage: 5, status },
      { type: 'doubted', step: 0, status: serverStatus() },
      { type: 'checked', step: 0, status: null, failure: failure('503'), check: unmeasured('503'), begunMs: 0 },
    )
    assert.ok(state.phase.name === 'doubting')
    assert.equal(state.phase.dueMs - state.atMs, state.plan.thresholds.confirmIntervalMs)
    assert.equal(state.phase.readings.length, 1, 'no answer is no reading')
  })

  it('tells of a change by somebody else even where nothing was known before', () => {
    const { phase } = new Story(emergency()).then({ type: 'foreign-change-detected', step: 0, status }).state
    assert.ok(phase.name === 'stopped')
    assert.match(phase.reason, /changed from outside this run: it now says gradual 5 %/)
  })
})
