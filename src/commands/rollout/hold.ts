import { BaseCommand } from '../../lib/cli/base-command.js'
import { orderFlags, runArgs } from '../../lib/cli/flags/orders.js'
import { giveOrder } from '../../lib/cli/orders.js'

export default class RolloutHold extends BaseCommand {
  static override summary = 'End a rollout where it is'
  static override description = 'The percentage stays. To go on later, start another from there.'
  static override examples = [
    {
      description: 'The one that is under way',
      command: '<%= config.bin %> <%= command.id %> --reason "on-call asks"',
    },
  ]
  static override args = runArgs
  static override flags = orderFlags

  async run(): Promise<void> {
    const { args, flags } = await this.parse(RolloutHold)
    await giveOrder(this, flags, { order: 'hold', id: args.id, reason: flags.reason })
  }
}
