import { accessSync, constants, createWriteStream, existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { Fifo } from '../adapters/fifo.js'
import { systemClock } from '../adapters/system-clock.js'
import { usageError } from '../core/error.js'
import type { EventOf } from '../core/event.js'
import { begin } from '../core/evolve.js'
import type { Clock } from '../ports/clock.js'
import type { Sink } from '../ports/sink.js'
import { createEventsStream } from '../render/events-stream.js'
import type { BaseCommand } from './base-command.js'
import { within } from './output.js'
import { openPipelineSink } from './pipeline.js'
import type { RunOptions } from './run-plan.js'

/**
 * Checks `--events` before anything is sent, because a stream that fails later is only dropped.
 *
 * @throws WsctlError (usage) when the document of `--json` and the lines of `--events -` would mix, or
 *   there is no such file to write
 */
export function checkEventsFlag(command: BaseCommand, events: string | undefined): void {
  if (events === undefined) return
  if (events === '-') {
    if (!command.json) return
    throw usageError('--events - and --json both print on stdout', 'give --events a file: --events FILE')
  }
  try {
    const isThere = existsSync(events)
    if (isThere && statSync(events).isDirectory()) throw new Error('it is a folder')
    accessSync(isThere ? events : dirname(events), constants.W_OK)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw usageError(`--events ${events}: the file cannot be written (${reason})`, 'name another: --events FILE')
  }
}

/**
 * What shows a run: a live view on a terminal, else a line an event.
 *
 * @param clock the monotonic clock of the process that runs it
 */
export async function openView({ screen }: BaseCommand, clock: Pick<Clock, 'monotonicMs'>): Promise<Sink> {
  if (!screen.live) {
    const { createPlainSink } = await import('../render/plain.js')
    return createPlainSink(screen.stderr, screen.err.palette)
  }
  const { createLiveSink } = await import('../render/live.js')
  const terminal = Object.assign(screen.stderr, { columns: screen.stderr.columns ?? 80, rows: process.stderr.rows })
  const { palette, ascii = false } = screen.err
  return createLiveSink({ terminal, palette, ascii, clock })
}

/** Everything that shows a run of this process: the form of a pipeline where one runs it, and the stream of events. */
export async function openSinks(
  command: BaseCommand,
  { events, warnings = [] }: Pick<RunOptions, 'events' | 'warnings'>,
): Promise<readonly Sink[]> {
  const { screen, variables } = command
  const pipelineSink = await openPipelineSink(variables, screen, warnings)
  const sinks = [pipelineSink ?? (await openView(command, systemClock))]
  if (events === '-') sinks.push(createEventsStream(screen.stdout, { endStream: false }))
  else if (events !== undefined) sinks.push(openEventsFile(events, command))
  return sinks
}

/** How long the end of a run waits for its events to be written, ms: less than for all that shows it. */
const WRITE_WITHIN_MS = 3000

function openEventsFile(path: string, command: BaseCommand): Sink {
  const stream = isFifo(path) ? new Fifo(path) : createWriteStream(path, { flags: 'a' })
  const sink = createEventsStream(stream, { endStream: true })
  return {
    ...sink,
    close: async () => {
      if (await within(WRITE_WITHIN_MS, Promise.resolve(sink.close()))) return
      stream.destroy()
      command.note(`Warning: not all of the events could be written to ${path}: its reader does not read`)
    },
  }
}

function isFifo(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFIFO() ?? false
}

/** The beginning of a run that goes to the background, where another process streams what comes after it. */
export async function streamStart(
  command: BaseCommand,
  started: EventOf<'started'>,
  events: string | undefined,
): Promise<void> {
  if (events === undefined) return
  const stream = openEventsFile(events, command)
  stream.notify(started, begin(started))
  await stream.close()
}
