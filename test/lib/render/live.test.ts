import assert from 'node:assert/strict'
import { stripVTControlCharacters } from 'node:util'
import type { EventBody } from '../../../src/lib/core/event.js'
import { createLiveSink } from '../../../src/lib/render/live.js'
import { createPalette } from '../../../src/lib/render/palette.js'
import type { Sink } from '../../../src/lib/ports/sink.js'
import { FakeTerminal, FakeTicker, HOSTILE, serverStatus, Story, type Told } from '../../support/events.js'
import { FakeClock } from '../../support/fakes.js'
import { gradual } from '../../support/rollouts.js'

const STEP: readonly EventBody[] = [
  { type: 'step-started', step: 0, percentage: 5, again: false },
  { type: 'step-applied', step: 0, percentage: 5, status: serverStatus({ mode: 'gradual', percentage: 5 }) },
]
const SHOW_CURSOR = '\u001B[?25h'
const HIDE_CURSOR = '\u001B[?25l'
const CLEAR_SCREEN = '\u001B[2J\u001B[H'

interface Stage {
  readonly terminal: FakeTerminal
  readonly ticker: FakeTicker
  readonly clock: FakeClock
  readonly sink: Sink
  readonly tell: (told: readonly Told[]) => void
}

async function withLiveView(terminal: FakeTerminal, act: (stage: Stage) => void, colour = false): Promise<void> {
  const [ticker, clock] = [new FakeTicker(), new FakeClock()]
  const sink = await createLiveSink({ terminal, palette: createPalette(colour), clock, ticker: ticker.start })
  const tell = (told: readonly Told[]): void => told.forEach(({ event, state }) => sink.notify(event, state))
  try {
    act({ terminal, ticker, clock, sink, tell })
  } finally {
    await sink.close()
  }
}

describe('live terminal', () => {
  it('keeps what matters as lines above the view', async () => {
    await withLiveView(new FakeTerminal(), ({ terminal, tell }) => {
      tell(new Story(gradual()).then(...STEP).told)
      const text = stripVTControlCharacters(terminal.takeText())
      assert.match(text, /09:00:02Z info step 1 of 4: the server shows gradual 5 %, observing for 5m\n/)
      assert.match(text, /step 1 of 4, gradual 5 %: observing, 5m left of 5m/)
    })
  })

  it('lets the time run between two events', async () => {
    await withLiveView(new FakeTerminal(), ({ terminal, tell, clock, ticker }) => {
      tell(new Story(gradual()).then(...STEP).told)
      terminal.takeText()
      clock.pass(5000)
      ticker.tick()
      assert.match(terminal.takeText(), /4m 57s left of 5m/)
    })
  })

  it('hides the cursor while it draws, gives it back at the end and ticks no more', async () => {
    const terminal = new FakeTerminal()
    await withLiveView(terminal, ({ sink, tell, ticker }) => {
      tell(new Story(gradual()).then(...STEP).told)
      assert.ok(terminal.takeText().includes(HIDE_CURSOR))
      void sink.close()
      assert.equal(ticker.isTicking, false)
      assert.ok(terminal.takeText().includes(SHOW_CURSOR))
      assert.equal(terminal.listenerCount('resize'), 0)
    })
  })

  it('begins the screen afresh, with the lines that matter, when the terminal gets too narrow', async () => {
    await withLiveView(new FakeTerminal(), ({ terminal, tell }) => {
      tell(new Story(gradual()).then(...STEP).told)
      terminal.takeText()
      terminal.resize(40)
      const text = terminal.takeText()
      assert.ok(text.includes(CLEAR_SCREEN))
      const lines = stripVTControlCharacters(text.slice(text.indexOf(CLEAR_SCREEN))).split('\n')
      assert.ok(lines.some((line) => line.startsWith('09:00:02Z info step 1 of 4')))
      assert.deepEqual(
        lines.filter((line) => line.length > 40),
        [],
      )
    })
  })

  it('does not clear the screen when the terminal gets wider', async () => {
    await withLiveView(new FakeTerminal(), ({ terminal, tell }) => {
      tell(new Story(gradual()).then(...STEP).told)
      terminal.takeText()
      terminal.resize(120)
      assert.equal(terminal.takeText().includes(CLEAR_SCREEN), false)
    })
  })

  it('survives a console without a size, and draws once it has one', async () => {
    await withLiveView(new FakeTerminal(0, 0), ({ terminal, tell }) => {
      tell(new Story(gradual()).then(...STEP).told)
      assert.doesNotMatch(terminal.takeText(), /left of/)
      terminal.resize(80)
      assert.match(terminal.takeText(), /left of 5m/)
      terminal.resize(0)
      assert.ok(terminal.takeText().includes(SHOW_CURSOR))
    })
  })

  it('cuts the view to the height of the terminal', async () => {
    await withLiveView(new FakeTerminal(80, 5), ({ terminal, tell }) => {
      tell(new Story(gradual()).then(...STEP).told)
      const text = terminal.takeText()
      assert.match(text, /left of 5m/)
      assert.doesNotMatch(text, /open now|truncated/)
    })
  })

  it('lets nothing of a hostile server reach the terminal', async () => {
    await withLiveView(new FakeTerminal(), ({ terminal, tell }) => {
      tell(new Story(gradual()).then(...STEP, { type: 'breached', step: 0, reason: HOSTILE }).told)
      const text = terminal.takeText()
      for (const attack of ['\u001B[2A\u001B]', '\u0007', '\u009B', '\u202E', '\u0008', 'owned'])
        assert.equal(text.includes(attack), false)
    })
  })

  it('uses no colour without colours', async () => {
    for (const colour of [true, false]) {
      await withLiveView(
        new FakeTerminal(),
        ({ terminal, tell }) => {
          tell(new Story(gradual()).then(...STEP).told)
          assert.equal(/\u001B\[[\d;]*m/.test(terminal.takeText()), colour)
        },
        colour,
      )
    }
  })

  it('goes on when the terminal was closed', async () => {
    await withLiveView(new FakeTerminal(), ({ terminal, tell, ticker }) => {
      const story = new Story(gradual()).then(...STEP)
      tell(story.told)
      terminal.destroy(Object.assign(new Error('write EIO'), { code: 'EIO' }))
      tell(story.told)
      ticker.tick()
      assert.equal(terminal.destroyed, true)
    })
  })
})
