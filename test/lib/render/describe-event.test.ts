import assert from 'node:assert/strict'
import { unmeasured, type Check } from '../../../src/lib/core/analysis.js'
import type { EventBody, EventType } from '../../../src/lib/core/event.js'
import { describeEvent } from '../../../src/lib/render/describe-event.js'
import { failure, hasControls, HOSTILE, serverStatus, Story } from '../../support/events.js'
import { basis, emergency, gradual } from '../../support/rollouts.js'
import { EMPTY_TALLY } from '../../../src/lib/core/window.js'
import { planFull, planWatch } from '../../../src/lib/core/plan.js'

const status = serverStatus({ mode: 'gradual', percentage: 20 })
const passed: Check = {
  verdict: 'pass',
  reason: 'every threshold holds',
  findings: [],
  attempts: 1240,
  errorRate: 0.4,
  fallbackRate: 1.25,
  successRate: 99.6,
}

/** One of each type, with hostile words wherever words come from outside. */
const ONE_OF_EACH: { readonly [T in Exclude<EventType, 'started'>]: Extract<EventBody, { readonly type: T }> } = {
  resumed: { type: 'resumed', operator: HOSTILE, policy: 'continue' },
  measured: { type: 'measured', status: null, failure: failure(HOSTILE), begunMs: 0 },
  throttled: { type: 'throttled', failure: { ...failure(HOSTILE), kind: 'rate-limited' } },
  'baseline-taken': { type: 'baseline-taken', tally: EMPTY_TALLY, observedMs: 10_000 },
  waiting: { type: 'waiting', step: 1, for: 'gate', reason: HOSTILE },
  'gate-asked': { type: 'gate-asked', step: 1, attempt: 1 },
  'gate-answered': { type: 'gate-answered', step: 1, attempt: 1, open: false, message: HOSTILE },
  commanded: {
    type: 'commanded',
    command: { id: 'x', order: 'abort', step: null, by: HOSTILE, reason: HOSTILE },
    objection: HOSTILE,
  },
  'step-started': { type: 'step-started', step: 1, percentage: 20, again: false },
  'write-answered': { type: 'write-answered', step: 1, failure: failure(HOSTILE) },
  'read-back': { type: 'read-back', step: 1, status: null, failure: failure(HOSTILE), shown: false },
  'apply-failed': { type: 'apply-failed', step: 1, reason: HOSTILE },
  'step-applied': { type: 'step-applied', step: 1, percentage: 20, status },
  checked: {
    type: 'checked',
    step: 1,
    status: null,
    failure: failure(HOSTILE),
    check: unmeasured(HOSTILE),
    begunMs: 0,
  },
  'write-cleared': { type: 'write-cleared', step: 1, status },
  doubted: { type: 'doubted', step: 1, status },
  'restart-detected': { type: 'restart-detected', step: 1, status, settingsKept: false },
  'foreign-change-detected': { type: 'foreign-change-detected', step: 1, status },
  'several-processes-detected': { type: 'several-processes-detected', step: 1, readings: [status, status] },
  'fleet-changed': {
    type: 'fleet-changed',
    step: 1,
    status,
    restarted: [HOSTILE],
    joined: [HOSTILE],
    left: [HOSTILE],
    behind: [HOSTILE],
  },
  'revert-started': {
    type: 'revert-started',
    step: 1,
    reason: HOSTILE,
    configuration: { mode: 'gradual', percentage: 5, legacyFallback: true, rolloutUsers: [], forceLegacyUsers: [] },
  },
  'revert-called': { type: 'revert-called', failure: failure(HOSTILE) },
  'revert-read': { type: 'revert-read', status: null, failure: failure(HOSTILE) },
  'step-extended': { type: 'step-extended', step: 1, byMs: 60_000, reason: HOSTILE },
  'step-passed': { type: 'step-passed', step: 1, percentage: 20, proven: true },
  breached: { type: 'breached', step: 1, reason: HOSTILE },
  interrupted: { type: 'interrupted', signal: 'SIGINT', ignored: false },
  'rollback-started': { type: 'rollback-started', cause: 'inconclusive', reason: HOSTILE },
  'rollback-called': { type: 'rollback-called', call: 'configure', attempt: 2, failure: failure(HOSTILE) },
  'rollback-read': { type: 'rollback-read', status: null, failure: failure(HOSTILE) },
  'rollback-verified': { type: 'rollback-verified', status: serverStatus() },
  'rollback-abandoned': { type: 'rollback-abandoned', reason: HOSTILE },
  'cache-cleared': { type: 'cache-cleared', offered: true, failure: failure(HOSTILE) },
  'percentage-reset': { type: 'percentage-reset', failure: HOSTILE },
  'environment-recorded': {
    type: 'environment-recorded',
    path: HOSTILE,
    mode: 'gradual',
    percentage: 20,
    failure: HOSTILE,
  },
  'journal-failed': { type: 'journal-failed', message: HOSTILE },
  finished: { type: 'finished', outcome: 'held', code: 'x', reason: HOSTILE },
}

const STEP_STARTED: EventBody = { type: 'step-started', step: 0, percentage: 5, again: false }

function sentence(story: Story): string | undefined {
  return describeEvent(story.last.event, story.last.state)?.text
}

function check(verdict: Check): EventBody {
  return { type: 'checked', step: 0, status, failure: null, check: verdict, begunMs: 0 }
}

describe('describeEvent', () => {
  for (const body of Object.values(ONE_OF_EACH)) {
    it(`lets no control character of the server into the sentence for ${body.type}`, () => {
      const { event, state } = new Story(gradual(), HOSTILE).then(STEP_STARTED, body).last
      const description = describeEvent(event, state)
      assert.equal(description === null, ['doubted', 'write-cleared', 'gate-asked'].includes(body.type))
      assert.equal(hasControls(description?.text ?? ''), false)
      assert.doesNotMatch(description?.text ?? '', /\[2A|31m|owned/)
    })
  }

  it('says at the start what will happen, where, by whom and from where', () => {
    assert.equal(
      sentence(new Story(gradual({ maxPercentage: 100 }), 'jane')),
      'deploy gradual by jane at http://127.0.0.1:8000: 9 steps, gradual 5 % to full 100 %, each observed for 5m; ' +
        'the server is at disabled 0 %',
    )
  })

  it('warns at the start when nothing will roll back', () => {
    const { event, state } = new Story(gradual({ monitoring: false })).last
    const description = describeEvent(event, state)
    assert.equal(description?.level, 'warning')
    assert.match(description.text, /nothing will roll back$/)
  })

  it('does not call an emergency rollback unguarded', () => {
    const plan = emergency('locked out')
    assert.equal(
      sentence(new Story(plan)),
      'rollback emergency by tester at http://127.0.0.1:8000: everybody to legacy',
    )
  })

  it('says how long a watch lasts', () => {
    const plan = planWatch(basis(), { durationMs: null, onBreach: 'exit' })
    assert.match(sentence(new Story(plan)) ?? '', /: observing until stopped; the server is at disabled 0 %$/)
  })

  it('gives the numbers of a check that passed', () => {
    assert.equal(
      sentence(new Story(gradual()).then(STEP_STARTED, check(passed))),
      '5 %: check passed, 1,240 attempts, errors 0.4 %, fallbacks 1.3 %, connected 99.6 %',
    )
  })

  it('counts failed checks towards the breach', () => {
    const story = new Story(gradual()).then(
      STEP_STARTED,
      check(passed),
      check(unmeasured('time-out')),
      check(unmeasured('time-out')),
    )
    assert.equal(sentence(story), '5 %: check without a valid answer, 2 of 3 failures in a row: time-out')
  })

  it('does not call a run taken up again that was begun for the background', () => {
    const goingOn: EventBody = { type: 'resumed', operator: 'jane', policy: 'continue', backgroundPid: 4711 }
    assert.equal(
      sentence(new Story(gradual()).then(goingOn)),
      'deploy gradual: goes on in the background as process 4711',
    )
    assert.equal(
      sentence(new Story(gradual()).then(STEP_STARTED, goingOn)),
      'step 1 of 4: taken up again by jane in the background as process 4711',
    )
  })

  it('passes over what confirms what is known', () => {
    const story = new Story(gradual()).then(STEP_STARTED)
    const quiet: readonly EventBody[] = [
      { type: 'read-back', step: 0, status, failure: null, shown: true },
      { type: 'write-answered', step: 0, failure: null },
      { type: 'cache-cleared', offered: false, failure: null },
      { type: 'rollback-read', status: serverStatus(), failure: null },
    ]
    for (const body of quiet) assert.equal(sentence(story.then(body)), undefined, body.type)
  })

  it('does not call a step passed that was not observed', () => {
    const plan = planFull(basis(), { durationMs: 0, onInconclusive: 'extend' })
    const story = new Story(plan).then(STEP_STARTED, { type: 'step-passed', step: 0, percentage: 100, proven: true })
    assert.equal(sentence(story), undefined)
  })

  it('says that a step ended without proof', () => {
    const story = new Story(gradual()).then(STEP_STARTED, {
      type: 'step-passed',
      step: 0,
      percentage: 5,
      proven: false,
    })
    const description = describeEvent(story.last.event, story.last.state)
    assert.deepEqual(description, { level: 'warning', text: 'step 1 of 4: ended without proof, 0 attempts' })
  })

  it('tells the outcome with its exit code', () => {
    const story = new Story(gradual()).then({
      type: 'finished',
      outcome: 'rollback-unverified',
      code: 'breach',
      reason: 'no answer',
    })
    const description = describeEvent(story.last.event, story.last.state)
    assert.deepEqual(description, {
      level: 'bad',
      text: 'deploy gradual ended: rollback-unverified (exit 11): no answer',
    })
  })
})
