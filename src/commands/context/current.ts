import { BaseCommand } from '../../lib/cli/base-command.js'
import { printCurrent } from '../../lib/cli/manage-contexts.js'

export default class ContextCurrent extends BaseCommand {
  static override summary = 'Print the name of the current context, for a prompt or a script'
  static override examples = ['<%= config.bin %> <%= command.id %>']

  async run(): Promise<void> {
    await this.parse(ContextCurrent)
    await printCurrent(this)
  }
}
