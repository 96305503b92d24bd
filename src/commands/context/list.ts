import { BaseCommand } from '../../lib/cli/base-command.js'
import { listContexts } from '../../lib/cli/manage-contexts.js'

export default class ContextList extends BaseCommand {
  static override summary = 'List the contexts; a star stands before the current one'
  static override examples = ['<%= config.bin %> <%= command.id %>']

  async run(): Promise<void> {
    await this.parse(ContextList)
    await listContexts(this)
  }
}
