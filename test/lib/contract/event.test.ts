import assert from 'node:assert/strict'
import { unmeasured, type Check } from '../../../src/lib/core/analysis.js'
import { decodeEvent, encodeEvent, eventSchema } from '../../../src/lib/contract/event.js'
import { ORDERS } from '../../../src/lib/core/control.js'
import { stamp } from '../../../src/lib/core/decide.js'
import { FAILURE_KINDS, type CallFailure } from '../../../src/lib/core/error.js'
import type { EventBody, EventType } from '../../../src/lib/core/event.js'
import type { Gate } from '../../../src/lib/core/gate.js'
import { OUTCOMES } from '../../../src/lib/core/outcome.js'
import { planFull, planWatch } from '../../../src/lib/core/plan.js'
import { RESUME_POLICIES, ROLLBACK_CAUSES, stepAt, type RolloutPlan } from '../../../src/lib/core/rollout.js'
import { WAITING_REASONS } from '../../../src/lib/core/waiting.js'
import { EMPTY_TALLY } from '../../../src/lib/core/window.js'
import { HOSTILE, serverStatus } from '../../support/events.js'
import { refusalOf } from '../../support/refusal.js'
import { basis, emergency, gradual, Scene } from '../../support/rollouts.js'

const status = serverStatus({ mode: 'gradual', percentage: 20 })
const unused = serverStatus({}, { open: { legacy: null, unified: null } })
const failures: readonly CallFailure[] = [
  ...FAILURE_KINDS.map((kind) => ({ kind, status: 500, message: HOSTILE })),
  { kind: 'rate-limited', status: 429, message: 'm', retryAfterMs: 1500.5 },
  { kind: 'timeout', status: null, message: '' },
]
const [failure] = failures
if (failure === undefined) throw new RangeError('there is a first kind of failure')
const judged: Check = {
  verdict: 'fail',
  reason: HOSTILE,
  findings: [{ threshold: 'max-error-rate', broken: true, value: 12.5, limit: 5, text: 'x' }],
  attempts: 240,
  errorRate: 12.5,
  fallbackRate: 0,
  successRate: 87.5,
}
const known = { ...basis(), pins: { rolloutUsers: ['ann', 'ü "x"'], forceLegacyUsers: ['ben'] } }

const fleetStatus = {
  ...status,
  members: [
    { server: 'http://a', counters: status.counters },
    { server: 'http://b', counters: null, failure },
    { server: 'http://c', settings: unused.settings, counters: unused.counters },
  ],
}

/** Bodies of every type, in each of their forms. */
const BODIES: { readonly [T in EventType]: readonly Omit<Extract<EventBody, { readonly type: T }>, 'type'>[] } = {
  started: [
    { plan: gradual({}, { environmentFile: '/srv/.env' }), operator: 'ada@host' },
    { plan: emergency('they are locked out'), operator: HOSTILE },
    { plan: planWatch(known, { durationMs: null, onBreach: 'exit' }), operator: '' },
    { plan: planFull(known, { durationMs: 0.5, onInconclusive: 'advance' }), operator: 'x' },
    { plan: guarded(), operator: 'x' },
  ],
  resumed: RESUME_POLICIES.map((policy) => ({ operator: 'ada@host', policy })),
  measured: [
    { status, failure: null, begunMs: 12.25 },
    { status: null, failure, begunMs: 0 },
  ],
  throttled: failures.map((each) => ({ failure: each })),
  'baseline-taken': [{ tally: { ...EMPTY_TALLY, legacy: 12, attempts: 12 }, observedMs: 10_000.5 }],
  waiting: WAITING_REASONS.map((reason) => ({ step: 1, for: reason, reason: HOSTILE })),
  'gate-asked': [{ step: 1, attempt: 1 }],
  'gate-answered': [{ step: 1, attempt: 2, open: false, message: HOSTILE }],
  commanded: ORDERS.flatMap((order) => [
    { command: { id: 'x', order, step: 2, by: HOSTILE, reason: HOSTILE }, objection: null },
    { command: { id: 'x', order, step: null, by: 'ada@host', reason: null }, objection: HOSTILE },
  ]),
  'step-started': [{ step: 0, percentage: 0, again: false }],
  'write-cleared': [
    { step: 1, status },
    { step: 1, status: fleetStatus, lacking: ['http://a'] },
  ],
  'write-answered': [{ step: 1, failure: null }, ...failures.map((each) => ({ step: 1, failure: each }))],
  'read-back': [
    { step: 0, status, failure: null, shown: true },
    { step: 0, status: null, failure, shown: false },
  ],
  'apply-failed': [{ step: 1, reason: HOSTILE }],
  'step-applied': [
    { step: 1, percentage: 20, status: unused },
    { step: 1, percentage: 20, status: fleetStatus, rejoined: ['http://a'] },
  ],
  checked: [
    { step: 1, status, failure: null, check: judged, begunMs: 12.25 },
    {
      step: 1,
      status: fleetStatus,
      failure: null,
      check: { ...judged, failing: ['http://a'], together: false },
      begunMs: 1,
    },
    { step: 1, status: null, failure, check: unmeasured('no answer'), begunMs: 0 },
  ],
  doubted: [{ step: 1, status }],
  'restart-detected': [{ step: 1, status, settingsKept: true }],
  'foreign-change-detected': [{ step: 1, status }],
  'several-processes-detected': [{ step: 1, readings: [status, unused] }],
  'fleet-changed': [{ step: 1, status: fleetStatus, restarted: ['http://a'], joined: ['x'], left: [], behind: ['x'] }],
  'revert-started': [
    {
      step: 1,
      reason: HOSTILE,
      configuration: { mode: 'gradual', percentage: 5, legacyFallback: true, ...known.pins },
    },
  ],
  'revert-called': [{ failure: null }, ...failures.map((each) => ({ failure: each }))],
  'revert-read': [
    { status: fleetStatus, failure },
    { status: null, failure },
  ],
  'step-extended': [{ step: 1, byMs: 60_000, reason: 'x' }],
  'step-passed': [{ step: 1, percentage: 100, proven: false }],
  breached: [{ step: 1, reason: 'x' }],
  interrupted: [{ signal: 'SIGTERM', ignored: true }],
  'rollback-started': ROLLBACK_CAUSES.map((cause) => ({
    cause,
    reason: 'x',
  })),
  'rollback-called': [
    { call: 'emergency-rollback', attempt: 1, failure: null },
    { call: 'configure', attempt: 21, failure },
  ],
  'rollback-read': [
    { status, failure: null },
    { status: null, failure },
  ],
  'rollback-verified': [{ status: unused }],
  'rollback-abandoned': [{ reason: 'x' }],
  'cache-cleared': [
    { offered: true, failure: null },
    { offered: false, failure: null },
    { offered: true, failure },
  ],
  'percentage-reset': [{ failure: null }, { failure: 'x' }],
  'environment-recorded': [
    { path: '/srv/.env', mode: 'full', percentage: 100, failure: null },
    { path: HOSTILE, mode: 'disabled', percentage: 0, failure: HOSTILE },
  ],
  'journal-failed': [{ message: HOSTILE }],
  finished: OUTCOMES.map(({ outcome }) => ({ outcome, code: 'x', reason: HOSTILE })),
}

/** A plan with everything that may be left out. */
function guarded(): RolloutPlan {
  const plan = gradual()
  const asked = { everyMs: 30_000, timeoutMs: 20_000, limitMs: null, onLimit: 'rollback' } as const
  const gates: readonly Gate[] = [
    { kind: 'approval', limitMs: 7_200_000, onLimit: 'hold' },
    { kind: 'command', command: HOSTILE, ...asked },
    { kind: 'url', url: 'https://example.org/ok', ...asked },
  ]
  return {
    ...plan,
    name: HOSTILE,
    baseline: { durationMs: 300_000 },
    increases: { maxErrorRate: 1.5, maxFallbackRate: null },
    freeze: [{ text: 'Fri 16:00-Mon 08:00 UTC', timeZone: 'UTC', fromMinute: 6720, toMinute: 480 }],
    steps: gates.map((gate) => ({ ...stepAt(plan, 0), gate, thresholds: plan.thresholds })),
  }
}

const INSTANT = { atMs: 1234.5678, time: '2026-11-24T09:00:00.123Z' }

describe('a line of a journal', () => {
  for (const [type, bodies] of Object.entries(BODIES)) {
    it(`gives the event back that it was made from: ${type}`, () => {
      for (const body of bodies) {
        const event = stamp({ type, ...body } as EventBody, 7, INSTANT)
        const line = encodeEvent(event, 'run-1')
        assert.doesNotMatch(line, /[\r\n]/)
        assert.deepEqual(decodeEvent(line), { schema: 'wsctl/event@1', rolloutId: 'run-1', ...event })
      }
    })
  }

  it('is understood for every event that runs really write', async () => {
    const scenes: readonly Scene[] = [
      new Scene(),
      new Scene({ attemptsPerSecond: 20, failing: () => 0.5 }),
      new Scene({ attemptsPerSecond: 0.01 }),
    ]
    for (const scene of scenes) {
      await scene.run(gradual({ maxPercentage: 20 }))
      for (const event of scene.journal.events) {
        assert.deepEqual(decodeEvent(encodeEvent(event, 'r')), { schema: 'wsctl/event@1', rolloutId: 'r', ...event })
      }
    }
  })

  it('may hold keys that a later version added', () => {
    const line = JSON.parse(encodeEvent(stamp({ type: 'breached', step: 1, reason: 'x' }, 1, INSTANT), 'r')) as object
    assert.equal(decodeEvent(JSON.stringify({ ...line, host: 'web-1' })).type, 'breached')
  })

  it('of a later format is refused as such, not as damaged', async () => {
    for (const version of ['2', '10']) {
      const error = await refusalOf(() => decodeEvent(`{"schema":"wsctl/event@${version}","anything":1}`))
      assert.equal(error.code, 'journal-newer')
      assert.equal(error.outcome, 'refused')
      assert.match(error.suggestions.join(), /newer/)
    }
  })

  const whole = JSON.parse(
    encodeEvent(stamp({ type: 'finished', outcome: 'held', code: 'x', reason: 'y' }, 3, INSTANT), 'r'),
  ) as Record<string, unknown>
  const damaged: Readonly<Record<string, string>> = {
    'nothing at all': '',
    'no JSON': '{"schema":',
    'an array': '[]',
    'another schema': '{"schema":"wsctl/result@1"}',
    'a format that is no number': '{"schema":"wsctl/event@x"}',
    'an unknown type': JSON.stringify({ ...whole, type: 'exploded' }),
    'an unknown outcome': JSON.stringify({ ...whole, outcome: 'great' }),
    'no number': JSON.stringify({ ...whole, seq: undefined }),
    'the number 0': JSON.stringify({ ...whole, seq: 0 }),
    'no time': JSON.stringify({ ...whole, atMs: 'now' }),
  }
  for (const [what, line] of Object.entries(damaged)) {
    it(`is refused as damaged when it is or holds ${what}`, async () => {
      const error = await refusalOf(() => decodeEvent(line))
      assert.equal(error.code, 'journal-unreadable')
      assert.equal(error.outcome, 'failed')
    })
  }

  it('reads as to hold after a crash when it was written before that was kept', () => {
    const plan = gradual()
    const line = encodeEvent(stamp({ type: 'started', plan, operator: 'ada@host' } as const, 1, INSTANT), 'r')
    const event = decodeEvent(line.replace('"onCrash":null,', ''))
    assert.ok(event.type === 'started')
    assert.deepEqual(event.plan, { ...plan, onCrash: 'hold' })
  })

  it('is described by a schema with each type once', () => {
    const types = eventSchema.options.map(({ shape }) => shape.type.value)
    assert.deepEqual([...types].sort(), Object.keys(BODIES).sort())
  })
})
