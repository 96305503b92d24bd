import { toResult } from '../contract/result.js'
import { exitCodeOf } from '../core/outcome.js'
import {
  needsJournal,
  type CrashPolicy,
  type ResumePolicy,
  type RolloutPlan,
  type RolloutState,
} from '../core/rollout.js'
import type { NoticeDelivery } from '../engine/deliver-notices.js'
import { resumeRollout, startRollout, type RolloutPorts } from '../engine/run-rollout.js'
import type { Journal } from '../ports/journal.js'
import type { Sink } from '../ports/sink.js'
import type { Parting } from '../ports/state-store.js'
import { AskingGatekeeper } from '../adapters/asking-gatekeeper.js'
import { FencedServer } from '../adapters/fenced-server.js'
import { Mailbox } from '../adapters/mailbox.js'
import { diskPatience, PatientJournal } from '../adapters/patience.js'
import { systemClock } from '../adapters/system-clock.js'
import type { Watchdog } from '../adapters/watchdog.js'
import { combineSinks } from '../render/combine-sinks.js'
import { adviceFor } from './advice.js'
import { audited } from './audit.js'
import type { BaseCommand } from './base-command.js'
import { adviceOnAuthor, withChangeAuthor } from './change-author.js'
import { claimServer, fenced } from './claim-server.js'
import { knownOfFleet } from './joining-servers.js'
import { finishDelivery, keepNotices, openDelivery } from './deliver.js'
import { detach, detachedText, recordStart } from './detach.js'
import { guard } from './guard.js'
import { hearInterrupts } from './interrupts.js'
import { leaveRun } from './leave-run.js'
import { finishedError } from './left-runs.js'
import type { Equipment } from './operation.js'
import { receiveOrders } from './orders.js'
import { endOnTime } from './output.js'
import { paced } from './pace.js'
import { tellPipeline } from './pipeline.js'
import { openSinks, streamStart } from './run-sinks.js'
import { confirmChange } from './protection.js'
import { describeSettled } from './settling.js'

export interface RunOptions {
  /** Of `--events`: a file, or `-` for stdout. */
  readonly events?: string | undefined
  /** What was found before the run: told already, but for the document of the result. */
  readonly warnings?: readonly string[]
  /** What becomes of the run when its process dies; undefined: it is only left. */
  readonly 'on-crash'?: CrashPolicy | undefined
  /** Whether it was settled that a change to what a context protects is meant. */
  readonly yes?: boolean | undefined
  /** Whether a process in the background is to run it. */
  readonly detach?: boolean | undefined
  /** Whether this is that process. */
  readonly detached?: boolean | undefined
  /** Whether nothing is to be written, only shown. */
  readonly 'dry-run'?: boolean | undefined
  /** What to type next; by default it follows from how the run ended. */
  readonly advice?: (state: RolloutState) => readonly string[]
}

/**
 * Runs a plan to its end, shows it while it runs, prints its result and sets the exit code. A dry run is over once
 * it was shown.
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
  if (options['dry-run'] === true) {
    const { printDryRun } = await import('./dry-run.js')
    return printDryRun(command, operation, plan, options.warnings)
  }
  await confirmRun(command, plan, options)
  endOnTime()
  if (options.detach === true) {
    await streamStart(command, await recordStart(operation, plan), options.events)
    return goOnInBackground(command, operation, plan, options)
  }
  return conduct(command, operation, { plan, policy: 'continue' }, options, async () => ({
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
  await confirmRun(command, plan, options)
  endOnTime()
  if (options.detach === true) return goOnInBackground(command, equipment, plan, options)
  const { id, operator, runs, settings } = equipment
  const successor = { operator, policy, ...(options.detached === true && { backgroundPid: process.pid }) }
  return conduct(command, equipment, { plan, policy }, options, async () => {
    const { journal, state } = await runs.reopen(id)
    if (state.phase.name === 'finished') {
      await journal.close()
      throw finishedError(settings, plan)
    }
    return { journal, left: state, run: (ports) => resumeRollout(state, successor, ports) }
  })
}

/** An emergency asks nobody, and who only watches changes nothing that was not going wrong. */
async function confirmRun(command: BaseCommand, plan: RolloutPlan, { yes = false }: RunOptions): Promise<void> {
  const { intent, server, environmentFile } = plan
  if (intent === 'emergency' || intent === 'watch') return
  const sentence = `${command.typed} is about to change ${server}`
  await confirmChange(command, { server, environmentFile, sentence }, yes)
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
  { plan, policy }: { readonly plan: RolloutPlan; readonly policy: ResumePolicy },
  options: RunOptions,
  open: () => Promise<Opened>,
): Promise<void> {
  const lock = await claimServer(equipment, plan, policy)
  let parting: Parting = 'ended'
  let watchdog: Watchdog | null = null
  let delivery: NoticeDelivery | null = null
  const warnings: string[] = []
  const warn = (warning: string): void => {
    warnings.push(warning)
    command.note(`Warning: ${warning}`)
  }
  let state: RolloutState
  try {
    watchdog = await guard(equipment, plan, options['on-crash'], warn)
    const { left, run, ...opened } = await open()
    const { journal, environmentFile } = audited(equipment, opened.journal, left)
    parting = 'left'
    // Not waited for: a disk that is slow holds up no emergency.
    void keepNotices(equipment)
    delivery = await openDelivery(equipment, left)
    const follower: Sink = { notify: (event, next) => delivery?.take(event, next), close: () => undefined }
    const shown = await openSinks(command, options)
    const inbox = new Mailbox()
    const interrupts = hearInterrupts(command, plan, {
      inbox,
      timeoutMs: equipment.settings.timeoutMs,
      onInsist: (latest) => leaveRun(equipment, plan, latest, watchdog),
      ignoreHangup: options.detached ?? false,
    })
    const sinks = [follower, interrupts.sink, ...shown, ...(equipment.metrics ? [equipment.metrics] : [])]
    const sink = combineSinks(sinks, { clock: systemClock })
    const stopOrders = await receiveOrders(equipment, inbox)
    try {
      const known = knownOfFleet(plan, left, { lock, inbox, warn })
      const server = new FencedServer(await paced(command, equipment.server, inbox, plan, known), lock)
      const gatekeeper = new AskingGatekeeper((answer) => inbox.post(answer), equipment.settings.token?.value?.trim())
      const ports = { server, environmentFile, sink, inbox, gatekeeper, clock: systemClock }
      state = await run({ ...ports, journal: new PatientJournal(fenced(journal, lock)) })
      parting = partingOf(state)
    } finally {
      interrupts.release()
      await stopOrders()
      await sink.close()
      await journal.close()
    }
  } finally {
    if (parting !== 'left') watchdog?.dismiss()
    // What a claim that stays behind costs is a note; what an error here would cost is the result.
    const settling = lock.release(parting).then((settled) => describeSettled(equipment.runs, settled))
    const settled = await diskPatience.wait(settling, 'the folder of the locks').catch(() => [])
    for (const line of settled) {
      warnings.push(line)
      command.note(`Note: ${line}`)
    }
    if (delivery) (await finishDelivery(command, delivery)).forEach(warn)
  }
  await printEnd(command, equipment, state, { ...options, warnings: [...(options.warnings ?? []), ...warnings] })
}

/** Prints the result and sets the exit code. Where stdout belongs to the stream of events, the text goes to stderr. */
async function printEnd(
  command: BaseCommand,
  { settings }: Equipment,
  ended: RolloutState,
  { events, warnings = [], advice = (state) => adviceFor(state, settings) }: RunOptions,
): Promise<void> {
  if (ended.phase.name === 'finished') process.exitCode = exitCodeOf(ended.phase.outcome)
  const { state, author } = await withChangeAuthor(ended, settings)
  const suggestions = [...adviceOnAuthor(author), ...advice(ended)]
  const { resultText } = await import('../render/result.js')
  const result = toResult(state, suggestions)
  const document = { ...result, warnings: [...warnings, ...result.warnings] }
  if (events === '-') command.screen.stderr.write(`${resultText(state, suggestions, command.screen.err)}\n`)
  else command.print(document, ({ out }) => resultText(state, suggestions, out))
  await tellPipeline(command.variables, document, suggestions, state)
}

/** Hands a run over to a process in the background, and tells how to follow it. */
async function goOnInBackground(
  command: BaseCommand,
  equipment: Equipment,
  plan: RolloutPlan,
  options: RunOptions,
): Promise<void> {
  const { events, 'on-crash': onCrash } = options
  await keepNotices(equipment)
  const flags = [...(onCrash ? [`--on-crash=${onCrash}`] : []), ...(events === undefined ? [] : [`--events=${events}`])]
  const document = await detach(equipment, plan, flags)
  if (document) {
    command.print(document, ({ out }) => detachedText(document, equipment, out))
    return
  }
  const state = await equipment.runs.state(plan.id)
  if (state) await printEnd(command, equipment, state, options)
}

/** A run that brought the server where it wanted, or back to safety, leaves nothing to take up of older ones. */
function partingOf({ phase, plan, resumePolicy }: RolloutState): Parting {
  // What a companion has ended is left on record as well, until an operator has been told.
  if (phase.name !== 'finished' || resumePolicy !== 'continue') return 'left'
  const isSettled = phase.outcome === 'rolled-back' || (phase.outcome === 'completed' && plan.intent !== 'watch')
  return isSettled ? 'settled' : 'ended'
}

/** A run that goes down, or only looks, does not wait for a disk that is full. */
async function openJournal({ runs, id }: Equipment, plan: RolloutPlan): Promise<Journal> {
  try {
    return await diskPatience.wait(runs.create(id), 'the folder of the records')
  } catch (error) {
    if (needsJournal(plan)) throw error
    return {
      append: () => Promise.reject(error instanceof Error ? error : new Error(String(error))),
      close: () => Promise.resolve(),
    }
  }
}
