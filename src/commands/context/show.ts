import { Args } from '@oclif/core'
import { BaseCommand } from '../../lib/cli/base-command.js'
import { showContext } from '../../lib/cli/manage-contexts.js'

export default class ContextShow extends BaseCommand {
  static override summary = 'Show all that a context says; without a name, the current one'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'Its server',
      command: '<%= config.bin %> <%= command.id %> staging --json | jq -r .settings.server',
    },
  ]
  static override args = { name: Args.string({ ignoreStdin: true, description: 'name of the context' }) }

  async run(): Promise<void> {
    const { args } = await this.parse(ContextShow)
    await showContext(this, args.name)
  }
}
