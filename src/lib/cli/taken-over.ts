import { isSameServer } from '../adapters/claim-files.js'
import type { Claim } from '../core/claim.js'
import type { StatusDocument } from '../contract/status.js'
import { toTakenOver, type TakenOver } from '../contract/takeover.js'
import type { RunStore } from '../ports/state-store.js'
import { takeoverAdvice, takeoverText } from '../render/takeover.js'
import { glanceAt } from './left-runs.js'
import { NOWHERE } from './platform-folders.js'
import type { Settings } from './settings.js'
import { unlessSilent } from './state-folder.js'
import { openState } from './state-store.js'
import { tell } from './tell.js'

/** What a companion does with the run of a claim whose process lives; null when it is no companion. */
export async function takenOverOf(runs: RunStore, claim: Claim): Promise<TakenOver | null> {
  if (claim.takeover === null) return null
  return toTakenOver(claim, (await glanceAt(runs, claim))?.isRollingBack ?? false)
}

/**
 * Tells on stderr which runs on a server their companions go on with, and what to type about them. Records that do not
 * answer tell nothing.
 */
export async function tellTakenOver(settings: Settings): Promise<void> {
  for (const line of (await unlessSilent(takenOverLines(settings))) ?? []) tell(line)
}

async function takenOverLines(settings: Settings): Promise<readonly string[]> {
  const { runs, locks } = await openState(settings)
  const lines: string[] = []
  for (const { claim, isAlive } of await locks.claims()) {
    if (!isAlive || !isSameServer(claim.server, settings.server)) continue
    const takenOver = await takenOverOf(runs, claim)
    if (takenOver === null) continue
    const { command, rolloutId } = claim
    lines.push(`Note: ${command} (${rolloutId}): ${takeoverText(takenOver)}.`)
    lines.push(...takeoverAdvice(takenOver, rolloutId).map((line) => `  - ${line}`))
  }
  return lines
}

/** The runs on a server that have not come to their end, oldest first; null when their records do not answer. */
export async function unfinishedRuns(settings: Settings): Promise<StatusDocument['unfinished']> {
  return settings.stateDir === NOWHERE && settings.state === null ? null : unlessSilent(findUnfinished(settings))
}

async function findUnfinished(settings: Settings): Promise<NonNullable<StatusDocument['unfinished']>> {
  const { runs, locks } = await openState(settings)
  const found = (await locks.claims()).filter(({ claim }) => isSameServer(claim.server, settings.server))
  const unfinished = await Promise.all(
    found.map(async ({ claim, isAlive }) => {
      if (!isAlive && (await glanceAt(runs, claim))?.end !== null) return []
      const { rolloutId, command } = claim
      const takenOver = isAlive ? await takenOverOf(runs, claim) : null
      return [{ rolloutId, command, state: isAlive ? ('running' as const) : ('left' as const), takenOver }]
    }),
  )
  return unfinished.flat()
}
