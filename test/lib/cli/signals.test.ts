import assert from 'node:assert/strict'
import { listenForSignals, listenForStop } from '../../../src/lib/cli/signals.js'
import { FakeClock } from '../../support/fakes.js'

describe('signals', () => {
  let clock: FakeClock
  let requested: string[]
  let insisted: number
  let release: () => void

  function listen(ignoreHangup = false): void {
    clock = new FakeClock()
    requested = []
    insisted = 0
    const listener = { onRequest: (name: string) => void requested.push(name), onInsist: () => void (insisted += 1) }
    release = listenForSignals(listener, { ignoreHangup, clock })
  }

  afterEach(() => {
    release()
  })

  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`interrupt a run by ${name}, once`, () => {
      listen()
      process.emit(name, name)
      assert.deepEqual(requested, [name])
    })
  }

  it('insist when they come again, however much later', () => {
    listen()
    process.emit('SIGINT', 'SIGINT')
    clock.pass(1000)
    process.emit('SIGINT', 'SIGINT')
    assert.equal(insisted, 1)
    clock.pass(3_600_000)
    process.emit('SIGTERM', 'SIGTERM')
    assert.equal(insisted, 2)
    assert.deepEqual(requested, ['SIGINT'])
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
    assert.deepEqual(requested, [])
  })

  it('stop what has only to come to its end', () => {
    listen()
    const stop = listenForStop(() => undefined)
    try {
      process.emit('SIGTERM', 'SIGTERM')
      assert.equal(stop.signal.aborted, true)
    } finally {
      stop.release()
    }
  })
})
