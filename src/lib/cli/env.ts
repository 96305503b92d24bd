import { resolve } from 'node:path'
import { EnvFile } from '../adapters/env-file.js'
import { problemsOf } from '../adapters/env-problems.js'
import { systemClock } from '../adapters/system-clock.js'
import type { EnvironmentDocument } from '../contract/environment.js'
import { usageError } from '../core/error.js'
import type { BaseCommand } from './base-command.js'
import { resolveSettings, type SettingsFlags } from './settings.js'

/**
 * The environment file that an `env` command is about.
 *
 * @throws WsctlError (usage) when none was named
 */
export function openEnvFile(command: BaseCommand, flags: SettingsFlags): EnvFile {
  const { environmentFile } = resolveSettings(flags, command.environment)
  if (environmentFile === null) {
    throw usageError("the server's environment file was not named", 'name it: --env-file FILE (or WSCTL_ENV_FILE)')
  }
  // Absolute, as records and backups name it for whoever is in another folder.
  return new EnvFile(resolve(environmentFile), systemClock)
}

/** Prints the variables as they are now, and warns of what the server would make nothing of. */
export async function printVariables(command: BaseCommand, file: EnvFile, backup: string | null): Promise<void> {
  const variables = await file.read()
  const document: EnvironmentDocument = {
    schema: 'wsctl/environment@1',
    path: file.path,
    variables: [...variables],
    backup,
  }
  for (const problem of problemsOf(variables)) command.note(`Warning: ${file.path}, ${problem}`)
  const { environmentTable } = await import('../render/tables.js')
  command.print(document, ({ out }) => environmentTable(document.variables, out))
}
