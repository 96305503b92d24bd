import { readFile } from 'node:fs/promises'
import { startInBackground, type BackgroundProcess } from '../adapters/background-process.js'
import { systemClock } from '../adapters/system-clock.js'
import type { DetachedDocument } from '../contract/detached.js'
import { stamp } from '../core/decide.js'
import { usageError, WsctlError } from '../core/error.js'
import type { EventOf } from '../core/event.js'
import type { RolloutPlan } from '../core/rollout.js'
import { instant } from '../engine/perform.js'
import type { Layout } from '../render/palette.js'
import { layProse } from '../render/prose.js'
import { addressFlags } from './address.js'
import { claimServer } from './claim-server.js'
import { wsctlCommand } from './guard.js'
import type { Equipment } from './operation.js'

/** How often it is looked whether the process in the background is at work, ms. */
const LOOK_MS = 50
/** Longer than Node ever takes to start, ms. */
const START_WITHIN_MS = 30_000

/**
 * @throws WsctlError (usage) when a process in the background would have to print on this one's stdout
 */
export function checkDetachFlag({ detach, events }: { readonly detach?: unknown; readonly events?: unknown }): void {
  if (detach !== true || events !== '-') return
  throw usageError('a run in the background has no stdout for --events -', 'give --events a file: --events FILE')
}

/**
 * Has a process in the background take up a run whose beginning is recorded. Resolves when it is at work.
 *
 * @param flags for that process
 * @returns null when the run has come to its end meanwhile
 * @throws WsctlError `not-detached` when the process ended before it was at work
 */
export async function detach(
  equipment: Equipment,
  { id, command, server }: RolloutPlan,
  flags: readonly string[],
): Promise<DetachedDocument | null> {
  const { runs, access } = equipment
  const log = runs.logOf(id)
  const resume = wsctlCommand('rollout', 'resume', id)
  const background = await startInBackground([...resume, '--detached', ...flags, ...access], log)
  if (await isAtWork(equipment, background)) {
    return { schema: 'wsctl/detached@1', command, rolloutId: id, server, pid: background.pid, log }
  }
  if ((await runs.glance(id))?.end) return null
  throw await notDetached(id, log)
}

/**
 * Records the beginning of a run, for another process to take up.
 *
 * @throws WsctlError `locked` (exit 13), or `journal-unwritable` (exit 2)
 */
export async function recordStart(operation: Equipment, plan: RolloutPlan): Promise<EventOf<'started'>> {
  const { id, operator, runs } = operation
  const lock = await claimServer(operation, plan)
  const started = stamp({ type: 'started', plan, operator } as const, 1, instant(systemClock))
  let isRecorded = false
  try {
    const journal = await runs.create(id)
    try {
      await journal.append(started)
      isRecorded = true
    } finally {
      await journal.close()
    }
  } finally {
    await lock.release(isRecorded ? 'left' : 'ended')
  }
  return started
}

async function isAtWork({ id, locks }: Equipment, { pid, exitCode }: BackgroundProcess): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < START_WITHIN_MS && exitCode() === undefined; waitedMs += LOOK_MS) {
    if ((await locks.workingOn(id))?.pid === pid) return true
    await systemClock.sleep(LOOK_MS)
  }
  return false
}

async function notDetached(id: string, log: string): Promise<WsctlError> {
  const printed = (await readFile(log, 'utf8').catch(() => '')).trim()
  return new WsctlError(
    'not-detached',
    `the process in the background did not take the run up${printed === '' ? '' : `; it said:\n${printed}`}`,
    { outcome: 'failed', suggestions: [`to take it up here: wsctl rollout resume ${id}`] },
  )
}

/** What became of it, how to watch it, and how to stop it. */
export function detachedText(
  { command, rolloutId, pid, log }: DetachedDocument,
  { settings }: Pick<Equipment, 'settings'>,
  { width }: Layout,
): string {
  return [
    ...layProse(`${command} goes on in the background as run ${rolloutId}, process ${pid}.`, width),
    `  what it has done:  wsctl history ${rolloutId}`,
    `  as it happens:     tail -f ${log}`,
    `  to stop it:        wsctl rollout hold ${rolloutId}`,
    `  back to legacy:    wsctl rollback emergency${addressFlags(settings)}`,
  ].join('\n')
}
