import assert from 'node:assert/strict'
import { adviceFor, adviceOnLeaving } from '../../../src/lib/cli/advice.js'
import { resolveSettings, type Settings, type SettingsFlags } from '../../../src/lib/cli/settings.js'
import type { EventBody } from '../../../src/lib/core/event.js'
import { OUTCOMES, type Outcome } from '../../../src/lib/core/outcome.js'
import { planFull, planLowering, planTesting, planWatch } from '../../../src/lib/core/plan.js'
import type { RolloutPlan } from '../../../src/lib/core/rollout.js'
import type { ServerStatus, Settings as ServerSettings } from '../../../src/lib/core/server.js'
import { loadCommands, parseLine } from '../../support/commands.js'
import { serverStatus, Story } from '../../support/events.js'
import { DEFAULT_THRESHOLDS } from '../../../src/lib/core/thresholds.js'
import { basis, emergency, gradual } from '../../support/rollouts.js'
import { surroundings } from '../../support/environment.js'

const TOKEN = 'secret-token-that-must-not-show'
const before = { mode: 'full', percentage: 100, rolloutUsers: [], forceLegacyUsers: [], legacyFallback: true } as const

const UNEVEN = [1, 5, 10, 25, 100].map((percentage) => ({ percentage, durationMs: 60_000 * percentage }))

const PLANS: readonly RolloutPlan[] = [
  gradual({ maxPercentage: 50 }),
  gradual({ steps: UNEVEN }),
  emergency('locked out'),
  planFull(basis(), { durationMs: 0, onInconclusive: 'extend' }),
  planTesting(basis(), ['ann']),
  planWatch(basis(), { durationMs: null, onBreach: 'exit' }),
  planLowering(basis({ before }), { step: 10, to: 0, stepDurationMs: 1000, once: false }),
]

function settings(flags: SettingsFlags = {}): Settings {
  return resolveSettings(flags, surroundings({ WSCTL_TOKEN: TOKEN }))
}

/** The events by which a run of this plan learns where the server is. */
function readings(plan: RolloutPlan, status: ServerStatus): readonly EventBody[] {
  if (plan.steps.length === 0) {
    return [
      { type: 'rollback-started', cause: 'requested', reason: 'x' },
      { type: 'rollback-read', status, failure: null },
    ]
  }
  return [
    { type: 'step-started', step: 0, percentage: 5, again: false },
    { type: 'step-applied', step: 0, percentage: 5, status },
  ]
}

/** What is advised when a run ends so, with the server as it was read last. */
function advice(
  plan: RolloutPlan,
  outcome: Outcome,
  server: Partial<ServerSettings> | null = null,
  flags: SettingsFlags = {},
  code = 'x',
): readonly string[] {
  const story = new Story(plan)
  if (server !== null) story.then(...readings(plan, serverStatus(server)))
  return adviceFor(story.then({ type: 'finished', outcome, code, reason: 'y' }).state, settings(flags))
}

const commandsIn = (lines: readonly string[]): readonly string[] =>
  lines.flatMap((line) => /wsctl .*$/.exec(line)?.[0] ?? [])

describe('what to type after a run', () => {
  it('can be copied as it stands: every command takes every flag that is suggested', async () => {
    const commands = await loadCommands()
    const everything = { server: 'https://a.example', 'admin-path': '/x', 'allow-http': true, 'env-file': '/a b/.env' }
    const servers: readonly (Partial<ServerSettings> | null)[] = [
      null,
      ...(['disabled', 'testing', 'gradual', 'full'] as const).map((mode) => ({ mode, percentage: 50 })),
    ]
    for (const plan of PLANS) {
      for (const { outcome } of OUTCOMES) {
        for (const server of servers) {
          for (const flags of [{}, { ...everything, 'token-file': "/it's/token" }]) {
            for (const line of commandsIn(advice(plan, outcome, server, flags))) {
              await assert.doesNotReject(() => parseLine(line, commands), line)
            }
          }
        }
      }
    }
    for (const line of commandsIn(adviceOnLeaving(settings(everything), 'run'))) {
      await assert.doesNotReject(() => parseLine(line, commands), line)
    }
  })

  it('never holds the token', () => {
    for (const plan of PLANS) {
      for (const { outcome } of OUTCOMES) assert.ok(!advice(plan, outcome).join('\n').includes(TOKEN))
    }
  })

  it('after a hold is how to go on from where the server is, and how to take everybody back', () => {
    assert.deepEqual(advice(gradual({ maxPercentage: 50 }), 'held', { mode: 'gradual', percentage: 20 }), [
      'to go on: wsctl deploy gradual --initial-percentage 20 --max-percentage 50 --step-size 15 --step-duration 5m',
      'to see where the server stands: wsctl status',
      'to take everybody back: wsctl rollback emergency',
    ])
  })

  it('after a hold of uneven steps names those that are left', () => {
    const [goOn] = advice(gradual({ steps: UNEVEN }), 'held', { mode: 'gradual', percentage: 10 })
    assert.match(goOn ?? '', /^to go on: wsctl deploy gradual --steps 10,25,100 --step-duration 100m$/)
  })

  it('after a hold says what of the plan file the command to go on leaves out', () => {
    const gate = { kind: 'approval', limitMs: null, onLimit: 'hold' } as const
    const guarded = UNEVEN.map((step) => (step.percentage === 25 ? { ...step, gate } : step))
    const strict = guarded.map((step) => ({ ...step, thresholds: { ...DEFAULT_THRESHOLDS, maxErrorRate: 1 } }))
    const goOn = (steps: typeof UNEVEN, percentage: number): string =>
      advice(gradual({ steps }), 'held', { mode: 'gradual', percentage })[0]?.replace(/: wsctl .*/, '') ?? ''
    assert.equal(goOn(guarded, 10), 'to go on, without the gates of the plan file, and without its notifications')
    assert.equal(
      goOn(strict, 10),
      'to go on, without the gates and the limits of single steps of the plan file, and without its notifications',
    )
    assert.equal(goOn(guarded, 100), 'to go on')
  })

  it('names the server, its paths and the file of the token when they are not the usual ones', () => {
    const flags = { server: 'https://a.example', 'admin-path': '/api/admin', 'token-file': '/run/token' }
    const [look] = advice(gradual(), 'rolled-back', null, flags)
    assert.equal(
      look,
      'to see where the server stands: wsctl status --server https://a.example --admin-path /api/admin --token-file /run/token',
    )
  })

  it('keeps the environment file in step wherever the server would be changed', () => {
    const lines = advice(gradual(), 'held', { mode: 'gradual', percentage: 20 }, { 'env-file': '/srv/my app/.env' })
    assert.match(lines[0] ?? '', /deploy gradual .* --env-file '\/srv\/my app\/\.env'$/)
    assert.match(lines[1] ?? '', /status$/)
    assert.match(lines[2] ?? '', /rollback emergency --env-file '\/srv\/my app\/\.env'$/)
  })

  it('begins with the call by hand where users may still be on the unified system', () => {
    const flags = { server: 'https://a.example', 'admin-path': '/api/admin/' }
    for (const [plan, outcome] of [
      [gradual(), 'rollback-unverified'],
      [emergency(), 'rollback-unverified'],
      [emergency(), 'unreachable'],
    ] as const) {
      assert.equal(
        advice(plan, outcome, null, flags)[0],
        `by hand, now: curl -X POST -H "Authorization: Bearer $WSCTL_TOKEN" 'https://a.example/api/admin/emergency-rollback'`,
      )
    }
  })

  it('after a success is the next phase of the guide', () => {
    const next = (plan: RolloutPlan, server: Partial<ServerSettings>): string =>
      advice(plan, 'completed', server).join()
    assert.match(next(planTesting(basis(), ['ann']), { mode: 'testing' }), /wsctl user ID,.*wsctl deploy gradual$/)
    assert.match(next(gradual(), { mode: 'gradual', percentage: 50 }), /--initial-percentage 50 --max-percentage 100/)
    assert.match(next(gradual(), { mode: 'full', percentage: 100 }), /wsctl monitor --duration 48h/)
  })

  it('is nothing while a run has not ended', () => {
    assert.deepEqual(adviceFor(new Story(gradual()).state, settings()), [])
  })

  it('goes on with the same limits and the same pace', () => {
    const thresholds = { ...DEFAULT_THRESHOLDS, maxErrorRate: 2, windowMs: 120_000, pollIntervalMs: 1500 }
    const strict = gradual({ stepDurationMs: 10_000, onInconclusive: 'hold' }, { thresholds, onInterrupt: 'rollback' })
    const guarded = { ...strict, onCrash: 'rollback' } as const
    const [further = ''] = advice(guarded, 'held', { mode: 'gradual', percentage: 20 })
    assert.equal(
      further,
      'to go on: wsctl deploy gradual --initial-percentage 20 --max-percentage 50 --step-size 15 --step-duration 10s ' +
        '--max-error-rate 2 --window 2m --poll-interval 1.5s --on-inconclusive hold --on-interrupt rollback --on-crash rollback',
    )
  })

  it('goes on down after a gradual rollback was stopped', () => {
    const down = planLowering(basis({ before }), { step: 25, to: 0, stepDurationMs: 60_000, once: false })
    const [further = ''] = advice(down, 'held', { mode: 'gradual', percentage: 75 })
    assert.equal(further, 'to go on: wsctl rollback gradual --to 0 --step 25 --step-duration 60s')
  })

  it('names no percentage to go on from where the server was never read', () => {
    assert.ok(advice(gradual(), 'held').every((line) => !line.includes('--initial-percentage')))
  })

  it('takes the token for the call by hand from where it came from', () => {
    const [line = ''] = advice(emergency(), 'rollback-unverified', null, { 'token-file': '/run/token' })
    assert.ok(line.includes('Bearer $(cat /run/token)"'), line)
  })
})
