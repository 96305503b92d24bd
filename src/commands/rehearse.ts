import { Flags } from '@oclif/core'
import { BaseCommand } from '../lib/cli/base-command.js'
import { rehearse } from '../lib/cli/rehearse.js'

export default class Rehearse extends BaseCommand {
  static override summary = 'Run a whole rollout against a throw-away sandbox, in under a minute'
  static override description = `Real connections of simulated users, the real control loop, short steps. Nothing outside this machine
is touched. With --fault it ends in an automatic rollback, and with its exit code.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    { description: 'See an automatic rollback', command: '<%= config.bin %> <%= command.id %> --fault unified-errors' },
    {
      description: 'Users are turned away, and no counter tells',
      command: '<%= config.bin %> <%= command.id %> --fault refused',
    },
  ]
  static override flags = {
    fault: Flags.string({ helpValue: 'NAME', description: 'unified-errors, unified-errors-no-fallback or refused' }),
  }

  protected override readonly failureDocument = 'result'

  async run(): Promise<void> {
    const { flags } = await this.parse(Rehearse)
    await rehearse(this, flags.fault)
  }
}
