import { createWriteStream } from 'node:fs'
import { toResult } from '../contract/result.js'
import { usageError } from '../core/error.js'
import { exitCodeOf } from '../core/outcome.js'
import type { RolloutPlan, RolloutState } from '../core/rollout.js'
import { startRollout } from '../engine/run-rollout.js'
import type { Journal } from '../ports/journal.js'
import type { Sink } from '../ports/sink.js'
import { systemClock } from '../adapters/system-clock.js'
import { combineSinks } from '../render/combine-sinks.js'
import { createEventsStream } from '../render/events-stream.js'
import { adviceFor } from './advice.js'
import { audited } from './audit.js'
import type { BaseCommand } from './base-command.js'
import type { Operation } from './operation.js'
import { paced } from './pace.js'
import { listenForSignals } from './signals.js'

export interface RunOptions {
  /** Of `--events`: a file, or `-` for stdout. */
  readonly events?: string | undefined
  /** What to type next; by default it follows from how the run ended. */
  readonly advice?: (state: RolloutState) => readonly string[]
}

/** Runs a plan to its end, shows it while it runs, prints its result and sets the exit code. */
export async function runPlan(
  command: BaseCommand,
  operation: Operation,
  plan: RolloutPlan,
  { events, advice = (state) => adviceFor(state, operation.settings) }: RunOptions = {},
): Promise<RolloutState> {
  const { journal, environmentFile } = audited(operation, await openJournal(operation, plan))
  const sink = combineSinks(await openSinks(command, events), { clock: systemClock })
  const signals = listenForSignals(() => leave(operation, plan))
  let state: RolloutState
  try {
    const { server, operator } = operation
    const ports = {
      server: paced(command, server, signals, plan),
      environmentFile,
      journal,
      sink,
      interrupts: signals,
      clock: systemClock,
    }
    state = await startRollout(plan, operator, ports)
  } finally {
    signals.release()
    await sink.close()
    await journal.close()
  }
  await printResult(command, state, advice(state), events === '-')
  return state
}

/**
 * @throws WsctlError (usage) when the document of `--json` and the lines of `--events -` would mix
 */
export function checkEventsFlag(command: BaseCommand, events: string | undefined): void {
  if (events === '-' && command.json) {
    throw usageError('--events - and --json both print on stdout', 'give --events a file: --events FILE')
  }
}

/** An emergency does not wait for a disk that is full. */
async function openJournal({ runs, id }: Operation, plan: RolloutPlan): Promise<Journal> {
  try {
    return await runs.create(id)
  } catch (error) {
    if (plan.intent !== 'emergency') throw error
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

async function printResult(
  command: BaseCommand,
  state: RolloutState,
  suggestions: readonly string[],
  isStreaming: boolean,
): Promise<void> {
  if (state.phase.name === 'finished') process.exitCode = exitCodeOf(state.phase.outcome)
  const { resultText } = await import('../render/result.js')
  if (isStreaming) command.screen.stderr.write(`${resultText(state, suggestions, command.screen.err)}\n`)
  else command.print(toResult(state, suggestions), ({ out }) => resultText(state, suggestions, out))
}

/** Who insists gets out at once, told where things stand. */
function leave({ settings }: Operation, plan: RolloutPlan): never {
  const lines = [
    `Left ${plan.command} (${plan.id}) without finishing: the server stays as it is.`,
    `  where it stands:   wsctl status --server ${settings.server}`,
    `  back to legacy:    wsctl rollback emergency --server ${settings.server}`,
  ]
  process.stderr.write(`\n${lines.join('\n')}\n`)
  process.exit(exitCodeOf('held'))
}
