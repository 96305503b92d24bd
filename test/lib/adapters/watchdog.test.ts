import assert from 'node:assert/strict'
import { startWatchdog, type Companion, type CompanionNews, type Watchdog } from '../../../src/lib/adapters/watchdog.js'
import { FakeClock } from '../../support/fakes.js'

const TAKEOVER = { log: 'run.log', command: ['wsctl'] }

/** A companion that ends when it is told to, and not before. */
class FakeCompanion implements Companion {
  readonly ended: Promise<string>
  greeted = false
  end: (how: string) => void = () => undefined

  constructor(readonly pid: number) {
    this.ended = new Promise((resolve) => (this.end = resolve))
  }

  sayGoodbye(): void {
    this.greeted = true
    this.end('exit code 0')
  }
}

describe('the companion of a run that goes on', () => {
  let started: FakeCompanion[]
  let news: CompanionNews[]
  let clock: FakeClock
  /** Starts that fail, by their number from 1. */
  let failing: ReadonlySet<number>
  let attempts: number

  beforeEach(() => {
    started = []
    news = []
    clock = new FakeClock()
    failing = new Set()
    attempts = 0
  })

  function open(): Promise<Watchdog> {
    const start = (): Promise<Companion> => {
      if (failing.has(++attempts)) return Promise.reject(new Error('no more processes'))
      const companion = new FakeCompanion(100 + attempts)
      started.push(companion)
      return Promise.resolve(companion)
    }
    return startWatchdog(TAKEOVER, (each) => news.push(each), { clock, start })
  }

  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

  it('is told of and replaced after a pause when it is killed', async () => {
    await open()
    started[0]?.end('SIGKILL')
    await settled()
    assert.deepEqual(news, [
      { kind: 'lost', pid: 101, how: 'SIGKILL', againInMs: 1000 },
      { kind: 'replaced', pid: 102 },
    ])
    assert.equal(clock.monotonicMs(), 1000)
  })

  it('is no longer replaced when a few have ended, and that is said', async () => {
    await open()
    for (let each = 0; each < 4; each++) {
      started.at(-1)?.end('SIGKILL')
      await settled()
    }
    assert.equal(started.length, 4)
    assert.deepEqual(news.at(-1), { kind: 'lost', pid: 104, how: 'SIGKILL', againInMs: null })
  })

  it('is tried again when another cannot be started, and the last failure says that nobody watches', async () => {
    await open()
    failing = new Set([2, 3, 4, 5])
    started[0]?.end('SIGKILL')
    await settled()
    assert.deepEqual(
      news.map((each) => [each.kind, each.kind === 'replaced' ? null : each.againInMs]),
      [
        ['lost', 1000],
        ['not-replaced', 5000],
        ['not-replaced', 30_000],
        ['not-replaced', null],
      ],
    )
    assert.equal(attempts, 4)
  })

  it('may end once the run has said goodbye', async () => {
    const watchdog = await open()
    watchdog.dismiss()
    await settled()
    assert.equal(started[0]?.greeted, true)
    assert.deepEqual([news, started.length], [[], 1])
  })

  it('is not replaced when the run ends during the pause', async () => {
    const watchdog = await open()
    clock.at(500, () => watchdog.dismiss())
    started[0]?.end('SIGTERM')
    await settled()
    assert.deepEqual([news.length, started.length], [1, 1])
  })

  it('says goodbye to the one that took its place', async () => {
    const watchdog = await open()
    started[0]?.end('SIGKILL')
    await settled()
    watchdog.dismiss()
    await settled()
    assert.equal(started[1]?.greeted, true)
    assert.equal(news.length, 2)
  })

  it('is refused when already the first one cannot be started', async () => {
    failing = new Set([1])
    await assert.rejects(open(), /no more processes/)
  })
})
