import { existsSync } from 'node:fs'
import { isSameServer } from '../adapters/claim-files.js'
import type { Claim } from '../core/claim.js'
import { WsctlError } from '../core/error.js'
import type { RolloutPlan } from '../core/rollout.js'
import type { Glance, LockStore, RunStore } from '../ports/state-store.js'
import { formatInstant } from '../render/format.js'
import { addressFlags } from './address.js'
import type { Settings } from './settings.js'
import { unlessSilent } from './state-folder.js'
import { openState } from './state-store.js'
import { tell } from './tell.js'

/** A run that was left without a process before its end. */
export interface LeftRun {
  readonly claim: Claim
  readonly glance: Glance
}

/** Runs that were left, oldest first. It costs a look at the folder of locks, and at the end of their journals. */
export async function leftRuns(locks: LockStore, runs: RunStore): Promise<readonly LeftRun[]> {
  return (await runsWithoutProcess(locks, runs)).filter(({ glance }) => glance.end === null)
}

/** As `leftRuns`, and with them those that a companion has seen to their end since. */
async function runsWithoutProcess(locks: LockStore, runs: RunStore): Promise<readonly LeftRun[]> {
  const found: LeftRun[] = []
  for (const { claim, isAlive } of await locks.claims()) {
    const glance = isAlive ? null : await glanceAt(runs, claim)
    if (glance !== null) found.push({ claim, glance })
  }
  return found
}

/** What a journal tells of the run that claims a server; a journal that cannot be read tells nothing, but was begun. */
export async function glanceAt(runs: RunStore, { rolloutId, since }: Claim): Promise<Glance | null> {
  try {
    return await runs.glance(rolloutId)
  } catch (error) {
    if (!(error instanceof WsctlError)) throw error
    return { end: null, seenAt: since, percentage: null, isRollingBack: false }
  }
}

/**
 * Tells on stderr, one line each, which runs were left without a process, and once of each that a companion
 * has seen to its end since.
 *
 * @param options.settles whether the command settles those on its own server when it comes to a good end
 */
export async function tellLeftRuns(settings: Settings, { settles = false } = {}): Promise<void> {
  for (const line of (await unlessSilent(linesOfLeftRuns(settings, settles))) ?? []) tell(`Note: ${line}`)
}

async function linesOfLeftRuns(settings: Settings, settles: boolean): Promise<readonly string[]> {
  const { runs, locks } = await openState(settings)
  const lines: string[] = []
  for (const left of await runsWithoutProcess(locks, runs)) {
    const { claim, glance } = left
    const isHere = isSameServer(claim.server, settings.server)
    const where = isHere ? '' : ` on ${claim.server}`
    lines.push(`${claim.command} (${claim.rolloutId})${where} ${describeLeft(left, runs, settles && isHere)}`)
    if (glance.end) await locks.forget(claim)
  }
  return lines
}

function describeLeft({ claim: { rolloutId }, glance }: LeftRun, runs: RunStore, isToSettle: boolean): string {
  if (glance.end !== null) {
    const { outcome, reason } = glance.end
    return `lost its process, and its companion saw it to its end, ${outcome}: ${reason}. See: wsctl history ${rolloutId}`
  }
  const log = runs.logOf(rolloutId)
  const resume = `wsctl rollout resume ${rolloutId}`
  return (
    `was left without a process: ${describeGlance(glance)}${existsSync(log) ? ` (${log})` : ''}. ` +
    (isToSettle
      ? `Once this command has done what was asked, that run is settled; to go on with it instead: ${resume}`
      : `To take it up again: ${resume}`)
  )
}

/** Where a left run was, and since when nobody watches it. */
export function describeGlance({ percentage, seenAt }: Glance): string {
  return `${percentage === null ? '' : `last seen at ${percentage} %, `}unwatched since ${formatInstant(seenAt)}`
}

/** A run that came to its end has nothing to go on with. */
export function finishedError(settings: Settings, { id, command }: RolloutPlan): WsctlError {
  return new WsctlError('finished', `run ${id} (${command}) has come to its end. Nothing was changed`, {
    outcome: 'refused',
    suggestions: [
      `to see how it ended, and what to type next: wsctl history ${id}`,
      `to see where the server stands: wsctl status${addressFlags(settings)}`,
    ],
  })
}
