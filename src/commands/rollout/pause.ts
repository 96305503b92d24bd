import { BaseCommand } from '../../lib/cli/base-command.js'
import { orderFlags, runArgs } from '../../lib/cli/flags/orders.js'
import { giveOrder } from '../../lib/cli/orders.js'

export default class RolloutPause extends BaseCommand {
  static override summary = 'Keep a rollout from going on'
  static override description =
    'The step under way is observed on, and a breach still rolls back; nothing is raised until somebody resumes it.'
  static override examples = [
    {
      description: 'The one that is under way',
      command: '<%= config.bin %> <%= command.id %> --reason "on-call asks"',
    },
  ]
  static override args = runArgs
  static override flags = orderFlags

  async run(): Promise<void> {
    const { args, flags } = await this.parse(RolloutPause)
    await giveOrder(this, flags, { order: 'pause', id: args.id, reason: flags.reason })
  }
}
