import assert from 'node:assert/strict'
import type * as z from 'zod'
import {
  healthSchema,
  statusSchema,
  toServerStatus,
  userSchema,
  type HealthAnswer,
} from '../../../src/lib/contract/admin-api.js'
import { errorDocument, errorDocumentSchema } from '../../../src/lib/contract/error.js'
import { healthDocumentSchema, toHealthDocument } from '../../../src/lib/contract/health.js'
import {
  historyDocumentSchema,
  toHistoryDocument,
  toUnfinishedDocument,
  unfinishedDocumentSchema,
} from '../../../src/lib/contract/history.js'
import { errorResult, resultSchema, toResult } from '../../../src/lib/contract/result.js'
import { statusDocumentSchema, toStatusDocument } from '../../../src/lib/contract/status.js'
import { toUserDocument, userDocumentSchema } from '../../../src/lib/contract/user.js'
import { usageError, WsctlError } from '../../../src/lib/core/error.js'
import { OUTCOMES } from '../../../src/lib/core/outcome.js'
import { planWatch } from '../../../src/lib/core/plan.js'
import type { RolloutPlan, RolloutState } from '../../../src/lib/core/rollout.js'
import { effectivePercentage, type Settings } from '../../../src/lib/core/server.js'
import { Story } from '../../support/events.js'
import type { Traffic } from '../../support/fakes.js'
import { basis, emergency, gradual, MINUTE, Scene } from '../../support/rollouts.js'
import { readSample, sampleNames } from '../../support/samples.js'

const SERVER = 'http://127.0.0.1:8000'

/** A document is what its schema says, and holds no key that the schema does not. */
function assertConforms(schema: z.ZodType, document: unknown): void {
  assert.deepEqual(schema.parse(document), document)
  assert.deepEqual(JSON.parse(JSON.stringify(document)), document, 'it survives its way through JSON')
}

function answer<T>(schema: z.ZodType<T>, name: string): T {
  return schema.parse(readSample(name).response.body)
}

const namesOf = (start: string): readonly string[] =>
  sampleNames().filter((name) => name.startsWith(start) && readSample(name).response.status === 200)

describe('the document of status', () => {
  const healths: readonly HealthAnswer[] = namesOf('health-').map((name) => answer(healthSchema, name))

  for (const name of namesOf('status-')) {
    it(`conforms for the server of ${name}`, () => {
      const status = toServerStatus(answer(statusSchema, name))
      for (const health of healths) assertConforms(statusDocumentSchema, toStatusDocument(SERVER, status, health))
    })
  }

  it('tells open connections, established ones and errors apart', () => {
    const [degraded] = healths
    assert.ok(degraded)
    const status = toServerStatus(answer(statusSchema, 'status-after-emergency-rollback'))
    const document = toStatusDocument(SERVER, status, degraded)
    assert.equal(document.phase, 'disabled')
    assert.equal(document.rollout.percentage, 20)
    assert.deepEqual(document.connections, {
      legacyOpen: 436,
      unifiedOpen: 64,
      legacyEstablished: 436,
      unifiedEstablished: 64,
    })
    assert.deepEqual(document.errors, { routingErrors: 34, fallbackActivations: 34 })
    assert.deepEqual(document.health.issues, ['High routing errors: 34', 'High fallback activations: 34'])
  })
})

describe('the document of health', () => {
  for (const name of namesOf('health-')) {
    it(`conforms for ${name}`, () => {
      assertConforms(healthDocumentSchema, toHealthDocument(SERVER, answer(healthSchema, name)))
    })
  }
})

describe('the document of user', () => {
  it('conforms, and says why each user is where they are and when they would move', () => {
    const names = ['user', 'user-in-explicit-list', 'user-forced-legacy']
    const document = toUserDocument(names.map((name) => answer(userSchema, name)))
    assertConforms(userDocumentSchema, document)
    assert.deepEqual(
      document.users.map(({ userId, reason, bucket, movesAtPercentage }) => [
        userId,
        reason,
        bucket,
        movesAtPercentage,
      ]),
      [
        ['user7', 'bucket', document.users[0]?.bucket, (document.users[0]?.bucket ?? 0) + 1],
        ['alice', 'listed', 99, 0],
        ['mallory', 'forced-legacy', document.users[2]?.bucket, null],
      ],
    )
  })

  it('gives the buckets of the default hash', () => {
    const user = answer(userSchema, 'user')
    const ids = ['user1', 'user2', 'user3', 'alice', 'bob']
    const { users } = toUserDocument(ids.map((id) => ({ ...user, user_id: id })))
    assert.deepEqual(
      users.map(({ bucket }) => bucket),
      [6, 24, 95, 99, 0],
    )
  })

  it('puts it down to the mode where neither lists nor buckets count', () => {
    const user = answer(userSchema, 'user')
    const reasonIn = (mode: typeof user.migration_mode, change: Partial<typeof user> = {}): string | undefined =>
      toUserDocument([{ ...user, migration_mode: mode, ...change }]).users[0]?.reason
    assert.equal(reasonIn('disabled', { in_explicit_list: true }), 'mode')
    assert.equal(reasonIn('disabled', { forced_legacy: true }), 'mode')
    assert.equal(reasonIn('full'), 'mode')
    assert.equal(reasonIn('full', { forced_legacy: true }), 'forced-legacy')
    assert.equal(reasonIn('testing'), 'mode')
    assert.equal(reasonIn('testing', { in_explicit_list: true }), 'listed')
    assert.equal(reasonIn('gradual', { in_explicit_list: true, forced_legacy: true }), 'forced-legacy')
  })
})

interface Case {
  readonly plan: RolloutPlan
  readonly traffic?: Traffic
  readonly settings?: Partial<Settings>
  readonly prepare?: (scene: Scene) => void
}

const failing = { attemptsPerSecond: 20, failing: () => 0.5 }

/** Runs that end in every way a run can end. */
const ENDINGS: Readonly<Record<string, Case>> = {
  completed: { plan: gradual() },
  'rolled-back': { plan: gradual(), traffic: failing },
  held: { plan: gradual(), prepare: ({ clock, inbox }) => clock.at(MINUTE, () => inbox.interrupt()) },
  refused: {
    plan: gradual(),
    prepare: ({ clock, server }) =>
      clock.at(MINUTE, () => (server.settings = { ...server.settings, mode: 'disabled', percentage: 0 })),
  },
  breached: {
    plan: planWatch(basis(), { durationMs: null, onBreach: 'exit' }),
    traffic: failing,
    settings: { mode: 'gradual', percentage: 50 },
  },
  'rollback-unverified': {
    plan: emergency('locked out'),
    prepare: ({ server }) =>
      (server.fault = () => {
        throw usageError('there is no token')
      }),
  },
}

async function endOf({ plan, traffic, settings, prepare }: Case): Promise<RolloutState> {
  const scene = new Scene(traffic, settings)
  prepare?.(scene)
  return scene.run(plan)
}

describe('the document of a result', () => {
  for (const [outcome, run] of Object.entries(ENDINGS)) {
    it(`conforms for a run that ends ${outcome}`, async () => {
      const document = toResult(await endOf(run), ['wsctl status'])
      assertConforms(resultSchema, document)
      assert.equal(document.outcome, outcome, document.reason)
      assert.equal(document.exitCode, OUTCOMES.find((row) => row.outcome === outcome)?.exitCode)
      assert.equal(document.error !== undefined, document.exitCode !== 0, 'there is an error when it failed, only then')
    })
  }

  it('is none of a run that has not ended', () => {
    assert.throws(() => toResult(new Story(gradual()).state, []), /has no result/)
  })

  it('conforms for a failure before a run began, and tells the same as the error alone', () => {
    for (const { outcome } of OUTCOMES) {
      const error = new WsctlError('some-code', 'what happened', { outcome, suggestions: ['a', 'b'] })
      assertConforms(resultSchema, errorResult('deploy gradual', error, 'http://a.example'))
      assertConforms(errorDocumentSchema, errorDocument('status', error))
      assert.deepEqual(errorResult('status', error, null).error, errorDocument('status', error).error)
    }
  })
})

describe('the document of history', () => {
  it('conforms, and tells a run that was cut off from one that ended', async () => {
    const states = [...(await Promise.all(Object.values(ENDINGS).map(endOf))), new Story(gradual()).state]
    const document = toHistoryDocument(
      states.map(({ plan, startedAt, time, phase, status }) => ({
        plan,
        startedAt,
        seenAt: time,
        end: phase.name === 'finished' ? phase : null,
        percentage: status && effectivePercentage(status.settings),
      })),
      () => 'left',
    )
    assertConforms(historyDocumentSchema, document)
    assert.deepEqual(
      document.runs.map(({ outcome }) => outcome),
      [...Object.keys(ENDINGS), null],
    )
    assert.deepEqual([document.runs[0]?.from, document.runs[0]?.to], [0, 50])
  })
  it('says of a run that has not ended that it has not, and how far it has come', () => {
    const story = new Story(gradual()).then({ type: 'step-started', step: 0, percentage: 5, again: false })
    for (const state of ['running', 'left', 'incomplete'] as const) {
      const document = toUnfinishedDocument(story.state, state, ['wsctl rollout resume test-run'])
      assertConforms(unfinishedDocumentSchema, document)
      assert.deepEqual(
        [document.state, document.outcome, document.exitCode, document.endedAt],
        [state, null, null, null],
      )
      assert.deepEqual(
        document.steps.map(({ percentage, outcome }) => [percentage, outcome]),
        [[5, 'running']],
      )
    }
  })
})
