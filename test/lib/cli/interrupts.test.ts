import assert from 'node:assert/strict'
import { acknowledgement, hearInterrupts } from '../../../src/lib/cli/interrupts.js'
import type { Screen } from '../../../src/lib/cli/screen.js'
import { openScreen } from '../../../src/lib/cli/screen.js'
import type { Clock } from '../../../src/lib/ports/clock.js'
import { FakeTerminal, Story } from '../../support/events.js'
import { FakeClock, FakeInbox } from '../../support/fakes.js'
import { emergency, gradual } from '../../support/rollouts.js'

const TIMEOUT_MS = 10_000
const HELD =
  'Interrupted: the percentage is held where it is as soon as the present request has been answered, within 10s; ' +
  'Ctrl-C once more leaves at once'

/** A process that is told to stop, and time that stands still until it is let go on. */
class Scene {
  readonly inbox = new FakeInbox()
  readonly noted: string[] = []
  readonly story = new Story(gradual())
  insisted = 0
  private readonly fake = new FakeClock()
  private goOn: () => void = () => undefined
  private readonly clock: Clock = {
    monotonicMs: () => this.fake.monotonicMs(),
    wallTime: () => this.fake.wallTime(),
    sleep: (_, signal) =>
      new Promise((resolve) => {
        this.goOn = resolve
        signal?.addEventListener('abort', () => resolve())
      }),
  }
  private readonly heard = hearInterrupts(
    { screen: this.screen(), note: (message) => void this.noted.push(message) },
    this.story.state.plan,
    {
      inbox: this.inbox,
      timeoutMs: TIMEOUT_MS,
      onInsist: () => void (this.insisted += 1),
      ignoreHangup: false,
      clock: this.clock,
    },
  )

  constructor(private readonly columns = 80) {}

  private screen(): Screen {
    const terminal = new FakeTerminal(this.columns)
    return openScreen(true, {}, { stdout: terminal, stderr: terminal })
  }

  stop(signal: NodeJS.Signals = 'SIGINT'): void {
    process.emit(signal, signal)
  }

  /** The run takes note of the request. */
  take(): void {
    const { event, state } = this.story.then({ type: 'interrupted', signal: 'SIGINT', ignored: false }).last
    this.heard.sink.notify(event, state)
  }

  async aMomentLater(): Promise<void> {
    this.fake.pass(1000)
    this.goOn()
    await Promise.resolve()
    await Promise.resolve()
  }

  release(): void {
    this.heard.release()
  }
}

describe('an operator who interrupts a run', () => {
  let scene: Scene

  beforeEach(() => {
    scene = new Scene()
  })

  afterEach(() => {
    scene.release()
  })

  it('is told what comes of it while the run waits for a request', async () => {
    scene.stop()
    await scene.aMomentLater()
    assert.deepEqual(
      scene.noted.map((line) => line.replaceAll('\n', ' ')),
      [HELD],
    )
    assert.ok(scene.noted.every((text) => text.split('\n').every((line) => line.length < 80)))
    assert.deepEqual(scene.inbox.take(), { kind: 'interrupted', signal: 'SIGINT' })
  })

  it('is told once, however often', async () => {
    scene.stop()
    await scene.aMomentLater()
    scene.stop('SIGTERM')
    await scene.aMomentLater()
    assert.equal(scene.noted.length, 1)
    assert.equal(scene.insisted, 1)
  })

  it('is told by the run alone when that takes note of it at once', async () => {
    scene.stop()
    scene.take()
    await scene.aMomentLater()
    assert.deepEqual(scene.noted, [])
  })

  it('is told what was asked for in that case', () => {
    const text = (onInterrupt: 'hold' | 'rollback' | 'finish') => acknowledgement({ onInterrupt }, null, TIMEOUT_MS)
    assert.equal(text('hold'), HELD)
    assert.match(text('rollback'), /^Interrupted: everybody is taken back as soon as the present request/)
    assert.match(text('finish'), /^Interrupted: watching ends as soon as the present request/)
    const { state } = new Story(emergency()).then({ type: 'rollback-started', cause: 'requested', reason: 'x' })
    assert.match(
      acknowledgement({ onInterrupt: 'hold' }, state, TIMEOUT_MS),
      /the rollback under way is finished first/,
    )
  })
})
