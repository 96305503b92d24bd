import { resolve } from 'node:path'
import { AuditedJournal } from '../adapters/audited-journal.js'
import { isSameServer } from '../adapters/claim-files.js'
import type { EnvFile } from '../adapters/env-file.js'
import { systemClock } from '../adapters/system-clock.js'
import { variablesOf, WatchedEnvFile } from '../adapters/watched-env-file.js'
import type { AuditDocument } from '../contract/audit.js'
import { WsctlError } from '../core/error.js'
import type { RolloutState } from '../core/rollout.js'
import type { EnvironmentFile } from '../ports/environment-file.js'
import type { Journal } from '../ports/journal.js'
import type { BaseCommand } from './base-command.js'
import type { Equipment } from './operation.js'
import { confirmChange } from './protection.js'
import { operatorName } from './environment.js'
import { namedServer, resolveSettings, type Settings, type SettingsFlags } from './settings.js'
import { answering } from './state-folder.js'
import { openState } from './state-store.js'

/**
 * The journal and the environment file of a run, with every change to the server and to the file put on
 * the audit record.
 *
 * @param left the run as its events so far left it; null when it is about to start
 */
export function audited(
  { operator, state, environmentFile }: Equipment,
  journal: Journal,
  left: RolloutState | null = null,
): { readonly journal: Journal; readonly environmentFile: EnvironmentFile | null } {
  const watched = environmentFile && new WatchedEnvFile(environmentFile)
  const author = { operator, pid: process.pid }
  return { journal: new AuditedJournal(journal, state.audit, author, watched, left), environmentFile: watched }
}

/**
 * Changes an environment file by hand and puts that on the audit record.
 *
 * @param change its result names the backup; null when nothing had to be changed
 * @throws WsctlError (usage) when the record cannot be written, before anything is changed
 */
export async function changeEnvFile<T extends { readonly backup: string | null }>(
  command: BaseCommand,
  flags: SettingsFlags & { readonly yes?: boolean | undefined },
  file: EnvFile,
  kind: 'set' | 'restore',
  change: () => Promise<T>,
): Promise<T> {
  const settings = resolveSettings(flags, command.environment)
  const { audit } = await openState(settings)
  await answering(audit.check(), settings)
  const sentence = `${command.typed} is about to change ${file.path}`
  await confirmChange(command, { server: null, environmentFile: file.path, sentence }, flags.yes ?? false)
  const before = await variablesOf(file)
  const result = await change()
  if (result.backup === null) return result
  try {
    await audit.append({
      time: systemClock.wallTime().toISOString(),
      operator: operatorName(command.environment),
      pid: process.pid,
      command: command.typed,
      rolloutId: null,
      server: serverOf(settings, file),
      reason: null,
      failure: null,
      target: 'environment-file',
      change: kind,
      path: file.path,
      before,
      after: await variablesOf(file),
    })
  } catch (error) {
    if (!(error instanceof WsctlError)) throw error
    const { code, message, suggestions } = error
    throw new WsctlError(code, `${file.path} was changed, but that is not on record: ${message}`, {
      outcome: 'failed',
      suggestions,
      cause: error,
    })
  }
  return result
}

/**
 * The server whose environment file it is, as far as that was said: a default is no word of anybody, and a context
 * that names another file is not about this one.
 */
function serverOf({ server, origins, context }: Settings, file: EnvFile): string | null {
  switch (origins.server.kind) {
    case 'default':
      return null
    case 'context': {
      const own = context?.settings['env-file']
      return own === undefined || resolve(own) === file.path ? server : null
    }
    default:
      return server
  }
}

/** Lists the newest changes, newest first. Lines that cannot be read are told on stderr. */
export async function listChanges(
  command: BaseCommand,
  { server, 'state-dir': stateDir, state }: Pick<SettingsFlags, 'server' | 'state-dir' | 'state'>,
  limit: number,
): Promise<void> {
  const { audit } = await openState(resolveSettings({ 'state-dir': stateDir, state }, command.environment))
  const { entries, unreadable } = await audit.read()
  const named =
    server === undefined ? null : namedServer({ server }, { variables: {}, dotenv: new Set(), context: null })
  const isWanted = (of: string | null): boolean => named === null || (of !== null && isSameServer(of, named))
  const shown = entries.filter((entry) => isWanted(entry.server)).slice(-limit)
  const document: AuditDocument = { schema: 'wsctl/audit@1', path: audit.place, entries: shown.reverse() }
  if (unreadable > 0) {
    command.note(`${audit.place}: lines that are no entries, or of a later wsctl, left out: ${unreadable}`)
  }
  const { auditTable } = await import('../render/audit-table.js')
  command.print(document, ({ out }) => (shown.length === 0 ? 'No changes are recorded.' : auditTable(shown, out)))
}
