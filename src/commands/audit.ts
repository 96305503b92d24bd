import { Flags } from '@oclif/core'
import { BaseCommand } from '../lib/cli/base-command.js'
import { listChanges } from '../lib/cli/audit.js'
import { stateFlags } from '../lib/cli/flags/server.js'
import { limitOptionsSchema, parseOptions } from '../lib/contract/options.js'

export default class Audit extends BaseCommand {
  static override summary = 'List the changes that were made to servers and to their environment files'
  static override description = `Who, when, by which command, why, before and after, and what the server answered; newest first. The
record is only ever added to. With --json the lists of users are told as well. A dash stands where the server of a change
is not known: an environment file was changed by hand, and no variable or context said whose it is.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'The last five changes to one server',
      command: '<%= config.bin %> <%= command.id %> --server https://chat.example.com --limit 5',
    },
  ]
  static override flags = {
    server: Flags.string({ char: 's', helpValue: 'URL', description: 'changes to this server alone' }),
    limit: Flags.string({ default: '20', helpValue: 'COUNT', description: 'how many, the newest' }),
    ...stateFlags,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Audit)
    const { limit } = parseOptions(limitOptionsSchema, { limit: flags.limit })
    await listChanges(this, flags, limit)
  }
}
