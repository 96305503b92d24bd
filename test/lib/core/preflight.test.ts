import assert from 'node:assert/strict'
import { usageError, WsctlError } from '../../../src/lib/core/error.js'
import type { Member } from '../../../src/lib/core/fleet.js'
import { planFull, planTesting } from '../../../src/lib/core/plan.js'
import { examine, PREFLIGHT_CHECKS, preflightRefusal } from '../../../src/lib/core/preflight.js'
import type { RolloutPlan } from '../../../src/lib/core/rollout.js'
import { DEFAULT_THRESHOLDS, type Thresholds } from '../../../src/lib/core/thresholds.js'
import { serverStatus } from '../../support/events.js'
import { callError } from '../../support/fakes.js'
import { A, B, C, gradualFleet } from '../../support/fleets.js'
import { facts, finding, judge, readings, steady } from '../../support/preflight.js'
import { basis, gradual, MINUTE } from '../../support/rollouts.js'

const NOW_MS = facts().nowMs
const OBSERVING_NOTHING = planTesting(basis(), ['ann'])

function thresholds(change: Partial<Thresholds>) {
  return { thresholds: { ...DEFAULT_THRESHOLDS, ...change } }
}

/** Readings of one process over a time in which so many attempts were made. */
function over(ms: number, attempts: number) {
  const row = steady(0)
  return row.map((reading, index) => {
    const isLast = index === row.length - 1
    const counters = { ...reading.status.counters, legacy: 100 + (isLast ? attempts : 0) }
    return { ...reading, atMs: (index * ms) / (row.length - 1), status: { ...reading.status, counters } }
  })
}

/** The token of the environment, so long before its expiry. */
function livesFor(ms: number | null, renewable = false) {
  return { token: { origin: 'WSCTL_TOKEN', expiresMs: ms === null ? null : NOW_MS + ms, renewable } }
}

describe('preflight', () => {
  it('passes when everything is as it should be, and tells every check in order', () => {
    const { findings, unchecked } = examine(facts())
    assert.deepEqual(
      findings.map(({ check }) => check),
      [...PREFLIGHT_CHECKS],
    )
    assert.deepEqual(
      findings.filter(({ verdict }) => verdict !== 'pass'),
      [],
    )
    assert.deepEqual(unchecked, [])
    assert.equal(preflightRefusal({ findings, unchecked }), null)
  })

  it('refuses a run (exit 13) with each failed check and what to type, and says that nothing was changed', () => {
    const refusal = preflightRefusal(
      examine(facts({ readings: steady(5, { explicitRolloutUsers: 3 }), ...livesFor(MINUTE) })),
    )
    assert.ok(refusal instanceof WsctlError)
    assert.deepEqual([refusal.code, refusal.exitCode], ['preflight-failed', 13])
    assert.match(refusal.message, /^2 of 14 checks .* nothing was changed:\ntoken-life: .*\npinned-users: /)
    assert.match(refusal.suggestions.join('\n'), /--token-command[^]*--rollout-users/)
  })

  it('does not refuse for warnings', () => {
    assert.equal(preflightRefusal(examine(facts({ environmentFile: null, readings: steady(0) }))), null)
  })

  it('counts nothing as passed that depends on a server which does not answer', () => {
    const failure = callError('unreachable')
    const report = examine(
      facts({
        readings: [],
        readFailure: failure,
        statsFailure: failure,
        health: failure,
        token: livesFor(null).token,
      }),
    )
    assert.equal(finding(report, 'server').verdict, 'fail')
    assert.deepEqual(
      report.findings.filter(({ verdict }) => verdict === 'pass').map(({ check }) => check),
      ['lock', 'environment-file', 'records'],
    )
    assert.equal(report.findings.length + report.unchecked.length, PREFLIGHT_CHECKS.length)
  })

  describe('the server and the token', () => {
    it('blames the path for a 404 that it answers with and without the token', () => {
      const change = { readings: [], readFailure: callError('not-found', 404), adminPathExists: false }
      assert.match(judge('server', change).suggestions.join(), /--admin-path/)
      assert.equal(judge('server', change).verdict, 'fail')
      assert.equal(judge('token', change).verdict, 'unchecked')
    })

    it('blames the token for a 404 that it answers to nobody else', () => {
      const change = { readings: [], readFailure: callError('not-found', 404), adminPathExists: true }
      assert.equal(judge('server', change).verdict, 'pass')
      assert.equal(judge('token', change).verdict, 'fail')
      assert.match(judge('token', change).reason, /deleted/)
    })

    it('blames nobody for a 404 of which it cannot tell', () => {
      const change = { readings: [], readFailure: callError('not-found', 404), adminPathExists: null }
      assert.equal(judge('server', change).verdict, 'fail')
      assert.equal(judge('token', change).verdict, 'unchecked')
    })

    for (const [kind, status] of [
      ['unauthorized', 401],
      ['forbidden', 403],
    ] as const) {
      it(`blames the token for a ${status}`, () => {
        const change = { readings: [], readFailure: callError(kind, status) }
        assert.equal(judge('server', change).verdict, 'pass')
        assert.equal(judge('token', change).verdict, 'fail')
        assert.match(judge('token', change).reason, new RegExp(String(status)))
      })
    }

    it('fails when the server stops answering while it is looked at', () => {
      const change = { readings: steady(5).slice(0, 3), readFailure: callError('server-error', 503) }
      assert.equal(judge('server', change).verdict, 'fail')
      assert.match(judge('server', change).reason, /answered 3 times, then no more: .*503/)
      assert.equal(judge('token', change).verdict, 'pass')
      assert.equal(judge('processes', change).verdict, 'unchecked')
    })

    it('warns of a wrong path of the counters, which no run needs', () => {
      assert.equal(judge('stats', { statsFailure: callError('not-found', 404) }).verdict, 'warn')
    })
  })

  describe('the life of the token', () => {
    // Four steps of five minutes; twice that with every extension, and two minutes for a rollback.
    it('fails when it ends before the plan does', () => {
      const { verdict, reason, suggestions } = judge('token-life', livesFor(20 * MINUTE))
      assert.equal(verdict, 'fail')
      assert.match(reason, /expires in 20m.*the run takes 20m/)
      assert.match(suggestions.join(), /--token-command.*--token-file/)
    })

    it('warns when it ends before the plan would with every extension and a rollback', () => {
      assert.equal(judge('token-life', livesFor(20 * MINUTE + 1)).verdict, 'warn')
      assert.equal(judge('token-life', livesFor(42 * MINUTE)).verdict, 'warn')
      assert.match(judge('token-life', livesFor(42 * MINUTE)).reason, /up to 42m/)
      assert.equal(judge('token-life', livesFor(42 * MINUTE + 1)).verdict, 'pass')
    })

    it('needs no room for extensions when no step is ever extended', () => {
      const plan = gradual({ onInconclusive: 'hold' })
      assert.equal(judge('token-life', { plan, ...livesFor(22 * MINUTE + 1) }).verdict, 'pass')
    })

    it('does not matter when the token can be renewed', () => {
      assert.equal(judge('token-life', livesFor(MINUTE, true)).verdict, 'pass')
      assert.equal(judge('token-life', livesFor(null, true)).verdict, 'pass')
    })

    it('warns when it is not known, unless the run is over at once', () => {
      assert.equal(judge('token-life', livesFor(null)).verdict, 'warn')
      assert.equal(judge('token-life', { plan: OBSERVING_NOTHING, ...livesFor(null) }).verdict, 'pass')
    })

    it('fails when it is over, however short the run', () => {
      const { verdict, reason } = judge('token-life', { plan: OBSERVING_NOTHING, ...livesFor(-3 * MINUTE) })
      assert.equal(verdict, 'fail')
      assert.match(reason, /expired 3m ago/)
    })

    it('is not looked into without a token', () => {
      assert.equal(judge('token-life', { token: null }).verdict, 'unchecked')
    })
  })

  describe('the processes behind the address', () => {
    const flapping = (...percentages: readonly number[]) => ({
      readings: readings(...percentages.map((percentage) => ({ settings: { mode: 'gradual' as const, percentage } }))),
    })

    it('fails when settings come and go, and says how to go on', () => {
      const { verdict, reason, suggestions } = judge('processes', flapping(5, 20, 5, 20, 5, 20, 5))
      assert.equal(verdict, 'fail')
      assert.match(reason, /several server processes.*gradual 5 % or gradual 20 %/)
      assert.match(suggestions.join(), /--server.*single process/)
    })

    it('fails when counters come and go, with the counts', () => {
      const row = readings(...[900, 30, 901, 31, 902, 32, 903].map((legacy) => ({ counters: { legacy } })))
      assert.match(judge('processes', { readings: row }).reason, /counted 900, 30, 901/)
    })

    it('does not take a restart for several processes, nor a fit start', () => {
      const row = readings(...[900, 901, 0, 1, 2, 3, 4, 5].map((legacy) => ({ counters: { legacy } })))
      assert.equal(judge('processes', { readings: row }).verdict, 'fail')
      assert.match(judge('processes', { readings: row }).reason, /restarted/)
    })

    it('fails when somebody else is changing the server', () => {
      assert.match(
        judge('processes', flapping(5, 5, 20, 20, 20, 20, 20, 20)).reason,
        /somebody changed the server while it was looked at: percentage from 5 % to 20 %/,
      )
    })

    it('warns when there was no time for enough readings', () => {
      assert.equal(judge('processes', { readings: steady(5).slice(0, 3) }).verdict, 'warn')
    })

    it('takes no traffic from counters that come and go', () => {
      const row = flapping(5, 20, 5, 20, 5, 20, 5)
      assert.equal(judge('traffic', row).verdict, 'unchecked')
      assert.equal(judge('thresholds', row).verdict, 'unchecked')
    })
  })

  describe('traffic and thresholds', () => {
    it('says how many attempts were seen, and how long the least number of them takes', () => {
      assert.match(judge('traffic', {}).reason, /^30 attempts in 1.5s, about 20 a second$/)
      assert.match(
        judge('thresholds', {}).reason,
        /^30 attempts in 1.5s: about 1s until 20 attempts; a step of 5m sees about 6000; 50 routing errors in 5m are 0.83 %/,
      )
    })

    it('warns when nobody connects, with the traffic that a step needs', () => {
      const { verdict, reason } = judge('traffic', { readings: steady(0) })
      assert.equal(verdict, 'warn')
      assert.match(reason, /nobody tried to connect in 1.5s; each step of 5m needs 20, one every 15s/)
    })

    it('warns that no step can be conclusive without traffic, and how a step then ends', () => {
      const { verdict, reason } = judge('thresholds', { readings: steady(0) })
      assert.equal(verdict, 'warn')
      assert.match(
        reason,
        /^no attempt in 1.5s: without traffic no step can be conclusive, for a rate needs 20 attempts/,
      )
      assert.match(reason, /a step of 5m is then extended once, and the rollout held$/)
      const plan = gradual({ onInconclusive: 'rollback' })
      assert.match(judge('thresholds', { plan, readings: steady(0) }).reason, /then rolls back$/)
    })

    it('warns when there is almost no traffic: half of a step passes before a rate means anything', () => {
      const plan = gradual({}, thresholds({ minAdoption: 0 }))
      const { verdict, reason, suggestions } = judge('thresholds', { plan, readings: over(30_000, 4) })
      assert.equal(verdict, 'warn')
      assert.equal(
        reason,
        '4 attempts in 30s: about 2.5m until 20 attempts; a step of 5m sees about 40; the first 50 % of a step cannot be judged',
      )
      assert.deepEqual(suggestions, ['make steps longer: --step-duration 8m'])
    })

    it('warns when the little that was seen may be chance', () => {
      const plan = gradual({}, thresholds({ minAdoption: 0 }))
      const { verdict, reason } = judge('thresholds', { plan, readings: over(1500, 1) })
      assert.equal(verdict, 'warn')
      assert.match(reason, /a step of 5m sees about 200; that few may be chance: it may be no more than \d in a step$/)
      assert.equal(judge('thresholds', { plan, readings: over(1500, 4) }).verdict, 'pass')
    })

    it('judges by the limits of the step that has the least time for them', () => {
      const own = { ...DEFAULT_THRESHOLDS, minAttempts: 4000 }
      const steps = [
        { percentage: 5, durationMs: 300_000 },
        { percentage: 50, durationMs: 600_000, thresholds: own },
      ]
      const { verdict, reason } = judge('thresholds', { plan: gradual({ steps }), readings: steady(1) })
      assert.equal(verdict, 'warn')
      assert.match(reason, /until 4000 attempts; a step of 10m sees about 2400; 4000 attempts take .*, longer than/)
    })

    it('needs two readings to see traffic', () => {
      assert.equal(judge('traffic', { readings: steady(5).slice(0, 1) }).verdict, 'unchecked')
    })

    it('warns when a step is too short for the least number of attempts, with a length that is enough', () => {
      const plan = gradual({ stepDurationMs: 10_000 }, thresholds({ minAttempts: 300 }))
      const { verdict, reason, suggestions } = judge('thresholds', { plan })
      assert.equal(verdict, 'warn')
      assert.match(reason, /300 attempts take 15s, longer than a step of 10s/)
      assert.deepEqual(suggestions, ['make steps longer: --step-duration 15s'])
    })

    it('names the flag of the command that is to run', () => {
      const plan = planFull(basis(thresholds({ minAttempts: 300 })), { durationMs: 10_000, onInconclusive: 'extend' })
      assert.deepEqual(judge('thresholds', { plan }).suggestions, ['make steps longer: --duration 15s'])
    })

    it('warns when no check could look back far enough for a rate', () => {
      const plan = gradual({}, thresholds({ minAttempts: 300, windowMs: 10_000 }))
      const { reason, suggestions } = judge('thresholds', { plan })
      assert.match(reason, /looks back 10s at most, in which there are about 200 of the 300 attempts/)
      assert.deepEqual(suggestions, ['look back further: --window 15s'])
    })

    it('warns when a step would not show that users are turned away without an error', () => {
      const plan = gradual({ stepDurationMs: 10_000 })
      const { reason, suggestions } = judge('thresholds', { plan })
      assert.match(reason, /at 5 % it takes 273 attempts .* a step sees about 200/)
      assert.deepEqual(suggestions, ['make steps longer: --step-duration 14s'])
      const without = gradual({ stepDurationMs: 10_000 }, thresholds({ minAdoption: 0 }))
      assert.equal(judge('thresholds', { plan: without }).verdict, 'pass')
    })

    it('warns when a step is over before the second check', () => {
      const plan = gradual({ stepDurationMs: 5000, initialPercentage: 50 })
      assert.match(judge('thresholds', { plan }).reason, /a step of 5s is over before the second check/)
    })

    it('has nothing to say of a run that observes or judges nothing', () => {
      assert.match(judge('thresholds', { plan: OBSERVING_NOTHING }).reason, /observed/)
      assert.match(judge('thresholds', { plan: gradual({ monitoring: false }) }).reason, /--no-monitoring/)
      assert.doesNotMatch(judge('traffic', { plan: OBSERVING_NOTHING, readings: steady(0) }).reason, /step/)
    })
  })

  it('warns when the server says degraded, by counts that never fall', () => {
    const { verdict, reason } = judge('health', { health: { status: 'degraded', issues: ['High routing errors: 14'] } })
    assert.equal(verdict, 'warn')
    assert.match(reason, /High routing errors: 14.*since its process began/)
    assert.equal(judge('health', { health: callError('server-error', 500) }).verdict, 'warn')
  })

  it('warns when the fallback is off', () => {
    const { verdict, suggestions } = judge('fallback', { readings: steady(5, { legacyFallback: false }) })
    assert.equal(verdict, 'warn')
    assert.match(suggestions.join(), /wsctl configure --legacy-fallback true/)
  })

  it('fails while pinned users are not known, with the flags to give', () => {
    const change = { readings: steady(5, { explicitRolloutUsers: 2, forcedLegacyUsers: 1 }) }
    const { verdict, reason, suggestions } = judge('pinned-users', change)
    assert.equal(verdict, 'fail')
    assert.match(reason, /holds 2 users.*holds 1 user/)
    assert.match(suggestions.join(), /--rollout-users .*--force-legacy-users/)
    const pinSources = {
      rolloutUsers: [{ origin: '--rollout-users', users: ['ann', 'ben'] }],
      forceLegacyUsers: [{ origin: '/srv/app/.env', users: ['cat'] }],
    }
    assert.match(judge('pinned-users', { ...change, pinSources }).reason, /2 on the rollout list, 1 forced to legacy/)
  })

  it('fails when the run would begin below where the server is', () => {
    const startRefusal = usageError('starting at 5 % would take users back', 'wsctl rollback gradual')
    assert.equal(judge('start', { startRefusal }).verdict, 'fail')
    assert.match(judge('start', {}).reason, /at disabled 0 %, and the run begins at gradual 5 %/)
  })

  it('fails when somebody else runs wsctl against the server, and says who', () => {
    const lockHolder = { operator: 'ada@build-7', command: 'deploy gradual', since: '2026-11-24T08:00:00Z' }
    const { verdict, reason } = judge('lock', { lockHolder })
    assert.equal(verdict, 'fail')
    assert.match(reason, /ada@build-7 .* deploy gradual .* 2026-11-24T08:00:00Z/)
  })

  it('warns without an environment file, and fails with one that cannot be changed', () => {
    assert.equal(judge('environment-file', { environmentFile: null }).verdict, 'warn')
    const problem = usageError('/srv/app/.env is read-only', 'chmod u+w /srv/app/.env')
    const { verdict, suggestions } = judge('environment-file', {
      environmentFile: { path: '/srv/app/.env', backups: 0, problem },
    })
    assert.deepEqual([verdict, suggestions], ['fail', ['chmod u+w /srv/app/.env']])
  })

  it('fails when no journal could be kept', () => {
    const records = { folder: '/proc/runs', problem: usageError('the folder cannot be written') }
    assert.equal(judge('records', { records }).verdict, 'fail')
  })

  it('fails within a freeze, and says when it ends', () => {
    const window = { text: 'Tue 08:00-Tue 12:00 UTC', timeZone: 'UTC', fromMinute: 1920, toMinute: 2160 }
    const { verdict, reason } = judge('start', { plan: { ...gradual(), freeze: [window] } })
    assert.equal(verdict, 'fail')
    assert.match(reason, /^nothing is raised within Tue 08:00-Tue 12:00 UTC, which ends in 3h$/)
  })

  describe('several servers', () => {
    const silence = { kind: 'timeout', status: null, message: 'no answer within 10s' } as const
    const counters = { legacy: 10, unified: 0, errors: 0, fallbacks: 0 }
    const server = (plan: RolloutPlan, member: Partial<Member>, converge = false) => {
      const members = [
        { server: A, counters },
        { server: B, counters, ...member },
        { server: C, counters },
      ]
      const seen = steady(5).map((reading) => ({ ...reading, status: { ...reading.status, members } }))
      return judge('server', { plan, readings: seen, converge })
    }

    it('fail when too few of them answer, and warn of one that need not', () => {
      const lacking = server(gradualFleet(), { failure: silence })
      assert.equal(lacking.verdict, 'fail')
      assert.match(lacking.suggestions.join('; '), /--quorum 90%; or name only those that answer/)
      const enough = server(gradualFleet({}, { quorum: 60 }), { failure: silence })
      assert.deepEqual([enough.verdict, enough.reason], ['warn', `1 of 3 servers do not answer: ${B}`])
    })

    it('fail when they do not say the same, unless they are to be brought together', () => {
      const elsewhere = { settings: serverStatus({ mode: 'gradual', percentage: 5 }).settings }
      const differing = server(gradualFleet(), elsewhere)
      assert.equal(differing.verdict, 'fail')
      assert.match(differing.suggestions.join('; '), /--converge/)
      assert.equal(server(gradualFleet(), elsewhere, true).verdict, 'pass')
    })
  })
})
