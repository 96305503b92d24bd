import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../lib/cli/base-command.js'
import { signItem } from '../../lib/cli/checklist.js'
import { dryRunFlag } from '../../lib/cli/flags/run.js'
import { recordFlags } from '../../lib/cli/flags/server.js'

export default class ChecklistSign extends BaseCommand {
  static override summary = 'Vouch for an item of the checklist'
  static override description = `Who, when and the note go on the audit record, for good: an item that is signed again shows the newest
note. Prints the phase of the item.`
  static override examples = [
    {
      description: 'The team knows',
      command: '<%= config.bin %> <%= command.id %> team-told --note "announced in #ops, Thursday 09:00 to 15:00"',
    },
    {
      description: 'For a server of which there is no record yet',
      command:
        '<%= config.bin %> <%= command.id %> staging-validated --note "release 4.2 since Monday" --server https://chat.example.com',
    },
  ]
  static override args = {
    item: Args.string({ ignoreStdin: true, required: true, description: 'as named by: wsctl checklist' }),
  }
  static override flags = {
    note: Flags.string({ required: true, helpValue: 'TEXT', description: 'what was looked at, and how it went' }),
    ...dryRunFlag,
    ...recordFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ChecklistSign)
    await signItem(this, flags, args.item, flags.note)
  }
}
