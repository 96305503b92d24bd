import type { Writable } from 'node:stream'
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
      const description = describeEvent(event, state)
      if (description === null) return
      const { level, text } = description
      writer.write(`${formatInstant(event.time)} ${palette[level](LEVEL_WORDS[level])} ${text}`)
    },
    close: () => writer.flush(),
  }
}
