import type { Writable } from 'node:stream'
import type { RolloutEvent } from '../core/event.js'
import type { RolloutState } from '../core/rollout.js'
import type { Sink } from '../ports/sink.js'
import { describeEvent } from './describe-event.js'
import { formatInstant } from './format.js'
import { LineWriter } from './line-writer.js'
import { LEVEL_WORDS, type Palette } from './palette.js'

/**
 * One line an event: time, level, sentence. For pipes, CI and dumb terminals: nothing is cut, and
 * without colours there is no control character but the line's end.
 */
export function createPlainSink(stream: Writable, palette: Palette): Sink {
  const writer = new LineWriter(stream)
  return {
    notify: (event, state) => {
      const line = plainLine(event, state, palette)
      if (line !== null) writer.write(line)
    },
    close: () => writer.flush(),
  }
}

/**
 * The line for an event; null for one that brings nothing to know.
 *
 * @param state the run after the event
 */
export function plainLine(event: RolloutEvent, state: RolloutState, palette: Palette): string | null {
  const description = describeEvent(event, state)
  if (description === null) return null
  const { level, text } = description
  return `${formatInstant(event.time)} ${palette[level](LEVEL_WORDS[level])} ${text}`
}
