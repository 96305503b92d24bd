import assert from 'node:assert/strict'
import { WsctlError } from '../../../src/lib/core/error.js'
import type { Counters, Settings } from '../../../src/lib/core/server.js'
import type { FileFacts, Trouble, TroubleFacts, TroubleName, UnifiedSystem } from '../../../src/lib/core/trouble.js'
import { troubleshoot } from '../../../src/lib/core/troubleshooting.js'
import { Story } from '../../support/events.js'
import { callError } from '../../support/fakes.js'
import { facts as healthy, readings } from '../../support/preflight.js'
import { gradual } from '../../support/rollouts.js'

const AT_20 = { mode: 'gradual', percentage: 20 } as const

/** Readings of 5 s with this growth from the first to the last, at a place with long connections. */
function seen(growth: Partial<Counters>, settings: Partial<Settings> = AT_20): TroubleFacts['readings'] {
  const counters = { legacy: 1000, unified: 100, errors: 0, fallbacks: 0 }
  return readings(
    ...[...Array(8).keys()].map((index) => ({
      settings,
      counters: Object.fromEntries(
        Object.entries(counters).map(([name, count]) => [
          name,
          count + Math.round(((growth[name as keyof Counters] ?? 0) * index) / 7),
        ]),
      ),
    })),
  ).map((reading) => ({ ...reading, status: { ...reading.status, open: { legacy: 90_000, unified: 9000 } } }))
}

function facts(change: Partial<TroubleFacts> = {}): TroubleFacts {
  return {
    ...healthy({ readings: seen({ legacy: 80, unified: 20 }) }),
    unified: null,
    environmentFile: null,
    leftRuns: [],
    lastRun: null,
    ...change,
  }
}

function namesOf(change: Partial<TroubleFacts>): readonly string[] {
  return troubleshoot(facts(change)).map(({ level, trouble }) => `${level} ${trouble}`)
}

function find(name: TroubleName, change: Partial<TroubleFacts>): Trouble {
  const found = troubleshoot(facts(change)).find(({ trouble }) => trouble === name)
  assert.ok(found, `${name} was not found`)
  return found
}

function unifiedSystem(change: Partial<UnifiedSystem>): UnifiedSystem {
  return { open: 20, most: 500, isRunning: true, failedSessions: 0, lockedAddresses: 0, ...change }
}

function file(change: Partial<FileFacts>): FileFacts {
  const same = { mode: 'gradual', percentage: 20, rolloutUsers: 0, forceLegacyUsers: 0 } as const
  return { path: '/srv/chat/.env', problems: [], ...same, ...change }
}

function ended(outcome: 'held' | 'rolled-back' | 'rollback-unverified' | 'completed', code = 'x') {
  return new Story(gradual()).then({ type: 'finished', outcome, code, reason: 'why it ended' }).state
}

describe('troubleshooting', () => {
  it('finds nothing where everything is as it should be', () => {
    assert.deepEqual(namesOf({}), [])
    assert.deepEqual(namesOf({ lastRun: ended('completed'), environmentFile: file({}) }), [])
  })

  it('tells present errors with their numbers, and to go back', () => {
    const change = { readings: seen({ legacy: 90, unified: 10, errors: 12, fallbacks: 4 }) }
    const { level, evidence, next } = find('errors', change)
    assert.equal(level, 'problem')
    assert.match(evidence.join('\n'), /error rate 11\.1 % \(12 of 108 attempts\), limit 5 %, in the last 1\.8s/)
    assert.match(evidence.join('\n'), /12 routing errors in 1208 attempts since the server process began/)
    assert.match(next.join('\n'), /wsctl rollback emergency --reason/)
  })

  it('tells errors that are over from those that are not', () => {
    const counters = { legacy: 1000, unified: 100, errors: 300, fallbacks: 300 }
    const quiet = readings(...[...Array(8).keys()].map(() => ({ settings: AT_20, counters })))
    assert.equal(find('errors', { readings: quiet }).level, 'notice')
    assert.equal(find('fallbacks', { readings: quiet }).level, 'notice')
  })

  it('tells fallbacks apart: their users are connected', () => {
    const change = { readings: seen({ legacy: 90, unified: 10, errors: 15, fallbacks: 15 }) }
    const { level, evidence, advice } = find('fallbacks', change)
    assert.equal(level, 'problem')
    assert.match(evidence[0] ?? '', /^fallback rate 15 % \(15 of 100 attempts\), limit 10 %/)
    assert.match(advice[0] ?? '', /these users are connected/)
  })

  it('notices users who do not reach unified although no counter tells of an error', () => {
    const change = {
      readings: seen({ legacy: 200, unified: 0 }),
      unified: unifiedSystem({ open: 500, failedSessions: 41, lockedAddresses: 2 }),
    }
    const { level, evidence } = find('adoption', change)
    assert.equal(level, 'problem')
    assert.match(evidence.join('\n'), /0 of 200 attempts reached the unified system, about 40 expected at 20 %/)
    assert.match(evidence.join('\n'), /41 sessions were refused by it/)
    assert.match(evidence.join('\n'), /2 addresses are locked out/)
    assert.ok(namesOf(change).includes('problem unified-full'))
  })

  it('tells of a server that refuses requests for how long it asks to be left alone', () => {
    const busy = callError('rate-limited', 429, { retryAfterMs: 30_000 })
    assert.match(find('rate-limited', { readings: [], readFailure: busy }).evidence.join('; '), /left alone for 30s/)
  })

  it('says that unified does not run only when enough users tried', () => {
    const never = (attempts: number) => ({
      readings: seen({ legacy: attempts }).map((reading) => ({
        ...reading,
        status: { ...reading.status, open: { legacy: 90_000, unified: null } },
      })),
    })
    assert.equal(find('unified-not-running', never(5)).level, 'notice')
    assert.match(
      find('unified-not-running', never(5)).evidence.join('\n'),
      /5 users tried to connect .* it takes \d+ to be sure/,
    )
    assert.ok(namesOf(never(500)).some((name) => name === 'problem adoption' || name === 'problem unified-not-running'))
    assert.equal(find('unified-not-running', { unified: unifiedSystem({ isRunning: false }) }).level, 'problem')
    const off = { readings: seen({ legacy: 100 }, { mode: 'disabled' }), unified: unifiedSystem({ isRunning: false }) }
    assert.deepEqual(namesOf(off), [], 'where nobody is sent there, it need not run')
  })

  it('blames the token for a refusal, and for a 404 that is none without it', () => {
    const silent = { readings: [], health: callError('unauthorized', 401), readFailure: callError('unauthorized', 401) }
    assert.deepEqual(namesOf(silent), ['problem token-refused'])
    const expired = { origin: 'WSCTL_TOKEN', expiresMs: Date.UTC(2026, 10, 24, 8, 30), renewable: false }
    assert.match(find('token-refused', { ...silent, token: expired }).evidence.join('\n'), /expired 30m ago/)
    assert.match(find('token-refused', { ...silent, token: null }).evidence.join('\n'), /no token was given/)
    const gone = { readings: [], readFailure: callError('not-found', 404), adminPathExists: true }
    assert.deepEqual(namesOf(gone), ['problem token-refused'])
    assert.deepEqual(namesOf({ ...gone, adminPathExists: false }), ['problem no-answer'])
  })

  it('tells a server that is down from an admin API that is elsewhere', () => {
    const down = { readings: [], readFailure: callError('unreachable'), statsFailure: callError('unreachable') }
    assert.match(find('no-answer', down).evidence.join('\n'), /do not answer either/)
    assert.match(
      find('no-answer', { ...down, statsFailure: null }).evidence.join('\n'),
      /the server runs, and only the admin API/,
    )
  })

  it('tells too many requests with how long to wait', () => {
    const refused = callError('rate-limited', 429, { retryAfterMs: 40_000 })
    assert.deepEqual(namesOf({ readings: [], readFailure: refused }), ['problem rate-limited'])
    assert.match(find('rate-limited', { health: refused }).evidence.join('\n'), /left alone for 40s/)
  })

  it('recognizes several processes, and a server that changed while it was looked at', () => {
    const settings = (percentage: number) => ({ settings: { mode: 'gradual', percentage } as const })
    const mixed = readings(...[5, 20, 5, 20, 5, 20, 5, 20].map(settings))
    const { level, evidence } = find('several-processes', { readings: mixed })
    assert.equal(level, 'problem')
    assert.match(evidence[0] ?? '', /gradual 5 %, gradual 20 %/)
    assert.ok(
      namesOf({ readings: readings(...[5, 5, 20, 20, 20, 20, 20, 20].map(settings)) }).includes('notice unsteady'),
    )
  })

  it('tells of a percentage that is left over, and of a fallback that is off where it matters', () => {
    const left = { readings: seen({ legacy: 100 }, { mode: 'disabled', percentage: 20 }) }
    assert.deepEqual(namesOf(left), ['notice percentage-left'])
    assert.match(find('percentage-left', left).next[0] ?? '', /wsctl configure --mode disabled --percentage 0/)
    const off = seen({ legacy: 80, unified: 20 }, { ...AT_20, legacyFallback: false })
    assert.deepEqual(namesOf({ readings: off }), ['notice fallback-off'])
  })

  it('tells what a restart would do to users when the file differs', () => {
    const behind = find('environment-file', { environmentFile: file({ mode: 'disabled', percentage: 0 }) })
    assert.equal(behind.level, 'problem')
    assert.match(behind.evidence[0] ?? '', /a restart would take users back: 20 % now, 0 % then/)
    const ahead = find('environment-file', { environmentFile: file({ mode: 'full', percentage: 100 }) })
    assert.match(ahead.evidence[0] ?? '', /send more users to unified: 20 % now, 100 % then/)
    const lists = find('environment-file', { environmentFile: file({ rolloutUsers: 3 }) })
    assert.match(lists.evidence[0] ?? '', /names 3 on the rollout list, the server has 0/)
    const illegal = find('environment-file', { environmentFile: file({ problems: ['line 3: MODE is "on"'] }) })
    assert.match(illegal.evidence[0] ?? '', /line 3: MODE is "on"/)
    const missing = new WsctlError('env-file-missing', '/srv/chat/.env does not exist', { outcome: 'usage' })
    assert.equal(find('environment-file', { environmentFile: missing }).level, 'problem')
    assert.deepEqual(namesOf({ environmentFile: file({ mode: null, percentage: null }) }), [])
  })

  it('expects the file to be behind while a run is at work, never ahead', () => {
    const lockHolder = { operator: 'ada', command: 'deploy gradual', since: '2026-11-24T08:00:00Z' }
    const level = (change: Partial<FileFacts>) =>
      find('environment-file', { lockHolder, environmentFile: file(change) }).level
    assert.equal(level({ percentage: 5 }), 'notice')
    assert.equal(level({ percentage: 50 }), 'problem')
  })

  it('names runs that were left, and how the last one ended', () => {
    const left = { id: '20261124-0800', command: 'deploy gradual', state: 'last seen at 20 %, unwatched since 08:00' }
    const found = find('left-run', { leftRuns: [left] })
    assert.equal(found.level, 'problem')
    assert.match(found.next[0] ?? '', /wsctl rollout resume 20261124-0800/)
    assert.deepEqual(namesOf({ lastRun: ended('rolled-back') }), ['notice rolled-back'])
    const held = find('held', { lastRun: ended('held', 'inconclusive') })
    assert.match(held.advice[0] ?? '', /too few users/)
    assert.match(held.next[0] ?? '', /deploy gradual --initial-percentage 20 --max-percentage 50/)
  })

  it('puts a rollback that was not verified first, unless the server says disabled now', () => {
    const lastRun = ended('rollback-unverified')
    const worst = { lastRun, readings: seen({ legacy: 90, unified: 10, errors: 30, fallbacks: 30 }) }
    assert.equal(namesOf(worst)[0], 'problem rollback-unverified')
    assert.equal(
      find('rollback-unverified', { lastRun, readings: [], readFailure: callError('unreachable') }).level,
      'problem',
    )
    assert.deepEqual(namesOf({ lastRun, readings: seen({ legacy: 100 }, { mode: 'disabled' }) }), [
      'notice rollback-unverified',
    ])
  })

  it('tells of silence, of connections that do not last, and of a token near its end', () => {
    assert.deepEqual(namesOf({ readings: seen({}) }), ['notice no-traffic'])
    const busy = seen({ legacy: 80, unified: 20 }).map((reading) => ({
      ...reading,
      status: { ...reading.status, open: { legacy: 90, unified: 10 } },
    }))
    assert.match(
      find('short-connections', { readings: busy }).evidence[0] ?? '',
      /100 connections in 1\.8s, and 100 are open: one lasts about 1\.8s/,
    )
    const token = { origin: 'WSCTL_TOKEN', expiresMs: Date.UTC(2026, 10, 24, 9, 4), renewable: false }
    assert.match(find('token-expires', { token }).evidence[0] ?? '', /expires in 4m/)
    assert.deepEqual(namesOf({ token: { ...token, renewable: true } }), [])
  })

  it('does not take what the server counts since it began for what happens now', () => {
    const health = { status: 'degraded', issues: ['High routing errors: 34'] } as const
    assert.deepEqual(namesOf({ health }), ['notice degraded'])
  })

  it('tells the evidence, and something to do, of all that it finds', () => {
    const everything = facts({
      readings: seen({ legacy: 90, unified: 0, errors: 30, fallbacks: 30 }, { ...AT_20, legacyFallback: false }),
      unified: unifiedSystem({ open: 499 }),
      environmentFile: file({ mode: 'full' }),
      leftRuns: [{ id: 'a', command: 'deploy full', state: 'x' }],
      lastRun: ended('held'),
      health: { status: 'degraded', issues: ['High routing errors: 34'] },
    })
    const found = troubleshoot(everything)
    assert.ok(found.length >= 8)
    for (const { trouble, evidence, next } of found) {
      assert.ok(evidence.length > 0, trouble)
      assert.ok(next.length > 0, trouble)
    }
    const levels = found.map(({ level }) => level)
    assert.deepEqual(levels, levels.toSorted().toReversed(), 'problems come first')
  })
})
