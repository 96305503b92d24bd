import assert from 'node:assert/strict'
import { patient } from '../../../src/lib/cli/ask.js'
import { takeReadings } from '../../../src/lib/cli/preflight-facts.js'
import { serverStatus } from '../../support/events.js'
import { callError, FakeClock } from '../../support/fakes.js'

class Scene {
  readonly clock = new FakeClock()
  readonly told: string[] = []
  readonly askedMs: number[] = []
  readonly ask = patient(this.clock, (line) => void this.told.push(line))

  /** A call that is refused so many times, with these pauses, ms; undefined: none is named. */
  call(...pauses: readonly (number | undefined)[]): () => Promise<string> {
    const left = [...pauses]
    return async () => {
      this.askedMs.push(this.clock.monotonicMs())
      if (left.length === 0) return 'answered'
      const retryAfterMs = left.shift()
      throw callError('rate-limited', 429, retryAfterMs === undefined ? {} : { retryAfterMs })
    }
  }
}

describe('a command that asks once', () => {
  it('waits for the pause that a busy server asks for, and says so', async () => {
    const scene = new Scene()
    assert.equal(await scene.ask(scene.call(12_000)), 'answered')
    assert.deepEqual(scene.askedMs, [0, 12_000])
    assert.deepEqual(scene.told, ['The server asks for a pause of 12 s (429); waiting'])
  })

  it('waits twice, and then fails as the server says', async () => {
    const scene = new Scene()
    assert.equal(await scene.ask(scene.call(12_000, 60_000)), 'answered')
    await assert.rejects(scene.ask(scene.call(1000, 1000, 1000)), { code: 'rate-limited', exitCode: 14 })
    assert.deepEqual(scene.askedMs.slice(3), [72_000, 73_000, 74_000])
  })

  it('fails at once when the pause is longer than a minute, when none is named, and for any other reason', async () => {
    const scene = new Scene()
    await assert.rejects(scene.ask(scene.call(61_000)), { code: 'rate-limited' })
    await assert.rejects(scene.ask(scene.call(undefined)), { code: 'rate-limited' })
    const busy = () => Promise.reject(callError('server-error', 503))
    await assert.rejects(scene.ask(busy), { code: 'server-error' })
    assert.deepEqual([scene.clock.monotonicMs(), scene.told], [0, []])
  })

  it('tells once of calls that wait at the same time', async () => {
    const scene = new Scene()
    const ask = patient({ monotonicMs: () => 0, sleep: async () => undefined }, (line) => void scene.told.push(line))
    await Promise.all([scene.call(12_000), scene.call(12_000)].map((call) => ask(call)))
    assert.equal(scene.told.length, 1)
  })

  it('does not take the pause for the time that an answer took', async () => {
    const scene = new Scene()
    let calls = 0
    const readStatus = async () => {
      if (++calls === 2) throw callError('rate-limited', 429, { retryAfterMs: 30_000 })
      scene.clock.pass(20)
      return serverStatus()
    }
    const { readings } = await takeReadings({ readStatus }, scene.clock, scene.ask)
    assert.deepEqual([...new Set(readings.map(({ tookMs }) => tookMs))], [20])
    assert.ok(readings.length >= 7, 'the pause is not taken for time spent on looking')
  })
})
