import { isSameServer } from '../adapters/claim-files.js'
import { RunFolder } from '../adapters/run-folder.js'
import { ServerLocks } from '../adapters/server-locks.js'
import type { Claim } from '../contract/claim.js'
import { usageError, WsctlError } from '../core/error.js'
import type { ResumePolicy } from '../core/rollout.js'
import { formatInstant } from '../render/format.js'
import { accessArguments } from './access-arguments.js'
import type { BaseCommand } from './base-command.js'
import { checkDetachFlag } from './detach.js'
import { describeGlance, finishedError, leftRuns } from './left-runs.js'
import { equip } from './operation.js'
import { resumePlan, type RunOptions } from './run-plan.js'
import { namedServer, resolveSettings, type Settings, type SettingsFlags } from './settings.js'

/** Which run is meant. */
export interface ResumeRequest {
  /** Its id or the beginning of it; undefined: the one that was left. */
  readonly id?: string | undefined
  /** Only runs of this command, such as `deploy gradual`. */
  readonly command?: string
  readonly policy?: ResumePolicy | undefined
}

/**
 * Takes up a run that was left: its plan, thresholds and server are those of its journal; the way to
 * the server and the token are those of now.
 *
 * @throws WsctlError `finished`, `nothing-left`, `several-left` or `locked` (exit 13)
 */
export async function resumeRun(
  command: BaseCommand,
  flags: SettingsFlags & RunOptions & Readonly<Record<string, unknown>>,
  { id, command: only, policy = 'continue' }: ResumeRequest,
): Promise<void> {
  checkDetachFlag(flags)
  const named = namedServer(flags, command.environment)
  const present = resolveSettings(flags, command.environment)
  const runs = new RunFolder(present.stateDir)
  const runId = id === undefined ? await theOneLeft(present, named, only) : await runs.find(id)
  const plan = await runs.plan(runId)
  if (named !== null && !isSameServer(named, plan.server)) {
    throw usageError(
      `run ${runId} works on ${plan.server}, not on ${named}`,
      `leave --server and WSCTL_SERVER out, or: wsctl rollout resume ${runId} --server ${plan.server}`,
    )
  }
  const settings = { ...present, server: plan.server, environmentFile: plan.environmentFile }
  if ((await runs.glance(runId))?.hasEnded) throw finishedError(settings, plan)
  const equipment = await equip(runId, settings, accessArguments(flags, plan.server), command.environment)
  // Who takes over after a crash has no companion in turn: what is left then waits for an operator.
  const onCrash = policy === 'continue' ? (flags['on-crash'] ?? plan.onCrash ?? 'hold') : undefined
  await resumePlan(command, equipment, plan, policy, { ...flags, 'on-crash': onCrash })
}

async function theOneLeft(settings: Settings, server: string | null, command: string | undefined): Promise<string> {
  const locks = new ServerLocks(settings.stateDir)
  const isMeant = ({ claim }: { readonly claim: Claim }): boolean =>
    (server === null || isSameServer(claim.server, server)) && (command === undefined || claim.command === command)
  const left = (await leftRuns(locks, new RunFolder(settings.stateDir))).filter(isMeant)
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
