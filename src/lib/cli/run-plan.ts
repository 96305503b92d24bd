import { accessSync, constants, createWriteStream, existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { toResult } from '../contract/result.js'
import { usageError } from '../core/error.js'
import { exitCodeOf } from '../core/outcome.js'
import { needsJournal, type RolloutPlan, type RolloutState } from '../core/rollout.js'
import { startRollout } from '../engine/run-rollout.js'
import type { Journal } from '../ports/journal.js'
import type { Sink } from '../ports/sink.js'
import { systemClock } from '../adapters/system-clock.js'
import { combineSinks } from '../render/combine-sinks.js'
import { createEventsStream } from '../render/events-stream.js'
import { adviceFor, adviceOnLeaving } from './advice.js'
import type { BaseCommand } from './base-command.js'
import type { Operation } from './operation.js'
import { listenForSignals } from './signals.js'

export interface RunOptions {
  /** Of `--events`: a file, or `-` for stdout. */
  readonly events?: string | undefined
  /** What was found before the run: told already, but for the document of the result. */
  readonly warnings?: readonly string[]
  /** What to type next; by default it follows from how the run ended. */
  readonly advice?: (state: RolloutState) => readonly string[]
}

/** Runs a plan to its end, shows it while it runs, prints its result and sets the exit code. */
export async function runPlan(
  command: BaseCommand,
  operation: Operation,
  plan: RolloutPlan,
  { events, warnings = [], advice = (state) => adviceFor(state, operation.settings) }: RunOptions = {},
): Promise<RolloutState> {
  const journal = await openJournal(operation, plan)
  const sink = combineSinks(await openSinks(command, events), { clock: systemClock })
  const signals = listenForSignals(() => leave(operation, plan))
  let state: RolloutState
  try {
    const { server, environmentFile, operator } = operation
    const ports = { server, environmentFile, journal, sink, interrupts: signals, clock: systemClock }
    state = await startRollout(plan, operator, ports)
  } finally {
    signals.release()
    await sink.close()
    await journal.close()
  }
  await printResult(command, state, { suggestions: advice(state), warnings, isStreaming: events === '-' })
  return state
}

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

/** A run that goes down, or only looks, does not wait for a disk that is full. */
async function openJournal({ runs, id }: Operation, plan: RolloutPlan): Promise<Journal> {
  try {
    return await runs.create(id)
  } catch (error) {
    if (needsJournal(plan)) throw error
    return {
      append: () => Promise.reject(error instanceof Error ? error : new Error(String(error))),
      close: () => Promise.resolve(),
    }
  }
}

async function openSinks({ screen }: BaseCommand, events: string | undefined): Promise<readonly Sink[]> {
  const sinks: Sink[] = []
  if (screen.live) {
    const { createLiveSink } = await import('../render/live.js')
    const terminal = Object.assign(screen.stderr, { columns: screen.stderr.columns ?? 80, rows: process.stderr.rows })
    sinks.push(await createLiveSink({ terminal, palette: screen.err.palette, clock: systemClock }))
  } else {
    const { createPlainSink } = await import('../render/plain.js')
    sinks.push(createPlainSink(screen.stderr, screen.err.palette))
  }
  if (events === '-') sinks.push(createEventsStream(screen.stdout, { endStream: false }))
  else if (events !== undefined)
    sinks.push(createEventsStream(createWriteStream(events, { flags: 'a' }), { endStream: true }))
  return sinks
}

interface Closing {
  readonly suggestions: readonly string[]
  /** Besides those of the run itself. */
  readonly warnings: readonly string[]
  /** Whether stdout belongs to the stream of events. */
  readonly isStreaming: boolean
}

async function printResult(
  command: BaseCommand,
  state: RolloutState,
  { suggestions, warnings, isStreaming }: Closing,
): Promise<void> {
  if (state.phase.name === 'finished') process.exitCode = exitCodeOf(state.phase.outcome)
  const { resultText } = await import('../render/result.js')
  if (isStreaming) command.screen.stderr.write(`${resultText(state, suggestions, command.screen.err)}\n`)
  else {
    const result = toResult(state, suggestions)
    const document = { ...result, warnings: [...warnings, ...result.warnings] }
    command.print(document, ({ out }) => resultText(state, suggestions, out))
  }
}

/** Who insists gets out at once, told where things stand. */
function leave({ settings }: Operation, plan: RolloutPlan): never {
  const lines = [
    `Left ${plan.command} (${plan.id}) without finishing: the server stays as it is.`,
    ...adviceOnLeaving(settings).map((line) => `  ${line}`),
  ]
  process.stderr.write(`\n${lines.join('\n')}\n`)
  process.exit(exitCodeOf('held'))
}
