import assert from 'node:assert/strict'
import type { RolloutEvent } from '../../../src/lib/core/event.js'
import type { SequentialAnalysis } from '../../../src/lib/core/judging.js'
import { planFull, planLowering, planWatch } from '../../../src/lib/core/plan.js'
import { DEFAULT_THRESHOLDS } from '../../../src/lib/core/thresholds.js'
import { callError, endOf } from '../../support/fakes.js'
import { basis, from, gradual, MINUTE, Scene } from '../../support/rollouts.js'
import { fold } from '../../support/world.js'

const SEQUENTIAL: SequentialAnalysis = { rule: 'sequential', confidence: 0.99, designEffect: 1 }
const thresholds = { ...DEFAULT_THRESHOLDS, maxErrorRate: 1, maxRoutingErrors: 100_000 }
const judged = { thresholds, analysis: SEQUENTIAL }

function checks({ journal }: Scene) {
  return journal.events.filter((event) => event.type === 'checked')
}

function breach({ journal }: Scene): string {
  return journal.events.find((event) => event.type === 'breached')?.reason ?? 'no breach'
}

describe('a rollout that is judged sequentially', () => {
  it('comes to its end when all goes well', async () => {
    const scene = new Scene()
    const state = await scene.run(gradual({}, judged))
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.server.raised, [5, 20, 35, 50])
    assert.ok(state.steps.every(({ outcome }) => outcome === 'passed'))
  })

  it('rolls back at the first check that chance does not explain, and says why in one line', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: (percentage) => (percentage >= 20 ? 0.3 : 0) })
    const state = await scene.run(gradual({}, judged))
    assert.equal(endOf(state).outcome, 'rolled-back')
    const failed = checks(scene).filter(({ check }) => check.verdict === 'fail')
    assert.equal(failed.length, 1)
    assert.match(breach(scene), /^6 % of 200 attempts failed, limit 1 %; odds against chance [\d,]+ to 1$/)
  })

  it('looks more often while in doubt', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: () => 0.4 })
    await scene.run(gradual({ initialPercentage: 5, maxPercentage: 5 }, judged))
    const doubtful = checks(scene).filter(({ check }) => check.verdict === 'inconclusive')
    assert.ok(doubtful.length > 0)
    const pauses = checks(scene).map(({ atMs }, index, all) => atMs - (all[index - 1]?.atMs ?? atMs))
    assert.ok(pauses.includes(thresholds.confirmIntervalMs), pauses.join())
  })

  it('does not raise on a rate above the limit that proves nothing yet: it extends the step, then holds', async () => {
    // About twice the limit, and too few attempts to tell that from chance.
    const scene = new Scene({ attemptsPerSecond: 5, failing: () => 0.24 })
    const state = await scene.run(gradual({ stepDurationMs: 2 * MINUTE }, judged))
    assert.deepEqual([endOf(state).outcome, endOf(state).code], ['held', 'inconclusive'])
    assert.ok(scene.types.includes('step-extended'))
    assert.deepEqual(scene.server.raised, [5])
    assert.match(endOf(state).reason, /of [\d,]+ attempts failed, limit 1 %; odds against chance/)
  })

  it('holds there as well when inconclusive steps are to be left', async () => {
    const scene = new Scene({ attemptsPerSecond: 5, failing: () => 0.24 })
    const state = await scene.run(gradual({ stepDurationMs: 2 * MINUTE, onInconclusive: 'advance' }, judged))
    assert.equal(endOf(state).outcome, 'held')
    assert.deepEqual(scene.server.raised, [5])
  })

  it('still counts checks without an answer in a row', async () => {
    const scene = new Scene()
    scene.clock.at(60_000, () => {
      scene.server.fault = (call) => {
        if (call === 'readStatus' && scene.clock.monotonicMs() < 90_000) throw callError('server-error', 500)
      }
    })
    assert.equal(endOf(await scene.run(gradual({}, judged))).outcome, 'rolled-back')
    assert.match(breach(scene), /^3 failed checks in a row/)
  })

  it('keeps what it has seen through a restart of the server', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: () => 0.02 * 2 })
    scene.clock.at(35_000, () => scene.server.restart(scene.server.settings))
    const plan = planWatch(basis({ ...from('gradual', 50), ...judged }), { durationMs: 20 * MINUTE, onBreach: 'exit' })
    scene.server.settings = { ...scene.server.settings, mode: 'gradual', percentage: 50 }
    const state = await scene.run(plan)
    assert.equal(endOf(state).outcome, 'breached')
    assert.ok(scene.types.includes('restart-detected'))
    // What is told is more than the new process alone has counted.
    const told = Number(/of ([\d,]+) attempts/.exec(breach(scene))?.[1]?.replaceAll(',', ''))
    const { legacy, unified } = scene.server.counters
    assert.ok(told > legacy + unified, `${told} told, ${legacy + unified} counted since the restart`)
  })

  it('judges the way down, a full deployment and a watch alike', async () => {
    const lowering = planLowering(basis({ ...from('gradual', 50), ...judged }), {
      step: 20,
      to: 0,
      stepDurationMs: 5 * MINUTE,
      once: false,
    })
    const full = planFull(basis(judged), { durationMs: 10 * MINUTE, onInconclusive: 'extend' })
    for (const plan of [lowering, full]) {
      const scene = new Scene(
        { attemptsPerSecond: 20, failing: () => 0.5 },
        { mode: plan.before?.mode ?? 'disabled', percentage: plan.before?.percentage ?? 0 },
      )
      assert.equal(endOf(await scene.run(plan)).outcome, 'rolled-back', plan.command)
      assert.match(breach(scene), /odds against chance/)
    }
  })

  it('is waited out, not judged, without monitoring', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: () => 1 })
    const state = await scene.run(gradual({ monitoring: false, stepDurationMs: MINUTE }, judged))
    assert.equal(endOf(state).outcome, 'completed')
  })

  it('folds from its journal to the same evidence, odds and all', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: (percentage) => (percentage >= 20 ? 0.2 : 0.01) })
    const state = await scene.run(gradual({}, judged))
    const written = JSON.parse(JSON.stringify(scene.journal.events)) as readonly RolloutEvent[]
    assert.deepEqual(fold(written), state)
    assert.ok(state.sequential !== null)
  })
})

describe('a limit relative to a baseline, judged sequentially', () => {
  function relative(failing: (percentage: number) => number) {
    const scene = new Scene({ attemptsPerSecond: 20, failing })
    const plan = gradual(
      { safeguards: { baseline: { durationMs: MINUTE }, increases: { maxErrorRate: 2, maxFallbackRate: null } } },
      {
        thresholds: { ...DEFAULT_THRESHOLDS, maxErrorRate: 50, maxFallbackRate: 100, maxRoutingErrors: 100_000 },
        analysis: SEQUENTIAL,
      },
    )
    return { scene, ended: scene.run(plan) }
  }

  it('allows for a baseline that was lucky: none of 1,200 may have been 0.4 %', async () => {
    const { scene, ended } = relative((percentage) => (percentage >= 5 ? 0.08 / (percentage / 5) : 0))
    // 0.4 % of the attempts: four times as many as once in the baseline, which is no proof.
    assert.equal(endOf(await ended).outcome, 'completed', breach(scene))
  })

  it('finds what is far above it all the same', async () => {
    const { scene, ended } = relative((percentage) => (percentage >= 20 ? 0.3 : 0))
    assert.equal(endOf(await ended).outcome, 'rolled-back')
    assert.match(
      breach(scene),
      /6 % of \d+ attempts failed, limit 0\.\d+ %|6 % of \d+ attempts failed, limit 1(\.\d)? %/,
    )
  })
})
