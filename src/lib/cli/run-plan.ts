import { accessSync, constants, createWriteStream, existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { toResult } from '../contract/result.js'
import { usageError } from '../core/error.js'
import type { EventOf } from '../core/event.js'
import { begin } from '../core/evolve.js'
import { exitCodeOf } from '../core/outcome.js'
import {
  needsJournal,
  type CrashPolicy,
  type ResumePolicy,
  type RolloutPlan,
  type RolloutState,
} from '../core/rollout.js'
import { resumeRollout, startRollout, type RolloutPorts } from '../engine/run-rollout.js'
import type { Journal } from '../ports/journal.js'
import type { Sink } from '../ports/sink.js'
import type { Parting } from '../adapters/server-locks.js'
import { systemClock } from '../adapters/system-clock.js'
import type { Watchdog } from '../adapters/watchdog.js'
import { combineSinks } from '../render/combine-sinks.js'
import { createEventsStream } from '../render/events-stream.js'
import { adviceFor } from './advice.js'
import { audited } from './audit.js'
import type { BaseCommand } from './base-command.js'
import { claimServer, fenced } from './claim-server.js'
import { detach, detachedText, recordStart } from './detach.js'
import { guard } from './guard.js'
import { leaveRun } from './leave-run.js'
import { finishedError } from './left-runs.js'
import type { Equipment } from './operation.js'
import { paced } from './pace.js'
import { listenForSignals } from './signals.js'

export interface RunOptions {
  /** Of `--events`: a file, or `-` for stdout. */
  readonly events?: string | undefined
  /** What was found before the run: told already, but for the document of the result. */
  readonly warnings?: readonly string[]
  /** What becomes of the run when its process dies; undefined: it is only left. */
  readonly 'on-crash'?: CrashPolicy | undefined
  /** Whether a process in the background is to run it. */
  readonly detach?: boolean | undefined
  /** Whether this is that process. */
  readonly detached?: boolean | undefined
  /** What to type next; by default it follows from how the run ended. */
  readonly advice?: (state: RolloutState) => readonly string[]
}

/**
 * Runs a plan to its end, shows it while it runs, prints its result and sets the exit code.
 *
 * @throws WsctlError `locked` (exit 13) when another run is at work on the server
 */
export async function runPlan(
  command: BaseCommand,
  operation: Equipment,
  made: RolloutPlan,
  options: RunOptions = {},
): Promise<void> {
  const plan: RolloutPlan = { ...made, onCrash: options['on-crash'] ?? null }
  if (options.detach === true) {
    await streamStart(await recordStart(operation, plan), options.events)
    return goOnInBackground(command, operation, plan, options)
  }
  return conduct(command, operation, plan, options, async () => ({
    journal: await openJournal(operation, plan),
    left: null,
    run: (ports) => startRollout(plan, operation.operator, ports),
  }))
}

/**
 * As `runPlan`, for a run that was left: it goes on where its journal ends.
 *
 * @throws WsctlError `locked` when a process is still at work on it, `finished` when it ended meanwhile
 */
export async function resumePlan(
  command: BaseCommand,
  equipment: Equipment,
  plan: RolloutPlan,
  policy: ResumePolicy,
  options: RunOptions,
): Promise<void> {
  if (options.detach === true) return goOnInBackground(command, equipment, plan, options)
  const { id, operator, runs, settings } = equipment
  return conduct(command, equipment, plan, options, async () => {
    const { journal, state } = await runs.reopen(id)
    if (state.phase.name === 'finished') {
      await journal.close()
      throw finishedError(settings, plan)
    }
    return { journal, left: state, run: (ports) => resumeRollout(state, { operator, policy }, ports) }
  })
}

/** A run that is about to begin, or to go on. */
interface Opened {
  readonly journal: Journal
  /** As its journal tells it; null when it is about to begin. */
  readonly left: RolloutState | null
  readonly run: (ports: RolloutPorts) => Promise<RolloutState>
}

/** Claims the server, opens the run, and keeps the claim until the run has come to its end. */
async function conduct(
  command: BaseCommand,
  equipment: Equipment,
  plan: RolloutPlan,
  options: RunOptions,
  open: () => Promise<Opened>,
): Promise<void> {
  const lock = await claimServer(equipment, plan)
  let parting: Parting = 'ended'
  let watchdog: Watchdog | null = null
  let state: RolloutState
  try {
    watchdog = await guard(equipment, plan, options['on-crash'])
    const { left, run, ...opened } = await open()
    const { journal, environmentFile } = audited(equipment, opened.journal, left)
    parting = 'left'
    let latest: RolloutState | null = null
    const follower: Sink = { notify: (_, next) => void (latest = next), close: () => undefined }
    const sinks = [follower, ...(await openSinks(command, options.events))]
    const sink = combineSinks(sinks, { clock: systemClock })
    const ignoreHangup = options.detached ?? false
    const signals = listenForSignals(() => leaveRun(equipment, plan, latest, watchdog), { ignoreHangup })
    try {
      const server = paced(command, equipment.server, signals, plan)
      const ports = { server, environmentFile, sink, interrupts: signals, clock: systemClock }
      state = await run({ ...ports, journal: fenced(journal, lock) })
      parting = partingOf(state)
    } finally {
      signals.release()
      await sink.close()
      await journal.close()
    }
  } finally {
    if (parting !== 'left') watchdog?.dismiss()
    // What a claim that stays behind costs is a note; what an error here would cost is the result.
    await lock.release(parting).catch(() => undefined)
  }
  await printEnd(command, equipment, state, options)
}

/** Prints the result and sets the exit code. Where stdout belongs to the stream of events, the text goes to stderr. */
async function printEnd(
  command: BaseCommand,
  { settings }: Equipment,
  state: RolloutState,
  { events, warnings = [], advice = (ended) => adviceFor(ended, settings) }: RunOptions,
): Promise<void> {
  if (state.phase.name === 'finished') process.exitCode = exitCodeOf(state.phase.outcome)
  const suggestions = advice(state)
  const { resultText } = await import('../render/result.js')
  if (events === '-') {
    command.screen.stderr.write(`${resultText(state, suggestions, command.screen.err)}\n`)
    return
  }
  const result = toResult(state, suggestions)
  const document = { ...result, warnings: [...warnings, ...result.warnings] }
  command.print(document, ({ out }) => resultText(state, suggestions, out))
}

/** Hands a run over to a process in the background, and tells how to follow it. */
async function goOnInBackground(
  command: BaseCommand,
  equipment: Equipment,
  plan: RolloutPlan,
  options: RunOptions,
): Promise<void> {
  const { events, 'on-crash': onCrash } = options
  const flags = [...(onCrash ? [`--on-crash=${onCrash}`] : []), ...(events === undefined ? [] : [`--events=${events}`])]
  const document = await detach(equipment, plan, flags)
  if (document) {
    command.print(document, () => detachedText(document, equipment))
    return
  }
  const state = await equipment.runs.state(plan.id)
  if (state) await printEnd(command, equipment, state, options)
}

/** A run that brought the server where it wanted, or back to safety, leaves nothing to take up of older ones. */
function partingOf({ phase, plan }: RolloutState): Parting {
  if (phase.name !== 'finished') return 'left'
  const isSettled = phase.outcome === 'rolled-back' || (phase.outcome === 'completed' && plan.intent !== 'watch')
  return isSettled ? 'settled' : 'ended'
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
async function openJournal({ runs, id }: Equipment, plan: RolloutPlan): Promise<Journal> {
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
  else if (events !== undefined) sinks.push(openEventsFile(events))
  return sinks
}

function openEventsFile(path: string): Sink {
  return createEventsStream(createWriteStream(path, { flags: 'a' }), { endStream: true })
}

/** The process in the background streams what comes after the beginning. */
async function streamStart(started: EventOf<'started'>, events: string | undefined): Promise<void> {
  if (events === undefined) return
  const stream = openEventsFile(events)
  stream.notify(started, begin(started))
  await stream.close()
}
