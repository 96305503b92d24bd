import { BaseCommand } from '../../lib/cli/base-command.js'
import { runArgs, runFindingFlags } from '../../lib/cli/flags/orders.js'
import { showRollout } from '../../lib/cli/show-rollout.js'

export default class RolloutShow extends BaseCommand {
  static override summary = 'Show where a run stands, once'
  static override examples = [
    { description: 'The one that is under way', command: '<%= config.bin %> <%= command.id %>' },
  ]
  static override args = runArgs
  static override flags = runFindingFlags

  async run(): Promise<void> {
    const { args, flags } = await this.parse(RolloutShow)
    await showRollout(this, flags, args.id)
  }
}
