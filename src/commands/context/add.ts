import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../lib/cli/base-command.js'
import { contextSettingFlags } from '../../lib/cli/flags/context.js'
import { dryRunFlag } from '../../lib/cli/flags/run.js'
import { addContext } from '../../lib/cli/manage-contexts.js'

export default class ContextAdd extends BaseCommand {
  static override summary = 'Add a context: a server, the way to it, and what holds there'
  static override description = `Paths are kept as those of this folder. No token is kept, only where it comes from. Thresholds become the
defaults of their flags. What --protected is given for asks for the name of the context before it is changed.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> staging --server https://staging.example.com --token-env STAGING_TOKEN --use',
    {
      description: 'With stricter limits, and protected',
      command:
        '<%= config.bin %> <%= command.id %> production --server https://chat.example.com --token-command "pass show chat" --env-file /srv/chat/.env --max-error-rate 2 --protected',
    },
  ]
  static override args = {
    name: Args.string({ ignoreStdin: true, required: true, description: 'name of the context' }),
  }
  static override flags = {
    protected: Flags.boolean({ allowNo: true, description: 'ask for the name before a change, or need --yes' }),
    use: Flags.boolean({ description: 'make it the current context' }),
    replace: Flags.boolean({ description: 'put it in the place of the one of the same name' }),
    ...dryRunFlag,
    ...contextSettingFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ContextAdd)
    await addContext(this, args.name, flags)
  }
}
