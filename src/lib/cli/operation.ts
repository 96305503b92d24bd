import { resolve } from 'node:path'
import type { EnvFile } from '../adapters/env-file.js'
import { diskPatience } from '../adapters/patience.js'
import { systemClock } from '../adapters/system-clock.js'
import { parseOptions, rollbackOptionsSchema } from '../contract/options.js'
import { CallError } from '../core/error.js'
import { findPins, requirePins, type PinSources } from '../core/pins.js'
import type { PlanBasis } from '../core/plan.js'
import type { FleetPlan } from '../core/fleet.js'
import { snapshotOf, type Pins, type ServerStatus, type Settings as ServerSettings } from '../core/server.js'
import type { Analysis } from '../core/judging.js'
import type { Thresholds } from '../core/thresholds.js'
import type { EnvironmentFile } from '../ports/environment-file.js'
import type { Sink } from '../ports/sink.js'
import type { LockStore, RunStore, StateStore } from '../ports/state-store.js'
import { accessArguments } from './access-arguments.js'
import { askPatiently } from './ask.js'
import { refuseIfHeld } from './claim-server.js'
import { connectAll, lookedUp, type ConnectedServer } from './connect.js'
import type { FleetFlags, WantedFleet } from './fleet-basis.js'
import { checkDetachFlag } from './detach.js'
import { tellLeftRuns } from './left-runs.js'
import { openOutlets, type OutletFlags } from './outlets.js'
import type { Notices, WrittenNotices } from './notify.js'
import { gatherPinSources, type PinFlags } from './pin-sources.js'
import { newRunId } from './run-id.js'
import { operatorName, type Environment } from './environment.js'
import { resolveAnalysis, resolveSettings, resolveThresholds, type Settings, type SettingsFlags } from './settings.js'
import { openState } from './state-store.js'

/** Flags of the commands that change or watch a server. */
export interface OperationFlags
  extends SettingsFlags, PinFlags, OutletFlags, FleetFlags, Readonly<Record<string, unknown>> {
  readonly events?: string | undefined
  readonly 'rollback-timeout'?: string | undefined
  readonly 'on-interrupt'?: string | undefined
}

/** What a run works with, whether it begins or is taken up again. */
export interface Equipment {
  readonly id: string
  readonly operator: string
  readonly settings: Settings
  /** Flags by which another process reaches the same server in the same way. */
  readonly access: readonly string[]
  readonly server: ConnectedServer
  readonly state: StateStore
  readonly runs: RunStore
  readonly locks: LockStore
  readonly environmentFile: EnvFile | null
  /** Null: nobody is notified. */
  readonly notices: Notices | null
  /** Null: nobody asked for metrics. */
  readonly metrics: Sink | null
}

/** Everything that a run needs besides its plan, wired from flags and environment. */
export interface Operation extends Equipment {
  /** Undefined: it is one server. */
  readonly fleet?: WantedFleet
  readonly thresholds: Thresholds
  readonly analysis: Analysis
  readonly rollbackTimeoutMs: number
  readonly pinSources: PinSources
}

export interface OperationOptions {
  /** An environment file that cannot be read is left to be a warning, and nothing holds it up, as in an emergency. */
  readonly warnOnly?: boolean
  /** False for a run that writes nothing, so that another may be at work. */
  readonly exclusive?: boolean
  /** Whether runs that were left are settled by it when it comes to a good end. */
  readonly settles?: boolean
  /** Who is notified, by what files say. */
  readonly written?: WrittenNotices
}

/**
 * Checks flags and settings, and opens what they name. Nothing is sent to the server yet.
 *
 * @throws WsctlError (usage), and `locked` (exit 13) when another run is at work on the server
 */
export async function openOperation(
  flags: OperationFlags,
  environment: Environment,
  { warnOnly = false, exclusive = !warnOnly, settles = exclusive, written = {} }: OperationOptions = {},
): Promise<Operation> {
  checkDetachFlag(flags)
  const settings = await lookedUp(resolveSettings(flags, environment))
  const fleet = await readFleet(flags, settings)
  const thresholds = resolveThresholds(flags, settings)
  const analysis = resolveAnalysis(flags, settings)
  const { rollbackTimeout } = parseOptions(rollbackOptionsSchema, {
    rollbackTimeout: flags['rollback-timeout'] ?? '2m',
  })
  const outlets = await openOutlets(flags, environment, settings, { warnOnly, written })
  const equipment = await equip(
    await nextRunId(settings),
    settings,
    { access: accessArguments(settings, flags), ...outlets },
    environment,
  )
  if (!warnOnly) await tellLeftRuns(settings, { settles: settles && flags['dry-run'] !== true })
  if (exclusive) await refuseIfHeld(equipment)
  const { environmentFile, runs } = equipment
  const readable = environmentFile && (warnOnly ? tolerant(environmentFile) : environmentFile)
  return {
    ...equipment,
    ...(fleet && { fleet }),
    thresholds,
    analysis,
    rollbackTimeoutMs: rollbackTimeout,
    pinSources: await gatherPinSources(flags, readable, runs, settings.server),
  }
}

async function nextRunId(settings: Settings): Promise<string> {
  const { runs } = await openState(settings)
  const [newest] = await diskPatience.wait(runs.ids(), 'the folder of the records').catch(() => [])
  return newRunId(systemClock.wallTime(), newest)
}

/** Opens what a run works with. */
export async function equip(
  id: string,
  settings: Settings,
  outlets: Pick<Equipment, 'access' | 'notices' | 'metrics'>,
  environment: Environment,
): Promise<Equipment> {
  const state = await openState(settings)
  return {
    id,
    operator: operatorName(environment),
    settings,
    ...outlets,
    server: await connectAll(settings),
    state,
    runs: state.runs,
    locks: state.locks,
    environmentFile: await openEnvironmentFile(settings),
  }
}

/** Reads the server and settles the lists: the basis of every plan that writes configurations. */
export async function readBasis(operation: Operation, onInterrupt: PlanBasis['onInterrupt']): Promise<PlanBasis> {
  const status = await askPatiently(() => operation.server.readStatus())
  const pins = requirePins(findPins(status.settings, operation.pinSources))
  const { settings, ...fleet } = await startingFrom(operation, status, pins)
  return { ...commonBasis(operation), ...fleet, before: snapshotOf(settings, pins), pins, onInterrupt }
}

/**
 * Where a run begins: what the server says, or the servers of a fleet say or are set to first.
 *
 * @throws WsctlError `fleet-differs` (exit 13)
 */
export async function startingFrom(
  { fleet }: Operation,
  status: ServerStatus,
  pins: Pins,
): Promise<{ readonly settings: ServerSettings; readonly fleet?: FleetPlan }> {
  if (fleet === undefined) return { settings: status.settings }
  const { fleetFrom, startOf } = await import('./fleet-basis.js')
  return { settings: startOf(status, fleet), fleet: fleetFrom(status, fleet, pins) }
}

/** @throws WsctlError (usage) */
async function readFleet(flags: FleetFlags, { fleet }: Settings): Promise<WantedFleet | undefined> {
  if (fleet === undefined && FLEET_FLAGS.every((name) => flags[name] === undefined || flags[name] === false)) {
    return undefined
  }
  const { refuseFleetFlags, wantedFleet } = await import('./fleet-basis.js')
  if (fleet !== undefined) return wantedFleet(fleet, flags)
  refuseFleetFlags(flags)
  return undefined
}

const FLEET_FLAGS = [
  'quorum',
  'on-partial',
  'canary-servers',
  'converge',
] as const satisfies readonly (keyof FleetFlags)[]

/** As `readBasis`, for plans that write nothing by themselves: lists may stay unknown. */
export async function readWatchBasis(operation: Operation) {
  const { settings } = await askPatiently(() => operation.server.readStatus())
  const { pins } = findPins(settings, operation.pinSources)
  return { ...commonBasis(operation), before: snapshotOf(settings, pins), pins }
}

/** How long an emergency waits to learn what was there before it acts, ms. */
const EMERGENCY_READ_MS = 2000

/** As `readWatchBasis`, but a server that does not answer at once is acted on unread. */
export async function readEmergencyBasis(operation: Operation) {
  try {
    const { settings } = await operation.server.readStatus(AbortSignal.timeout(EMERGENCY_READ_MS))
    const { pins } = findPins(settings, operation.pinSources)
    return { ...commonBasis(operation), before: snapshotOf(settings, pins), pins }
  } catch (error) {
    if (!(error instanceof CallError)) throw error
    return { ...commonBasis(operation), before: null, pins: null }
  }
}

export function commonBasis(operation: Operation) {
  const { id, settings, fleet, thresholds, analysis, environmentFile, rollbackTimeoutMs } = operation
  return {
    id,
    server: settings.server,
    ...(fleet && { fleet: fleet.plan }),
    thresholds,
    analysis,
    environmentFile: environmentFile?.path ?? null,
    rollbackTimeoutMs,
  }
}

export async function openEnvironmentFile({
  environmentFile,
}: Pick<Settings, 'environmentFile'>): Promise<EnvFile | null> {
  if (environmentFile === null) return null
  const { EnvFile } = await import('../adapters/env-file.js')
  // Absolute, because whoever takes the run up may be in another folder.
  return new EnvFile(resolve(environmentFile), systemClock)
}

function tolerant(file: EnvironmentFile): EnvironmentFile {
  return {
    path: file.path,
    readPins: () => file.readPins().catch(() => ({ rolloutUsers: null, forceLegacyUsers: null })),
    write: (configuration) => file.write(configuration),
  }
}
