import { systemClock } from '../adapters/system-clock.js'
import type { NewEntry } from '../core/audit-entry.js'
import { toChecklist, toChecklistDocument } from '../contract/checklist.js'
import { attemptRecords } from '../core/attempt.js'
import { CHECKLIST, CHECKLIST_PHASES, type ChecklistPhase } from '../core/checklist.js'
import { judgeChecklist } from '../core/checklist-evidence.js'
import { usageError, type WsctlError } from '../core/error.js'
import type { BaseCommand } from './base-command.js'
import { readRecords } from './records.js'
import { operatorName } from './environment.js'
import { namedServer, resolveSettings, type Settings, type SettingsFlags } from './settings.js'
import { openState } from './state-store.js'

type Records = Awaited<ReturnType<typeof readRecords>>

/** Prints the checklist of a server: of one phase, or of all. */
export async function printChecklist(
  command: BaseCommand,
  flags: SettingsFlags,
  phase: ChecklistPhase | undefined,
): Promise<void> {
  const settings = resolveSettings(flags, command.environment)
  await print(command, await read(command, flags, settings), phase === undefined ? CHECKLIST_PHASES : [phase])
}

/**
 * Records that somebody vouches for an item, and prints its phase.
 *
 * @throws WsctlError (usage) for an item that there is not, and for an empty note
 */
export async function signItem(
  command: BaseCommand,
  flags: SettingsFlags & { readonly 'dry-run'?: boolean },
  id: string,
  words: string,
): Promise<void> {
  const item = CHECKLIST.find((known) => known.id === id)
  if (item === undefined) throw unknownItem(id)
  const note = words.trim()
  if (note === '') throw usageError('--note is empty', 'say what was looked at, and how it went')
  const settings = resolveSettings(flags, command.environment)
  const records = await read(command, flags, settings)
  const { server } = records
  const signature = {
    server,
    item: item.id,
    by: operatorName(command.environment),
    at: systemClock.wallTime().toISOString(),
    note,
  }
  const { audit } = await openState(settings)
  const entry: NewEntry = {
    time: signature.at,
    operator: signature.by,
    pid: process.pid,
    command: command.typed,
    rolloutId: null,
    server,
    reason: note,
    failure: null,
    target: 'checklist',
    change: 'sign',
    item: item.id,
  }
  if (flags['dry-run'] === true) {
    const { printWrites } = await import('./dry-run.js')
    const write = { kind: 'record', when: null, path: audit.place, entry: { ...entry } } as const
    return printWrites(command, { server, writes: [write], warnings: [], notes: [] })
  }
  await audit.append(entry)
  const signatures = [...records.signatures, signature]
  await print(command, { ...records, signatures }, [item.phase])
}

function read(command: BaseCommand, flags: SettingsFlags, settings: Settings): Promise<Records> {
  const named = namedServer(flags, command.environment) === null ? null : settings.server
  return readRecords(settings, named, (message) => command.note(message))
}

async function print(command: BaseCommand, records: Records, phases: readonly ChecklistPhase[]): Promise<void> {
  const { server } = records
  const attempt = attemptRecords(records, server)
  const document = toChecklistDocument(server, attempt.since, toChecklist(judgeChecklist(attempt), phases))
  const { checklistText } = await import('../render/checklist.js')
  command.print(document, ({ out }) => checklistText(document, out))
}

function unknownItem(id: string): WsctlError {
  const names = CHECKLIST_PHASES.map((phase) => {
    const ids = CHECKLIST.filter((item) => item.phase === phase).map((item) => item.id)
    return `${phase}: ${ids.join(', ')}`
  })
  return usageError(`there is no item ${id} on the checklist`, ...names)
}
