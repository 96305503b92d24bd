import { Args } from '@oclif/core'
import { BaseCommand } from '../../lib/cli/base-command.js'
import { dryRunFlag } from '../../lib/cli/flags/run.js'
import { useContext } from '../../lib/cli/manage-contexts.js'

export default class ContextUse extends BaseCommand {
  static override summary = 'Make a context the one that is used when none is named'
  static override examples = ['<%= config.bin %> <%= command.id %> staging']
  static override args = {
    name: Args.string({ ignoreStdin: true, required: true, description: 'name of the context' }),
  }

  static override flags = { ...dryRunFlag }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ContextUse)
    await useContext(this, args.name, flags)
  }
}
