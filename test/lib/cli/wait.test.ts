import assert from 'node:assert/strict'
import { waitFor, type Look } from '../../../src/lib/cli/wait.js'
import { parseCondition } from '../../../src/lib/core/condition.js'
import { WsctlError, type FailureKind } from '../../../src/lib/core/error.js'
import type { Settings } from '../../../src/lib/core/server.js'
import { serverStatus } from '../../support/events.js'
import { callError, FakeClock } from '../../support/fakes.js'

const MINUTE = 60_000
/** What an answer takes: a look that is given up earlier brings none. */
const LATENCY_MS = 500
const HEALTH: Look['health'] = {
  health_status: 'healthy',
  issues: [],
  connection_summary: { total_connections: 0, legacy_connections: 0, unified_connections: 0 },
  error_summary: { routing_errors: 0, fallback_activations: 0 },
}

/** A server that is looked at, and a clock that passes while somebody waits for it. */
class Scene {
  readonly clock = new FakeClock()
  readonly told: string[] = []
  /** When it was looked at, ms. */
  readonly looks: number[] = []
  settings: Partial<Settings> = { mode: 'gradual', percentage: 20 }
  failure: FailureKind | null = null

  /** Called before each look with its number, from 1. */
  before: (look: number) => void = () => undefined

  wait(typed: string | readonly string[], limitMs = 5 * MINUTE): Promise<Look> {
    const look = async (withinMs: number): Promise<Look> => {
      this.looks.push(this.clock.monotonicMs())
      if (withinMs < LATENCY_MS) throw callError('unreachable')
      this.before(this.looks.length)
      if (this.failure !== null) throw callError(this.failure, null, {})
      return { status: serverStatus(this.settings), health: HEALTH }
    }
    return waitFor(look, {
      conditions: [typed].flat().map(parseCondition),
      limitMs,
      intervalMs: 5000,
      clock: this.clock,
      tell: (message) => void this.told.push(message),
    })
  }
}

function isEnd(outcome: string, pattern: RegExp) {
  return (error: unknown): true => {
    assert.ok(error instanceof WsctlError)
    assert.equal(error.code, 'wait-timeout')
    assert.equal(error.outcome, outcome)
    assert.match(error.message, pattern)
    return true
  }
}

describe('waiting for a server', () => {
  it('ends when the condition holds, and not before', async () => {
    const scene = new Scene()
    scene.clock.at(2 * MINUTE, () => (scene.settings = { mode: 'full', percentage: 100 }))
    const { status } = await scene.wait('mode=full')
    assert.equal(status.settings.mode, 'full')
    assert.ok(scene.clock.monotonicMs() >= 2 * MINUTE)
    assert.ok(scene.clock.monotonicMs() < 2 * MINUTE + 10_000)
  })

  it('believes no single reading: one of several processes may have answered', async () => {
    const scene = new Scene()
    scene.before = (look) => (scene.settings = { mode: look % 2 === 0 ? 'full' : 'gradual', percentage: 20 })
    await assert.rejects(scene.wait('mode=full'), isEnd('failed', /in vain/))
  })

  it('waits until all conditions hold at once', async () => {
    const scene = new Scene()
    scene.clock.at(MINUTE, () => (scene.settings = { mode: 'full', percentage: 100 }))
    await assert.rejects(
      scene.wait(['mode=full', 'health=degraded']),
      isEnd('failed', /mode is full, health is healthy/),
    )
  })

  it('ends at the limit with what it waited for, what was there, and what to type', async () => {
    const scene = new Scene()
    await assert.rejects(scene.wait('percentage>=50', MINUTE), (error) => {
      isEnd('failed', /^waited 60s for percentage>=50, in vain: last seen: percentage is 20$/)(error)
      assert.ok(error instanceof WsctlError)
      assert.equal(error.exitCode, 1)
      assert.deepEqual(error.suggestions, [
        'see where the server stands: wsctl status',
        "wait longer: wsctl status --wait-for 'percentage>=50' --wait-timeout 2m",
      ])
      return true
    })
    assert.equal(scene.clock.monotonicMs(), MINUTE)
    assert.equal(scene.looks.at(-1), MINUTE, 'it looks a last time at the limit')
  })

  it('keeps on while the server does not answer, and says so once', async () => {
    const scene = new Scene()
    scene.failure = 'unreachable'
    scene.clock.at(MINUTE, () => {
      scene.failure = null
      scene.settings = { mode: 'full', percentage: 100 }
    })
    await scene.wait('mode=full')
    assert.equal(scene.told.filter((line) => line.startsWith('no answer yet')).length, 1)
  })

  it('ends as unreachable when nothing answered at the limit, with what was seen before', async () => {
    const scene = new Scene()
    scene.clock.at(MINUTE, () => (scene.failure = 'timeout'))
    await assert.rejects(
      scene.wait('mode=full', 2 * MINUTE),
      isEnd('unreachable', /did not answer at the end \(.*\); last seen: mode is gradual/),
    )
    const silent = new Scene()
    silent.failure = 'unreachable'
    await assert.rejects(silent.wait('mode=full', MINUTE), isEnd('unreachable', /it never answered/))
  })

  it('does not wait for a token that is refused to be taken', async () => {
    const scene = new Scene()
    scene.failure = 'unauthorized'
    await assert.rejects(scene.wait('mode=full'), { code: 'unauthorized', exitCode: 14 })
    assert.equal(scene.looks.length, 1)
  })

  it('leaves a server alone for as long as it asks', async () => {
    const scene = new Scene()
    scene.before = (look) => {
      if (look === 1) throw callError('rate-limited', 429, { retryAfterMs: 40_000 })
      scene.settings = { mode: 'full', percentage: 100 }
    }
    await scene.wait('mode=full')
    assert.deepEqual(scene.looks.slice(0, 2), [0, 40_000])
  })

  it('follows readings that agree to the last, though the limit is passed meanwhile', async () => {
    const scene = new Scene()
    scene.clock.at(MINUTE, () => (scene.settings = { mode: 'full', percentage: 100 }))
    await scene.wait('mode=full', MINUTE)
  })

  it('tells what is there when it begins, and whenever that changes', async () => {
    const scene = new Scene()
    scene.clock.at(MINUTE, () => (scene.settings = { mode: 'gradual', percentage: 35 }))
    scene.clock.at(2 * MINUTE, () => (scene.settings = { mode: 'gradual', percentage: 50 }))
    await scene.wait('percentage>=50')
    assert.deepEqual(scene.told, ['percentage is 20', 'percentage is 35'])
  })
})
