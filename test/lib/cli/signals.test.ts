import assert from 'node:assert/strict'
import { listenForSignals, type SignalInterrupts } from '../../../src/lib/cli/signals.js'
import { FakeClock } from '../../support/fakes.js'

describe('signals', () => {
  let clock: FakeClock
  let insisted: number
  let signals: SignalInterrupts

  function listen(ignoreHangup = false): void {
    clock = new FakeClock()
    insisted = 0
    signals = listenForSignals(() => (insisted += 1), { ignoreHangup, clock })
  }

  afterEach(() => {
    signals.release()
  })

  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`interrupt a run by ${name}`, () => {
      listen()
      process.emit(name, name)
      assert.equal(signals.signal.aborted, true)
      assert.equal(signals.signal.reason, name)
      signals.acknowledge()
      assert.equal(signals.signal.aborted, false)
    })
  }

  it('insist when they come again, whether or not the run took note of the first', () => {
    listen()
    process.emit('SIGINT', 'SIGINT')
    clock.pass(1000)
    process.emit('SIGINT', 'SIGINT')
    assert.equal(insisted, 1)
    signals.acknowledge()
    clock.pass(3_600_000)
    process.emit('SIGTERM', 'SIGTERM')
    assert.equal(insisted, 2)
  })

  it('do not insist when a wrapper passes on what the terminal sent as well', () => {
    listen()
    process.emit('SIGINT', 'SIGINT')
    clock.pass(20)
    process.emit('SIGINT', 'SIGINT')
    assert.equal(insisted, 0)
  })

  it('do not insist when a terminal is closed, which comes with several', () => {
    listen()
    process.emit('SIGINT', 'SIGINT')
    clock.pass(1000)
    process.emit('SIGHUP', 'SIGHUP')
    process.emit('SIGHUP', 'SIGHUP')
    assert.equal(insisted, 0)
  })

  it('of a terminal are none of the business of a run in the background', () => {
    listen(true)
    process.emit('SIGHUP', 'SIGHUP')
    assert.equal(signals.signal.aborted, false)
    process.emit('SIGTERM', 'SIGTERM')
    assert.equal(signals.signal.aborted, true)
  })
})
