import { isClaimOn, isSameServer } from '../adapters/claim-files.js'
import { noBeginning } from '../adapters/run-records.js'
import type { Claim } from '../core/claim.js'
import { decodeNoticeSetup } from '../contract/notification.js'
import { usageError, WsctlError } from '../core/error.js'
import type { ResumePolicy, RolloutPlan } from '../core/rollout.js'
import type { StateStore } from '../ports/state-store.js'
import { formatInstant } from '../render/format.js'
import { accessArguments } from './access-arguments.js'
import { quote, serverFlags } from './address.js'
import type { BaseCommand } from './base-command.js'
import { refuseIfHeld } from './claim-server.js'
import type { Recorded } from './compare-plan.js'
import { lookedUp } from './connect.js'
import { checkDetachFlag } from './detach.js'
import type { Environment } from './environment.js'
import { describeGlance, finishedError, leftRuns } from './left-runs.js'
import { equip, openEnvironmentFile } from './operation.js'
import { giveOrder } from './orders.js'
import { openOutlets, type OutletFlags } from './outlets.js'
import { resumePlan, type RunOptions } from './run-plan.js'
import { resolveSettings, type Settings, type SettingsFlags } from './settings.js'
import { awaitState, openState } from './state-store.js'

export type ResumeFlags = SettingsFlags &
  OutletFlags &
  RunOptions &
  Readonly<Record<string, unknown>> & { readonly reason?: string | undefined }

/** Which run is meant. */
export interface ResumeRequest {
  /** Its id or the beginning of it; undefined: the one that was left. */
  readonly id?: string | undefined
  /** Only runs of this command, such as `deploy gradual`. */
  readonly command?: string
  readonly policy?: ResumePolicy | undefined
  /** In which parts the plan file that was given differs, in words; null where it does not. */
  readonly compare?: (recorded: Recorded) => Promise<string | null>
}

/**
 * Takes up a run that was left, or has one go on that was paused. A left one is taken up as it was: its plan, thresholds and server are those of its journal; the way to
 * the server and the token are those of now.
 *
 * @throws WsctlError `finished`, `nothing-left`, `several-left` or `locked` (exit 13)
 */
export async function resumeRun(
  command: BaseCommand,
  flags: ResumeFlags,
  { id, command: only, policy = 'continue', compare }: ResumeRequest,
): Promise<void> {
  checkDetachFlag(flags)
  const present = await nameOnly(resolveSettings(flags, command.environment))
  const named = present.origins.server.kind === 'default' ? null : present.server
  if (policy !== 'continue') await awaitState(present)
  const state = await openState(present)
  const { runs } = state
  const runId = id === undefined ? await theOneLeft(state, named, only) : await runs.find(id)
  const plan = await runs.plan(runId)
  if (named !== null && !isSameServer(named, plan.server)) {
    throw usageError(
      `run ${runId} works on ${plan.server}, not on ${named}${plan.fleet?.servers.includes(named) ? ' alone' : ''}`,
      // Another server leaves the context out, and with it the folder of the records.
      `name its server, and where its token comes from: wsctl rollout resume ${runId} ` +
        `${serverFlags(plan).trim()} --state-dir ${quote(present.stateDir)}`,
    )
  }
  const settings = { ...present, ...(await serversOf(plan, state)), environmentFile: plan.environmentFile }
  if ((await runs.glance(runId))?.end) throw finishedError(settings, plan)
  if (await isPausedAtWork(state, runId)) {
    return giveOrder(command, flags, { order: 'resume', id: runId, reason: flags.reason })
  }
  if (flags['dry-run'] === true) return previewResumption(command, settings, runId, policy)
  const before = decodeNoticeSetup(await state.noticeSetup(runId).read())
  const changes = compare ? await compare({ plan, setup: before }) : null
  if (changes !== null) command.note(`Note: ${changes}`)
  // Who is named now learns of what happens from now on.
  const isNamedNow = flags.notify !== undefined || (before === null && tellsSomebody(command.environment))
  const after = isNamedNow ? ((await runs.state(runId))?.seq ?? 0) : 0
  const warnOnly = policy !== 'continue'
  const outlets = await openOutlets(flags, command.environment, settings, { before, after, warnOnly })
  const access = accessArguments(settings, flags)
  const equipment = await equip(runId, settings, { access, ...outlets }, command.environment)
  // Who takes over after a crash has no companion in turn: what is left then waits for an operator.
  const onCrash = policy === 'continue' ? (flags['on-crash'] ?? plan.onCrash ?? 'hold') : undefined
  await resumePlan(command, equipment, plan, policy, { ...flags, 'on-crash': onCrash })
}

function tellsSomebody({ context }: Environment): boolean {
  return (context?.settings.notifications?.length ?? 0) > 0
}

/** @throws WsctlError `locked` as taking it up would */
async function previewResumption(
  command: BaseCommand,
  settings: Settings,
  runId: string,
  policy: ResumePolicy,
): Promise<void> {
  const { runs, locks } = await openState(settings)
  await refuseIfHeld({ settings, runs, locks })
  const state = await runs.state(runId)
  if (state === null) throw noBeginning(runId)
  const { printResumption } = await import('./dry-run.js')
  const environmentFile = await openEnvironmentFile(settings)
  await printResumption(command, { settings, environmentFile }, state, policy)
}

/**
 * Settings by which it is known what a fleet is called, which is all that is asked of them. Addresses behind a name are not
 * looked up for it: whoever takes over from a process that died must not wait for a name service, nor fail with it.
 */
function nameOnly(settings: Settings): Settings | Promise<Settings> {
  return settings.fleet?.from?.startsWith('dns:') === true ? settings : lookedUp(settings)
}

/**
 * The servers of a run are those that it named, and those that joined it, which its claim tells; what is behind a name is
 * looked up anew while it goes on.
 */
async function serversOf({ id, server, fleet }: RolloutPlan, { locks }: StateStore): Promise<NamedServers> {
  if (fleet === undefined) return { server }
  const { servers, from } = fleet
  const found = from === null ? undefined : (await locks.claims()).find(({ claim }) => claim.rolloutId === id)
  return { server, fleet: { servers: found?.claim.servers ?? servers, from } }
}

type NamedServers = Pick<Settings, 'server' | 'fleet'>

/** A left run is not folded to find that out: whoever takes it over after a crash is in a hurry. */
async function isPausedAtWork({ runs, locks }: StateStore, runId: string): Promise<boolean> {
  if ((await locks.workingOn(runId)) === null) return false
  return ((await runs.state(runId))?.pausedBy ?? null) !== null
}

async function theOneLeft(
  { runs, locks }: StateStore,
  server: string | null,
  command: string | undefined,
): Promise<string> {
  const isMeant = ({ claim }: { readonly claim: Claim }): boolean =>
    (server === null || isClaimOn(claim, server)) && (command === undefined || claim.command === command)
  const left = (await leftRuns(locks, runs)).filter(isMeant)
  const [one] = left
  if (one !== undefined && left.length === 1) return one.claim.rolloutId
  if (one === undefined) {
    // One that a process works on is refused with more to say than that nothing was left.
    const atWork = (await locks.claims()).find((found) => found.isAlive && isMeant(found))
    if (atWork) return atWork.claim.rolloutId
    const what = `${command ?? 'run'}${server === null ? '' : ` on ${server}`}`
    throw new WsctlError('nothing-left', `no ${what} was left unfinished. Nothing was changed`, {
      outcome: 'refused',
      suggestions: ['to see past runs: wsctl history'],
    })
  }
  throw new WsctlError('several-left', `${left.length} runs were left unfinished: which one is meant?`, {
    outcome: 'refused',
    suggestions: left.map(
      ({ claim, glance }) =>
        `wsctl rollout resume ${claim.rolloutId}   ${claim.command} on ${claim.server}, begun ` +
        `${formatInstant(claim.since)}, ${describeGlance(glance)}`,
    ),
  })
}
