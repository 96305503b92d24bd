import { Flags } from '@oclif/core'
import { BaseCommand } from '../../lib/cli/base-command.js'
import { changeEnvFile } from '../../lib/cli/audit.js'
import { previewEnvSet } from '../../lib/cli/dry-run.js'
import { openEnvFile, printVariables } from '../../lib/cli/env.js'
import { confirmFlag, dryRunFlag, pinFlags } from '../../lib/cli/flags/run.js'
import { environmentFlags, stateFlags } from '../../lib/cli/flags/server.js'
import { readVariableChanges } from '../../lib/cli/env-changes.js'

export default class EnvSet extends BaseCommand {
  static override summary = "Change variables of the server's environment file in place, after a backup"
  static override description = `Only what is named changes; --mode sets WEBSOCKET_UNIFIED_ENABLED and
WEBSOCKET_GRADUAL_ROLLOUT_ENABLED to match. The server reads the file at its start only.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --env-file /srv/app/.env --mode disabled --percentage 0',
    '<%= config.bin %> <%= command.id %> --env-file /srv/app/.env --force-legacy-users mallory,trent',
  ]
  static override flags = {
    mode: Flags.string({ helpValue: 'MODE', description: 'disabled, testing, gradual or full' }),
    percentage: Flags.string({ helpValue: 'PERCENT', description: 'percentage of mode gradual' }),
    'legacy-fallback': Flags.string({
      helpValue: 'true|false',
      description: 'whether legacy takes what unified fails to',
    }),
    ...dryRunFlag,
    ...pinFlags,
    ...confirmFlag,
    'env-file': environmentFlags['env-file'],
    ...stateFlags,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(EnvSet)
    const file = openEnvFile(this, flags)
    const values = await readVariableChanges(flags)
    if (flags['dry-run']) return previewEnvSet(this, file, values)
    const { backup } = await changeEnvFile(this, flags, file, 'set', async () => ({ backup: await file.set(values) }))
    this.note(
      backup === null
        ? `${file.path} says so already; it was left alone`
        : `${file.path} was changed; before: ${backup}`,
    )
    await printVariables(this, file, backup)
  }
}
