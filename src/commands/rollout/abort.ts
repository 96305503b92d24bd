import { BaseCommand } from '../../lib/cli/base-command.js'
import { orderFlags, runArgs } from '../../lib/cli/flags/orders.js'
import { giveOrder } from '../../lib/cli/orders.js'

export default class RolloutAbort extends BaseCommand {
  static override summary = 'End a rollout and take everybody back to legacy'
  static override description =
    'The run itself rolls back and verifies. When it does not answer: wsctl rollback emergency.'
  static override examples = [
    {
      description: 'The one that is under way',
      command: '<%= config.bin %> <%= command.id %> --reason "on-call asks"',
    },
  ]
  static override args = runArgs
  static override flags = orderFlags

  async run(): Promise<void> {
    const { args, flags } = await this.parse(RolloutAbort)
    await giveOrder(this, flags, { order: 'abort', id: args.id, reason: flags.reason })
  }
}
