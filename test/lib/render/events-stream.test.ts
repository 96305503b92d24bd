import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { createEventsStream } from '../../../src/lib/render/events-stream.js'
import { Paper, recordedRun, Story } from '../../support/events.js'
import { gradual, Scene } from '../../support/rollouts.js'

describe('event stream', () => {
  it('writes every event of a run as one JSON object a line, with schema and run', async () => {
    const told = await recordedRun(new Scene(), gradual())
    const paper = new Paper()
    const sink = createEventsStream(paper, { endStream: true })
    for (const { event, state } of told) sink.notify(event, state)
    await sink.close()
    const written = paper.lines.map((line) => JSON.parse(line) as unknown)
    assert.deepEqual(
      written,
      told.map(({ event }) => ({ schema: 'wsctl/event@1', rolloutId: 'test-run', ...event })),
    )
  })

  it('ends a file of its own, and leaves stdout open', async () => {
    const [file, stdout] = [new Paper(), new Paper()]
    await createEventsStream(file, { endStream: true }).close()
    await createEventsStream(stdout, { endStream: false }).close()
    assert.equal(file.writableEnded, true)
    assert.equal(stdout.writableEnded, false)
  })

  it('neither throws nor waits when the disk is full or the reader has left', async () => {
    const full = new Writable({ write: (_chunk, _encoding, callback) => callback(new Error('ENOSPC')) })
    const sink = createEventsStream(full, { endStream: true })
    const { event, state } = new Story(gradual()).last
    sink.notify(event, state)
    sink.notify(event, state)
    await sink.close()
    sink.notify(event, state)
    assert.equal(full.destroyed, true)
  })
})
