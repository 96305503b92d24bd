import type { Writable } from 'node:stream'
import { encodeEvent } from '../contract/event.js'
import type { Sink } from '../ports/sink.js'
import { LineWriter } from './line-writer.js'

/**
 * Streams each event as one JSON object per line, as it is journaled.
 *
 * @param options.endStream true for a file that was opened for this run, false for stdout
 */
export function createEventsStream(stream: Writable, options: { readonly endStream: boolean }): Sink {
  const writer = new LineWriter(stream)
  return {
    notify: (event, state) => writer.write(encodeEvent(event, state.plan.id)),
    close: () => (options.endStream ? writer.end() : writer.flush()),
  }
}
