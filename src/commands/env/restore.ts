import { Args } from '@oclif/core'
import { BaseCommand } from '../../lib/cli/base-command.js'
import { changeEnvFile } from '../../lib/cli/audit.js'
import { previewEnvRestore } from '../../lib/cli/dry-run.js'
import { openEnvFile, printVariables } from '../../lib/cli/env.js'
import { confirmFlag, dryRunFlag } from '../../lib/cli/flags/run.js'
import { environmentFlags, stateFlags } from '../../lib/cli/flags/server.js'

export default class EnvRestore extends BaseCommand {
  static override summary = "Bring back a copy of the server's environment file"
  static override description =
    'By default the newest copy. What the file says now is copied first, so nothing is lost.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --env-file /srv/app/.env',
    '<%= config.bin %> <%= command.id %> /srv/app/.env.wsctl-20261124T093000.000Z.bak --env-file /srv/app/.env',
  ]
  static override args = { backup: Args.string({ ignoreStdin: true, description: 'the copy to bring back' }) }
  static override flags = { ...confirmFlag, ...dryRunFlag, 'env-file': environmentFlags['env-file'], ...stateFlags }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(EnvRestore)
    const file = openEnvFile(this, flags)
    if (flags['dry-run']) return previewEnvRestore(this, file, args.backup)
    const { from, backup } = await changeEnvFile(this, flags, file, 'restore', () => file.restore(args.backup))
    this.note(
      backup === null ? `${file.path} is as ${from} already` : `${file.path} is as ${from} again; before: ${backup}`,
    )
    await printVariables(this, file, backup)
  }
}
