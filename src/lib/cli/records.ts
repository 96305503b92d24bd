import { EnvFile } from '../adapters/env-file.js'
import { systemClock } from '../adapters/system-clock.js'
import type { AllRecords, Backup, Signature } from '../core/attempt.js'
import { WsctlError } from '../core/error.js'
import type { RolloutState } from '../core/rollout.js'
import type { AuditStore, RunStore } from '../ports/state-store.js'
import type { Settings } from './settings.js'
import { openState } from './state-store.js'

/** Takes what has to be told about records that cannot be read. */
type Note = (message: string) => void

/**
 * Everything that is on record. What cannot be read proves nothing, and is told.
 *
 * @param named base URL of the server that it is about; null: the one of the newest run, as a record names its own
 */
export async function readRecords(
  settings: Settings,
  named: string | null,
  note: Note,
): Promise<AllRecords & { readonly server: string }> {
  const state = await openState(settings)
  const runs = await readRuns(state.runs, note)
  const server = named ?? runs.at(-1)?.plan.server ?? settings.server
  const managed = runs.filter(({ plan }) => plan.server === server).flatMap(({ plan }) => plan.environmentFile ?? [])
  const path = settings.environmentFile ?? managed.at(-1) ?? null
  return {
    server,
    runs,
    backups: path === null ? [] : await readBackups(path, note),
    signatures: await readSignatures(state.audit),
  }
}

/** Every run as its journal left it, oldest first. */
async function readRuns(store: RunStore, note: Note): Promise<readonly RolloutState[]> {
  const states: RolloutState[] = []
  for (const id of (await store.ids()).toReversed()) {
    try {
      const state = await store.state(id)
      if (state !== null) states.push(state)
    } catch (error) {
      if (!(error instanceof WsctlError)) throw error
      note(`${id}: ${error.message}`)
    }
  }
  return states
}

async function readBackups(path: string, note: Note): Promise<readonly Backup[]> {
  try {
    return await new EnvFile(path, systemClock).datedBackups()
  } catch (error) {
    if (!(error instanceof WsctlError)) throw error
    note(error.message)
    return []
  }
}

async function readSignatures(audit: AuditStore): Promise<readonly Signature[]> {
  const { entries } = await audit.read()
  return entries.flatMap((entry) =>
    entry.target === 'checklist' && entry.server !== null
      ? [{ server: entry.server, item: entry.item, by: entry.operator, at: entry.time, note: entry.reason }]
      : [],
  )
}
