import { BaseCommand } from '../../lib/cli/base-command.js'
import { openEnvFile, printVariables } from '../../lib/cli/env.js'
import { contextFlags, environmentFlags } from '../../lib/cli/flags/server.js'

export default class EnvBackup extends BaseCommand {
  static override summary = "Copy the server's environment file beside itself"
  static override description = 'The newest ten copies are kept.'
  static override examples = ['<%= config.bin %> <%= command.id %> --env-file /srv/app/.env']
  static override flags = { 'env-file': environmentFlags['env-file'], ...contextFlags }

  async run(): Promise<void> {
    const { flags } = await this.parse(EnvBackup)
    const file = openEnvFile(this, flags)
    const backup = await file.backup()
    this.note(`${file.path} was copied to ${backup}`)
    await printVariables(this, file, backup)
  }
}
