import assert from 'node:assert/strict'
import type { Sink } from '../../../src/lib/ports/sink.js'
import { combineSinks } from '../../../src/lib/render/combine-sinks.js'
import { Story } from '../../support/events.js'
import { FakeClock } from '../../support/fakes.js'
import { gradual } from '../../support/rollouts.js'

class CountingSink implements Sink {
  told = 0
  closed = 0

  notify(): void {
    this.told += 1
  }

  close(): void {
    this.closed += 1
  }
}

class ThrowingSink extends CountingSink {
  override notify(): void {
    super.notify()
    throw new Error('the screen is on fire')
  }

  override close(): void {
    super.close()
    throw new Error('it still is')
  }
}

const { event, state } = new Story(gradual()).last

describe('combined sinks', () => {
  it('tells the others when one throws, gives it up with one warning, and still closes it', async () => {
    const failures: unknown[] = []
    const [before, broken, after] = [new CountingSink(), new ThrowingSink(), new CountingSink()]
    const sink = combineSinks([before, broken, after], {
      clock: new FakeClock(),
      onFailure: (error) => failures.push(error),
    })
    sink.notify(event, state)
    sink.notify(event, state)
    await sink.close()
    assert.deepEqual([before.told, broken.told, after.told], [2, 1, 2])
    assert.deepEqual([before.closed, broken.closed, after.closed], [1, 1, 1])
    assert.equal(failures.length, 1)
  })

  it('does not wait longer than its limit for a sink that hangs', async () => {
    const clock = new FakeClock()
    const hanging: Sink = { notify: () => undefined, close: () => new Promise<void>(() => undefined) }
    await combineSinks([hanging], { clock, closeWithinMs: 2000 }).close()
    assert.equal(clock.monotonicMs(), 2000)
  })
})
