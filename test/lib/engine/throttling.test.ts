import assert from 'node:assert/strict'
import { decodeEvent, encodeEvent } from '../../../src/lib/contract/event.js'
import type { RolloutEvent } from '../../../src/lib/core/event.js'
import { planConfigure, planWatch } from '../../../src/lib/core/plan.js'
import { DEFAULT_THRESHOLDS } from '../../../src/lib/core/thresholds.js'
import { callError, endOf } from '../../support/fakes.js'
import { basis, emergency, from, gradual, MINUTE, Scene } from '../../support/rollouts.js'
import { fold } from '../../support/world.js'

const CALM = { maxPercentage: 5 }

/** A server that refuses some of its calls for their pace. */
class BusyScene extends Scene {
  /** When readings reached the server, and when it refused one, ms. */
  readonly readMs: number[] = []
  readonly refusedMs: number[] = []

  /** @param isRefused by the moment, ms, and the number of the call of this kind, from 1 */
  refuse(call: string, isRefused: (nowMs: number, nth: number) => boolean, retryAfterMs?: number): void {
    let calls = 0
    const before = this.server.fault
    this.server.fault = (name) => {
      before(name)
      const nowMs = this.clock.monotonicMs()
      if (name === 'readStatus') this.readMs.push(nowMs)
      if (name !== call) return
      calls += 1
      if (!isRefused(nowMs, calls)) return
      this.refusedMs.push(nowMs)
      throw callError('rate-limited', 429, retryAfterMs === undefined ? {} : { retryAfterMs })
    }
  }

  get checks(): readonly string[] {
    return this.journal.events.flatMap((event) => (event.type === 'checked' ? [event.check.verdict] : []))
  }

  /** From each refusal to the next reading, ms. */
  get pauses(): readonly number[] {
    return this.refusedMs.map((ms) => (this.readMs.find((next) => next > ms) ?? Infinity) - ms)
  }
}

/** Refuses the first reading that comes after each of these moments. */
function onceAfter(...momentsMs: readonly number[]): (nowMs: number) => boolean {
  const left = [...momentsMs]
  return (nowMs) => {
    const [next] = left
    if (next === undefined || nowMs < next) return false
    left.shift()
    return true
  }
}

describe('a server that refuses a reading for its pace', () => {
  it('gets the pause it asks for, and that is no failed check', async () => {
    const scene = new BusyScene()
    scene.refuse('readStatus', onceAfter(MINUTE, 2 * MINUTE, 3 * MINUTE), 12_000)
    const state = await scene.run(gradual(CALM))
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.pauses, [12_000, 12_000, 12_000])
    assert.equal(scene.types.filter((type) => type === 'throttled').length, 3)
    assert.deepEqual([...new Set(scene.checks)], ['pass'])
  })

  it('is read again after the confirm interval when it names no pause', async () => {
    const scene = new BusyScene()
    scene.refuse('readStatus', onceAfter(MINUTE))
    await scene.run(gradual(CALM))
    assert.deepEqual(scene.pauses, [DEFAULT_THRESHOLDS.confirmIntervalMs])
  })

  it('is left alone for a minute at most, so that users are not unwatched for longer', async () => {
    const scene = new BusyScene()
    scene.refuse('readStatus', onceAfter(MINUTE), 3_600_000)
    assert.equal(endOf(await scene.run(gradual(CALM))).outcome, 'completed')
    assert.deepEqual(scene.pauses, [MINUTE])
  })

  it('gets its whole pause when the step would have been over before', async () => {
    const scene = new BusyScene()
    scene.refuse('readStatus', onceAfter(5 * MINUTE - 15_000), 40_000)
    await scene.run(gradual(CALM))
    assert.deepEqual(scene.pauses, [40_000])
  })

  it('was not watched meanwhile: the step takes as much longer', async () => {
    const [undisturbed, scene] = [new BusyScene(), new BusyScene()]
    await undisturbed.run(gradual(CALM))
    scene.refuse('readStatus', onceAfter(MINUTE), 12_000)
    await scene.run(gradual(CALM))
    assert.equal(scene.clock.monotonicMs() - undisturbed.clock.monotonicMs(), 12_000)
  })

  it('leaves failures in a row as they are', async () => {
    const scene = new BusyScene({ attemptsPerSecond: 20, failing: () => 0.9 })
    let readings = 0
    scene.refuse(
      'readStatus',
      () => scene.checks.filter((verdict) => verdict === 'fail').length === 2 && ++readings === 1,
      5000,
    )
    const state = await scene.run(gradual({ initialPercentage: 20, ...CALM, maxPercentage: 20 }))
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.deepEqual(scene.checks, ['fail', 'fail', 'fail'])
    assert.equal(scene.refusedMs.length, 1)
  })

  it('is a breach when it goes on refusing, each time after its pause', async () => {
    const scene = new BusyScene()
    scene.refuse('readStatus', (nowMs) => nowMs >= MINUTE && !scene.types.includes('breached'), 12_000)
    const state = await scene.run(gradual(CALM))
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.match(endOf(state).reason, /^3 failed checks in a row; the last one: the server answered 429$/)
    const blind = scene.checks.filter((verdict) => verdict === 'error')
    assert.equal(blind.length, 3)
    assert.deepEqual(scene.pauses.slice(0, 3), [12_000, 12_000, 12_000])
    const [first = 0] = scene.refusedMs
    const breached = scene.journal.events.find(({ type }) => type === 'breached')
    assert.equal((breached?.atMs ?? 0) - first, 36_000)
  })

  it('is excused once, whatever fails between two refusals', async () => {
    const scene = new BusyScene()
    scene.clock.at(MINUTE, () => {
      let calls = 0
      scene.server.fault = () => {
        if (scene.types.includes('breached')) return
        throw ++calls % 2 === 1 ? callError('rate-limited', 429) : callError('server-error', 503)
      }
    })
    assert.equal(endOf(await scene.run(gradual(CALM))).outcome, 'rolled-back')
    assert.equal(scene.types.filter((type) => type === 'throttled').length, 1)
  })

  it('ends no step on what was seen before, even when it is promoted meanwhile', async () => {
    const scene = new BusyScene()
    scene.refuse('readStatus', onceAfter(MINUTE), 30_000)
    scene.clock.at(MINUTE + 15_000, () => scene.inbox.command('promote'))
    await scene.run(gradual({ maxPercentage: 20 }))
    const [refusedMs = 0] = scene.refusedMs
    const passed = scene.journal.events.find(({ type }) => type === 'step-passed')
    assert.equal((passed?.atMs ?? 0) - refusedMs, 30_000)
  })

  it('may do so before the first step as well', async () => {
    const scene = new BusyScene()
    scene.refuse('readStatus', (_, nth) => nth === 3 || nth === 5 || nth === 7, 20_000)
    const plan = { ...gradual(CALM), baseline: { durationMs: MINUTE } }
    assert.equal(endOf(await scene.run(plan)).outcome, 'completed')
    assert.deepEqual(scene.pauses, [20_000, 20_000, 20_000])
    const silent = new BusyScene()
    silent.refuse('readStatus', () => true, 20_000)
    assert.equal(endOf(await silent.run(plan)).code, 'no-baseline')
  })

  it('may do so while a reading is doubted', async () => {
    const scene = new BusyScene()
    let doubts = 0
    scene.clock.at(MINUTE, () => (scene.server.settings = { ...scene.server.settings, percentage: 1 }))
    scene.refuse('readStatus', () => scene.types.includes('doubted') && ++doubts === 2, 12_000)
    assert.equal(endOf(await scene.run(gradual(CALM))).code, 'foreign-change')
    assert.deepEqual(scene.pauses, [12_000])
  })

  it('does not end a watch', async () => {
    const scene = new BusyScene(undefined, { mode: 'gradual', percentage: 20 })
    scene.refuse('readStatus', onceAfter(10_000, 40_000, 70_000), 12_000)
    const plan = planWatch(basis(from('gradual', 20)), { durationMs: 2 * MINUTE, onBreach: 'exit' })
    assert.equal(endOf(await scene.run(plan)).outcome, 'completed')
  })
})

describe('a server that refuses for its pace while a step is written', () => {
  const whenReadBack = (scene: Scene): boolean => scene.types.at(-1) === 'write-answered'

  it('is read back after its pause, and not written to again', async () => {
    const scene = new BusyScene()
    scene.refuse('readStatus', () => whenReadBack(scene), 45_000)
    assert.equal(endOf(await scene.run(gradual(CALM))).outcome, 'completed')
    assert.deepEqual(scene.server.raised, [5])
    assert.deepEqual(scene.pauses, [45_000])
    assert.ok(!scene.types.includes('apply-failed'))
  })

  it('has as long as ever to show the value once its pause is over', async () => {
    const scene = new BusyScene()
    scene.refuse('readStatus', () => whenReadBack(scene), 45_000)
    // The value does not show before 8 s have passed since the pause.
    const { server } = scene
    const configure = server.configure.bind(server)
    server.configure = async (configuration) => {
      const before = server.settings
      await configure(configuration)
      const after = server.settings
      server.settings = before
      scene.clock.at(scene.clock.monotonicMs() + 53_000, () => (server.settings = after))
    }
    assert.equal(endOf(await scene.run(gradual(CALM))).outcome, 'completed')
    assert.ok(!scene.types.includes('apply-failed'))
    assert.deepEqual(server.raised, [5])
  })

  it('is looked at and written to again after its pause when it refused the write', async () => {
    const scene = new BusyScene()
    scene.refuse('configure', (_, nth) => nth === 1, 12_000)
    assert.equal(endOf(await scene.run(gradual(CALM))).outcome, 'completed')
    assert.deepEqual(scene.server.raised, [5])
    assert.deepEqual(scene.pauses, [12_000])
    const written = scene.types.filter((type) => type === 'write-cleared' || type === 'write-answered')
    assert.deepEqual(written, ['write-cleared', 'write-answered', 'write-cleared', 'write-answered'])
    assert.ok(!scene.types.includes('apply-failed'))
  })

  it('is given up in the end when it refuses each write, or each reading', async () => {
    for (const call of ['configure', 'readStatus']) {
      const scene = new BusyScene()
      scene.refuse(call, () => !scene.types.includes('breached'), 12_000)
      const state = await scene.run(gradual())
      assert.equal(endOf(state).outcome, 'rolled-back', call)
      assert.match(endOf(state).reason, /^3 failed attempts in a row to reach 5 %/)
      assert.deepEqual(scene.server.raised, [])
      assert.ok(
        scene.pauses.slice(0, -1).every((ms) => ms >= 12_000),
        'its pause is kept each time',
      )
    }
  })

  it('does not spoil a single change', async () => {
    const scene = new BusyScene()
    scene.refuse('readStatus', (_, nth) => nth === 1 || nth === 3, 12_000)
    const target = {
      mode: 'gradual',
      percentage: 20,
      legacyFallback: true,
      rolloutUsers: [],
      forceLegacyUsers: [],
    } as const
    const state = await scene.run(planConfigure({ ...basis(), onInterrupt: 'hold' }, target))
    assert.equal(endOf(state).outcome, 'completed')
    assert.equal(scene.refusedMs.length, 2)
  })
})

describe('a rollback from a server that refuses for its pace', () => {
  it('is held up no longer than before: its pauses are its own', async () => {
    const scene = new BusyScene(undefined, { mode: 'gradual', percentage: 50 })
    scene.refuse('readStatus', (_, nth) => nth === 1, 60_000)
    assert.equal(endOf(await scene.run(emergency())).outcome, 'completed')
    assert.deepEqual(scene.pauses, [10_000])
    assert.ok(!scene.types.includes('throttled'))
  })
})

describe('a journal from before a refusal was excused', () => {
  it('folds as it always has: three refusals are three failed checks', async () => {
    const scene = new BusyScene()
    scene.clock.at(MINUTE, () => {
      scene.server.fault = () => {
        if (!scene.types.includes('breached')) throw callError('server-error', 503)
      }
    })
    const state = await scene.run(gradual(CALM))
    const asWritten = scene.journal.events.map((event): RolloutEvent => {
      const line = encodeEvent(event, 'old').replaceAll(
        '"kind":"server-error","status":503',
        '"kind":"rate-limited","status":429',
      )
      return decodeEvent(line)
    })
    assert.ok(asWritten.some((event) => event.type === 'checked' && event.failure?.kind === 'rate-limited'))
    const folded = fold(asWritten)
    assert.deepEqual(
      [folded.phase, folded.failuresInRow, folded.observedMs],
      [state.phase, state.failuresInRow, state.observedMs],
    )
  })
})
