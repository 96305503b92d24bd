import { Args } from '@oclif/core'
import { BaseCommand } from '../../lib/cli/base-command.js'
import { dryRunFlag } from '../../lib/cli/flags/run.js'
import { removeContext } from '../../lib/cli/manage-contexts.js'

export default class ContextRemove extends BaseCommand {
  static override summary = 'Remove a context; nothing else is touched'
  static override examples = ['<%= config.bin %> <%= command.id %> staging']
  static override args = {
    name: Args.string({ ignoreStdin: true, required: true, description: 'name of the context' }),
  }

  static override flags = { ...dryRunFlag }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ContextRemove)
    await removeContext(this, args.name, flags)
  }
}
