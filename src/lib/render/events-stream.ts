import type { Writable } from 'node:stream'
import type { Sink } from '../ports/sink.js'
import { LineWriter } from './line-writer.js'

/** The `schema` field of each line of `--events`. */
export const EVENT_SCHEMA = 'wsctl/event@1'

/**
 * Streams each event as one JSON object per line, as it is journaled.
 *
 * @param options.endStream true for a file that was opened for this run, false for stdout
 */
export function createEventsStream(stream: Writable, options: { readonly endStream: boolean }): Sink {
  const writer = new LineWriter(stream)
  return {
    notify: (event, state) => writer.write(JSON.stringify({ schema: EVENT_SCHEMA, rolloutId: state.plan.id, ...event })),
    close: () => (options.endStream ? writer.end() : writer.flush()),
  }
}
