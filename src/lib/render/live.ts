import type { Writable } from 'node:stream'
import type { Ora } from 'ora'
import type { Check } from '../core/analysis.js'
import type { RolloutEvent } from '../core/event.js'
import type { RolloutState } from '../core/rollout.js'
import type { Clock } from '../ports/clock.js'
import type { Sink } from '../ports/sink.js'
import { describeEvent, type EventDescription } from './describe-event.js'
import { formatTimeOfDay } from './format.js'
import { LineWriter } from './line-writer.js'
import { liveView } from './live-view.js'
import { LEVEL_WORDS, type Palette } from './palette.js'
import { widthOf, wrapAndCut } from './text.js'
import { COURSE_WIDTH } from './threshold-lines.js'
import { systemTicker, type Ticker } from './ticker.js'

/** A stream onto a terminal, as `process.stderr` is when it is one. */
interface Terminal extends Writable {
  readonly columns: number
  readonly rows: number
}

export interface LiveOptions {
  readonly terminal: Terminal
  readonly palette: Palette
  /** Whether the course of each rate is drawn in ASCII. */
  readonly ascii?: boolean
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly ticker?: Ticker
}

const TICK_MS = 1000
/** Lines that one event may take above the view before it is cut; the whole is in the journal. */
const LINES_PER_EVENT = 3
/** Columns that time and level take before a sentence. */
const PREFIX_COLUMNS = 15
/** Columns of ora's own symbol before the first line. */
const SYMBOL_COLUMNS = 2
/** Columns for a sentence, however narrow the terminal is. */
const NARROWEST = 20
/** For a console without a size. */
const DEFAULT_COLUMNS = 80
/** Events shown again on a fresh screen. */
const EVENTS_KEPT = 10
/** Most terminals move what they showed into their scrollback; then the cursor goes home. */
const CLEAR_SCREEN = '\u001B[2J\u001B[H'

/**
 * The view for a terminal: what is worth keeping scrolls by above, the present state stands below
 * and is drawn anew each second.
 */
export async function createLiveSink(options: LiveOptions): Promise<Sink> {
  const { default: ora } = await import('ora')
  const spinner = ora({
    stream: options.terminal,
    isEnabled: true,
    color: false,
    interval: TICK_MS,
    // Raw mode would take Ctrl-C away from the command's own signal handling.
    discardStdin: false,
  })
  return new LiveSink(spinner, options)
}

class LiveSink implements Sink {
  private readonly writer: LineWriter
  private state: RolloutState | null = null
  private drawn: readonly string[] = []
  /** The last checks, oldest first. */
  private course: readonly Check[] = []
  /** For a screen that has to be begun afresh, oldest first. */
  private kept: readonly KeptEvent[] = []
  private readonly stopTicking: () => void

  constructor(
    private readonly spinner: Ora,
    private readonly options: LiveOptions,
  ) {
    this.writer = new LineWriter(options.terminal)
    this.stopTicking = (options.ticker ?? systemTicker)(TICK_MS, this.redraw)
    options.terminal.on('resize', this.onResize)
  }

  notify(event: RolloutEvent, state: RolloutState): void {
    this.state = state
    if (event.type === 'checked') this.course = [...this.course, event.check].slice(-COURSE_WIDTH)
    // The view is brought up to date first: writing above it draws it again.
    this.draw()
    if (!isRoutine(event)) this.keep(event, state)
  }

  close(): void {
    this.stopTicking()
    this.options.terminal.off('resize', this.onResize)
    this.state = null
    this.spinner.stop()
  }

  private readonly redraw = (): void => {
    try {
      this.draw()
    } catch {
      // Called by a timer, where throwing would end the process and with it the rollout.
      this.close()
    }
  }

  /**
   * A narrower terminal breaks drawn lines in two, each terminal in its own way and before the
   * process hears of it: where they are is no longer known, so the screen is begun afresh.
   */
  private readonly onResize = (): void => {
    const { terminal } = this.options
    const isBroken =
      this.spinner.isSpinning && terminal.columns > 0 && this.drawn.some((line) => widthOf(line) > terminal.columns)
    if (!isBroken) {
      this.redraw()
      return
    }
    this.compose()
    // Ora draws its text again behind what is written here.
    this.writer.write(CLEAR_SCREEN + this.kept.map((kept) => this.layOut(kept)).join('\n'))
  }

  private draw(): void {
    if (this.state === null) return
    // Some consoles have no size (yet); ora would divide by it.
    if (!(this.options.terminal.columns > 0)) {
      this.spinner.stop()
      return
    }
    this.compose()
    if (this.spinner.isSpinning) this.spinner.render()
    else this.spinner.start()
  }

  private compose(): void {
    if (this.state === null) return
    const { terminal, palette, ascii = false, clock } = this.options
    const layout = { palette, ascii, width: terminal.columns - 1 }
    const lines = liveView(this.state, clock.monotonicMs(), layout, this.course)
    const fitting = terminal.rows > 1 ? lines.slice(0, terminal.rows - 1) : lines
    this.drawn = fitting.map((line, index) => (index === 0 ? ' '.repeat(SYMBOL_COLUMNS) + line : line))
    this.spinner.text = fitting.join('\n')
  }

  private keep(event: RolloutEvent, state: RolloutState): void {
    const description = describeEvent(event, state)
    if (description === null) return
    const kept = { time: event.time, ...description }
    this.kept = [...this.kept, kept].slice(-EVENTS_KEPT)
    this.writer.write(this.layOut(kept))
  }

  private layOut({ time, level, text }: KeptEvent): string {
    const { palette, terminal } = this.options
    const room = Math.max(NARROWEST, (terminal.columns || DEFAULT_COLUMNS) - 1 - PREFIX_COLUMNS)
    const prefix = `${palette.dim(formatTimeOfDay(time))} ${palette[level](LEVEL_WORDS[level])} `
    return prefix + wrapAndCut(text, room, LINES_PER_EVENT).join(`\n${' '.repeat(PREFIX_COLUMNS)}`)
  }
}

interface KeptEvent extends EventDescription {
  /** ISO 8601. */
  readonly time: string
}

/** What the view itself or the closing text shows; a line each would bury the lines that matter. */
function isRoutine(event: RolloutEvent): boolean {
  if (event.type === 'finished') return true
  return event.type === 'checked' && (event.check.verdict === 'pass' || event.check.verdict === 'inconclusive')
}
