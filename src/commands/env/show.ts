import { BaseCommand } from '../../lib/cli/base-command.js'
import { openEnvFile, printVariables } from '../../lib/cli/env.js'
import { contextFlags, environmentFlags } from '../../lib/cli/flags/server.js'

export default class EnvShow extends BaseCommand {
  static override summary = "Show the seven variables of the server's environment file"
  static override description =
    'The server reads this file at its start only: what it says now is told by wsctl status.'
  static override examples = ['<%= config.bin %> <%= command.id %> --env-file /srv/app/.env']
  static override flags = { 'env-file': environmentFlags['env-file'], ...contextFlags }

  async run(): Promise<void> {
    const { flags } = await this.parse(EnvShow)
    await printVariables(this, openEnvFile(this, flags), null)
  }
}
