import assert from 'node:assert/strict'
import type { ServerStatus } from '../../../src/lib/core/server.js'
import { callError, endOf } from '../../support/fakes.js'
import { emergency, gradual, MINUTE, Scene } from '../../support/rollouts.js'

/** A server whose readings can hang until they are given up, and an operator who then interrupts. */
class Hanging extends Scene {
  /** That readings were sent with. */
  readonly signals: (AbortSignal | undefined)[] = []
  isHanging = false

  constructor(...server: ConstructorParameters<typeof Scene>) {
    super(...server)
    const readStatus = this.server.readStatus.bind(this.server)
    this.server.readStatus = (signal?: AbortSignal): Promise<ServerStatus> => {
      this.signals.push(signal)
      return this.isHanging && signal ? this.untilAborted(signal) : readStatus()
    }
  }

  /** From now on, a reading waits for the interrupt that comes while it is under way. */
  hang(): void {
    this.isHanging = true
  }

  private untilAborted(signal: AbortSignal): Promise<ServerStatus> {
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(callError('unreachable')))
      this.inbox.interrupt()
    })
  }
}

describe('an interrupt', () => {
  it('holds the percentage when interrupted', async () => {
    const scene = new Scene()
    scene.clock.at(6 * MINUTE, () => scene.inbox.interrupt())
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'held')
    assert.equal(endOf(state).code, 'interrupted')
    assert.match(endOf(state).reason, /^interrupted during step 2 of 4, after \d+ checks$/)
    assert.equal(scene.server.settings.percentage, 20)
    assert.equal(state.steps.at(-1)?.outcome, 'held')
  })

  it('is heard at once, not when the next poll is due', async () => {
    const scene = new Scene()
    scene.clock.at(6 * MINUTE + 1234, () => scene.inbox.interrupt())
    await scene.run(gradual())
    assert.equal(scene.clock.monotonicMs(), 6 * MINUTE + 1234)
  })

  it('does not stop a rollback, however often it comes', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: () => 0.9 })
    let isRollingBack = false
    scene.server.fault = (call) => {
      isRollingBack ||= call === 'emergencyRollback'
      if (isRollingBack) scene.inbox.interrupt('SIGTERM')
      if (call === 'emergencyRollback') throw callError('server-error', 500)
    }
    const state = await scene.run(gradual({ initialPercentage: 20 }))
    assert.equal(endOf(state).outcome, 'rolled-back')
    const interrupts = scene.journal.events.filter((event) => event.type === 'interrupted')
    assert.ok(interrupts.length > 0 && interrupts.every(({ ignored, signal }) => ignored && signal === 'SIGTERM'))
  })

  it('before a write is out keeps it from being sent', async () => {
    const scene = new Scene()
    scene.server.fault = (call) => {
      if (call === 'readStatus') scene.inbox.interrupt()
    }
    const state = await scene.run(gradual())
    assert.equal(endOf(state).code, 'interrupted')
    assert.deepEqual(scene.server.writes, [])
  })

  it('ends a reading that hangs, which is no failed check', async () => {
    const scene = new Hanging()
    scene.clock.at(6 * MINUTE, () => scene.hang())
    const state = await scene.run(gradual())
    assert.equal(endOf(state).code, 'interrupted')
    assert.equal(state.failuresInRow, 0)
    const [last] = scene.types.slice(-2)
    assert.equal(last, 'interrupted')
    assert.ok(!scene.journal.events.some((event) => 'failure' in event && event.failure !== null))
  })

  it('does not end a write that hangs: what came of it has to be known', async () => {
    const scene = new Hanging()
    const written: (AbortSignal | undefined)[] = []
    const configure = scene.server.configure.bind(scene.server)
    scene.server.configure = async (configuration, signal?: AbortSignal) => {
      written.push(signal)
      scene.inbox.interrupt()
      await Promise.resolve()
      return configure(configuration)
    }
    assert.equal(endOf(await scene.run(gradual())).code, 'interrupted')
    assert.deepEqual(written, [undefined])
    assert.deepEqual(scene.types.slice(-3), ['write-answered', 'interrupted', 'finished'])
    assert.deepEqual(scene.server.raised, [5])
  })

  it('does not end the readings of a rollback, which is finished first', async () => {
    const scene = new Hanging(undefined, { mode: 'gradual', percentage: 50 })
    scene.isHanging = true
    const state = await scene.run(emergency())
    assert.equal(endOf(state).outcome, 'completed')
    assert.ok(scene.signals.length >= 6 && scene.signals.every((signal) => signal === undefined))
  })

  it('is the only thing that ends a reading: an answer of a gate does not', async () => {
    const scene = new Hanging()
    let signal: AbortSignal | undefined
    scene.clock.at(6 * MINUTE, () => {
      scene.server.fault = () => {
        if (signal !== undefined) return
        signal = scene.signals.at(-1)
        scene.inbox.post({ kind: 'gate-answered', step: 9, attempt: 1, open: false, message: '' })
      }
    })
    await scene.run(gradual())
    assert.equal(signal?.aborted, false)
  })

  it('rolls back when interrupted and told to', async () => {
    const scene = new Scene()
    scene.clock.at(6 * MINUTE, () => scene.inbox.interrupt())
    const state = await scene.run(gradual({}, { onInterrupt: 'rollback' }))
    assert.equal(endOf(state).outcome, 'rolled-back')
    assert.equal(scene.server.settings.mode, 'disabled')
  })
})
