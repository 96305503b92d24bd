import assert from 'node:assert/strict'
import { isSameServer } from '../../../src/lib/adapters/claim-files.js'
import { Patience, PatientJournal } from '../../../src/lib/adapters/patience.js'
import type { RolloutEvent } from '../../../src/lib/core/event.js'
import { endOf, MemoryJournal } from '../../support/fakes.js'
import { refusalOf } from '../../support/refusal.js'
import { gradual, Scene } from '../../support/rollouts.js'

/** A journal whose disk freezes at an append, until it thaws. */
class FreezingJournal extends MemoryJournal {
  thaw: () => void = () => undefined
  asked = 0

  constructor(private readonly freezesAt: number) {
    super()
  }

  override async append(event: RolloutEvent): Promise<void> {
    this.asked += 1
    if (this.asked === this.freezesAt) await new Promise<void>((resolve) => (this.thaw = resolve))
    await super.append(event)
  }
}

/** Time-outs that come as soon as nothing else does. */
function impatience(): Patience {
  return new Patience({ sleep: () => new Promise((resolve) => setImmediate(resolve)) })
}

describe('a disk that hangs', () => {
  it('does not keep a run from rolling back, and keeps it from raising', async () => {
    for (const failing of [0, 0.9]) {
      const scene = new Scene({ attemptsPerSecond: 20, failing: () => failing })
      const journal = new PatientJournal(new FreezingJournal(20), impatience())
      const { startRollout } = await import('../../../src/lib/engine/run-rollout.js')
      const state = await startRollout(gradual({ initialPercentage: 20 }), 'tester', { ...scene.ports, journal })
      assert.equal(endOf(state).outcome, failing === 0 ? 'held' : 'rolled-back')
      assert.deepEqual(scene.server.raised, [20])
    }
  })

  it('is not asked again while it hangs, and is once it has answered', async () => {
    const scene = new Scene()
    await scene.run(gradual())
    const [event] = scene.journal.events
    assert.ok(event)
    const disk = new FreezingJournal(1)
    const journal = new PatientJournal(disk, impatience())
    assert.equal((await refusalOf(() => journal.append(event))).code, 'disk-hangs')
    assert.equal((await refusalOf(() => journal.append(event))).code, 'disk-hangs')
    assert.equal(disk.asked, 1)
    disk.thaw()
    await new Promise((resolve) => setImmediate(resolve))
    await journal.append(event)
    assert.equal(disk.events.length, 2)
  })

  it('that answers in time is waited for', async () => {
    assert.equal(await new Patience().wait(Promise.resolve('here'), 'the disk'), 'here')
  })
})

describe('a server', () => {
  it('of this machine is the same however it is written', () => {
    for (const other of ['http://127.0.0.1:8000', 'http://[::1]:8000/', 'HTTP://LocalHost:8000']) {
      assert.ok(isSameServer('http://localhost:8000', other), other)
    }
    assert.ok(!isSameServer('http://localhost:8000', 'http://localhost:8001'))
    assert.ok(!isSameServer('http://localhost:8000', 'http://chat.example.com:8000'))
  })
})
