import { existsSync } from 'node:fs'
import { isSameServer } from '../adapters/claim-files.js'
import { RunFolder, type Glance } from '../adapters/run-folder.js'
import { ServerLocks } from '../adapters/server-locks.js'
import type { Claim } from '../contract/claim.js'
import { WsctlError } from '../core/error.js'
import type { RolloutPlan } from '../core/rollout.js'
import { formatInstant } from '../render/format.js'
import { addressFlags } from './address.js'
import type { Settings } from './settings.js'
import { tell } from './tell.js'

/** A run that was left without a process before its end. */
export interface LeftRun {
  readonly claim: Claim
  readonly glance: Glance
}

/** Runs that were left, oldest first. It costs a look at the folder of locks, and at the end of their journals. */
export async function leftRuns(locks: ServerLocks, runs: RunFolder): Promise<readonly LeftRun[]> {
  return (await runsWithoutProcess(locks, runs)).filter(({ glance }) => !glance.hasEnded)
}

/** As `leftRuns`, and with them those that a companion has seen to their end since. */
async function runsWithoutProcess(locks: ServerLocks, runs: RunFolder): Promise<readonly LeftRun[]> {
  const found: LeftRun[] = []
  for (const { claim, isAlive } of await locks.claims()) {
    const glance = isAlive ? null : await glanceAt(runs, claim)
    if (glance !== null) found.push({ claim, glance })
  }
  return found
}

/** What a journal tells of the run that claims a server; a journal that cannot be read tells nothing, but was begun. */
export async function glanceAt(runs: RunFolder, { rolloutId, since }: Claim): Promise<Glance | null> {
  try {
    return await runs.glance(rolloutId)
  } catch (error) {
    if (!(error instanceof WsctlError)) throw error
    return { hasEnded: false, end: null, seenAt: since, percentage: null }
  }
}

/**
 * Tells on stderr, one line each, which runs were left without a process, and once of each that a companion
 * has seen to its end since.
 */
export async function tellLeftRuns({ server, stateDir }: Settings): Promise<void> {
  const runs = new RunFolder(stateDir)
  const locks = new ServerLocks(stateDir)
  for (const { claim, glance } of await runsWithoutProcess(locks, runs)) {
    const where = isSameServer(claim.server, server) ? '' : ` on ${claim.server}`
    tell(`Note: ${claim.command} (${claim.rolloutId})${where} ${describeLeft(claim, glance, runs)}`)
    if (glance.hasEnded) await locks.forget(claim)
  }
}

function describeLeft({ rolloutId }: Claim, glance: Glance, runs: RunFolder): string {
  if (glance.end !== null) {
    return `lost its process, and its companion saw it to its end, ${glance.end}. See: wsctl history ${rolloutId}`
  }
  const log = runs.logOf(rolloutId)
  return (
    `was left without a process: ${describeGlance(glance)}${existsSync(log) ? ` (${log})` : ''}. ` +
    `To take it up again: wsctl rollout resume ${rolloutId}`
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
