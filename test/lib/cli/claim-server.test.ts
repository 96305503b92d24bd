import assert from 'node:assert/strict'
import { fenced } from '../../../src/lib/cli/claim-server.js'
import type { RolloutState } from '../../../src/lib/core/rollout.js'
import { startRollout } from '../../../src/lib/engine/run-rollout.js'
import { endOf, type Traffic } from '../../support/fakes.js'
import { gradual, MINUTE, Scene } from '../../support/rollouts.js'

/** A rollout that loses its lock to another process after a while. */
async function losingItsLock(afterMs: number, traffic?: Traffic): Promise<{ scene: Scene; state: RolloutState }> {
  const scene = new Scene(traffic)
  const lock = {
    assertHeld: async () => {
      if (scene.clock.monotonicMs() >= afterMs) throw new Error('this run lost its lock')
    },
    confirm: async () => null,
    extend: async () => null,
    release: async () => [],
  }
  const state = await startRollout(gradual(), 'tester', { ...scene.ports, journal: fenced(scene.journal, lock) })
  return { scene, state }
}

describe('a run that lost its lock', () => {
  it('raises nothing more', async () => {
    const { scene, state } = await losingItsLock(6 * MINUTE)
    assert.equal(endOf(state).outcome, 'held')
    assert.deepEqual(scene.server.raised, [5, 20])
    assert.match(state.warnings.join(), /this run lost its lock/)
  })

  it('leaves the journal to the process that has the lock now', async () => {
    const { scene, state } = await losingItsLock(6 * MINUTE)
    assert.ok(scene.journal.events.every((event) => event.atMs <= 6 * MINUTE))
    assert.ok(state.atMs > 6 * MINUTE)
  })

  it('still goes down', async () => {
    const failing = (percentage: number): number => (percentage >= 20 ? 0.9 : 0)
    const { scene, state } = await losingItsLock(5 * MINUTE + 5000, { attemptsPerSecond: 20, failing })
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.equal(scene.server.settings.mode, 'disabled')
  })
})
