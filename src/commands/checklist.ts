import { Flags } from '@oclif/core'
import { BaseCommand } from '../lib/cli/base-command.js'
import { printChecklist } from '../lib/cli/checklist.js'
import { recordFlags } from '../lib/cli/flags/server.js'
import { CHECKLIST_PHASES } from '../lib/core/checklist.js'

export default class Checklist extends BaseCommand {
  static override summary = 'Show what is proven, signed and still open of a migration, phase by phase'
  static override description = `What the records prove is ticked, with the evidence: the runs, the audit record, and the copies of the
environment file that --env-file names. The rest is for people to vouch for: wsctl checklist sign. Once everybody
was taken back, a migration begins anew, and so does its checklist. Without --server it is about the server of the
newest run. Nothing is sent.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'One phase, with the copies of an environment file as evidence',
      command: '<%= config.bin %> <%= command.id %> --phase pre-deployment --env-file /srv/chat/.env',
    },
    {
      description: 'What is open before the first percentage, in a pipeline',
      command: `<%= config.bin %> <%= command.id %> --json --phase testing | jq '.phases[].items[] | select(.status == "open") | .id'`,
    },
  ]
  static override flags = {
    phase: Flags.option({ options: CHECKLIST_PHASES, description: 'only this one' })(),
    ...recordFlags,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Checklist)
    await printChecklist(this, flags, flags.phase)
  }
}
