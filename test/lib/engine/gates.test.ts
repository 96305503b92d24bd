import assert from 'node:assert/strict'
import { fold } from '../../../src/lib/core/fold.js'
import type { Gate } from '../../../src/lib/core/gate.js'
import { stepAt, type RolloutPlan } from '../../../src/lib/core/rollout.js'
import { resumeRollout } from '../../../src/lib/engine/run-rollout.js'
import { endOf } from '../../support/fakes.js'
import { gradual, MINUTE, Scene } from '../../support/rollouts.js'

const APPROVAL: Gate = { kind: 'approval', limitMs: null, onLimit: 'hold' }
const COMMAND: Gate = {
  kind: 'command',
  command: './calm.sh',
  everyMs: 30_000,
  timeoutMs: 20_000,
  limitMs: null,
  onLimit: 'hold',
}

/** A plan whose first step has a gate. */
function gated(gate: Gate, plan: RolloutPlan = gradual()): RolloutPlan {
  return { ...plan, steps: [{ ...stepAt(plan, 0), gate }, ...plan.steps.slice(1)] }
}

describe('a gate', () => {
  it('keeps a step that has passed until an operator promotes it', async () => {
    const scene = new Scene()
    scene.clock.at(120 * MINUTE, () => {
      assert.deepEqual(scene.server.raised, [5])
      scene.inbox.command('promote', { step: 0 })
    })
    const state = await scene.run(gated(APPROVAL))
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.server.raised, [5, 20, 35, 50])
  })

  it('is promoted ahead of its time together with its step', async () => {
    const scene = new Scene()
    scene.clock.at(2 * MINUTE, () => scene.inbox.command('promote', { step: 0 }))
    scene.clock.at(3 * MINUTE, () => scene.inbox.command('hold'))
    await scene.run(gated(APPROVAL))
    assert.deepEqual(scene.server.raised, [5, 20])
  })

  it('does not keep a breach from rolling back', async () => {
    const scene = new Scene()
    scene.clock.at(30 * MINUTE, () => {
      scene.server.traffic = { attemptsPerSecond: 20, failing: () => 1 }
    })
    const state = await scene.run(gated(APPROVAL, gradual({ initialPercentage: 20 })))
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.deepEqual(scene.server.raised, [20])
  })

  it('that nobody opens in time holds the run', async () => {
    const scene = new Scene()
    const state = await scene.run(gated({ ...APPROVAL, limitMs: 60 * MINUTE }))
    const { outcome, code, reason } = endOf(state)
    assert.deepEqual([outcome, code], ['held', 'gate-shut'])
    assert.match(reason, /waiting for an operator to promote it, for longer than it may take/)
    assert.equal(scene.server.settings.percentage, 5)
    assert.ok(scene.clock.monotonicMs() >= 65 * MINUTE && scene.clock.monotonicMs() < 66 * MINUTE)
  })

  it('that nobody opens in time rolls back where that was asked for', async () => {
    const scene = new Scene()
    const state = await scene.run(gated({ ...APPROVAL, limitMs: 60 * MINUTE, onLimit: 'rollback' }))
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.equal(scene.server.settings.mode, 'disabled')
  })

  it('is asked again after each no, and lets the run go on at the first yes', async () => {
    const scene = new Scene()
    scene.gatekeeper.answer = (attempt) => ({ open: attempt === 4, message: `answer ${attempt}` })
    const state = await scene.run(gated(COMMAND))
    assert.equal(endOf(state).outcome, 'completed')
    assert.equal(scene.gatekeeper.asked.length, 4)
    const asked = scene.journal.events.filter((event) => event.type === 'gate-asked').map(({ atMs }) => atMs)
    const pauses = asked.slice(1).map((atMs, index) => atMs - (asked[index] ?? 0))
    assert.ok(
      pauses.every((pause) => pause >= 30_000 && pause <= 41_000),
      pauses.join(', '),
    )
  })

  it('is not asked before its step has passed', async () => {
    const scene = new Scene()
    scene.gatekeeper.answer = () => ({ open: true, message: 'yes' })
    scene.clock.at(4 * MINUTE, () => assert.equal(scene.gatekeeper.asked.length, 0))
    await scene.run(gated(COMMAND))
    assert.equal(scene.gatekeeper.asked.length, 1)
  })

  it('that never answers does not keep a breach from rolling back', async () => {
    const scene = new Scene()
    scene.clock.at(30 * MINUTE, () => {
      scene.server.traffic = { attemptsPerSecond: 20, failing: () => 1 }
    })
    const state = await scene.run(gated(COMMAND, gradual({ initialPercentage: 20 })))
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.equal(scene.gatekeeper.asked.length, 1)
  })

  it('is asked again by the process that takes the run up', async () => {
    const scene = new Scene()
    scene.clock.at(10 * MINUTE, () => scene.inbox.interrupt())
    await scene.run(gated(COMMAND))
    const left = fold(scene.journal.events.filter((event) => !['interrupted', 'finished'].includes(event.type)))
    assert.ok(left?.gate.pending)
    scene.gatekeeper.answer = () => ({ open: true, message: 'yes' })
    const state = await resumeRollout(left, { operator: 'ana', policy: 'continue' }, scene.ports)
    assert.equal(endOf(state).outcome, 'completed')
  })

  it('says at its limit what it said last', async () => {
    const scene = new Scene()
    scene.gatekeeper.answer = () => ({ open: false, message: './calm.sh exited with 1: too loud' })
    const state = await scene.run(gated({ ...COMMAND, limitMs: 10 * MINUTE }))
    assert.match(endOf(state).reason, /the last answer: \.\/calm\.sh exited with 1: too loud$/)
  })

  it('does not count an answer to a question of a step that is over', async () => {
    const scene = new Scene()
    scene.clock.at(10 * MINUTE, () => scene.inbox.command('promote'))
    scene.clock.at(12 * MINUTE, () =>
      scene.inbox.post({ kind: 'gate-answered', step: 0, attempt: 1, open: true, message: 'late' }),
    )
    await scene.run(gated(COMMAND))
    assert.equal(scene.types.includes('gate-answered'), false)
  })
})
