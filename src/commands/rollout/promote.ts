import { Flags } from '@oclif/core'
import { BaseCommand } from '../../lib/cli/base-command.js'
import { orderFlags, runArgs } from '../../lib/cli/flags/orders.js'
import { confirmFlag } from '../../lib/cli/flags/run.js'
import { giveOrder } from '../../lib/cli/orders.js'
import { parseOptions, promoteOptionsSchema } from '../../lib/contract/options.js'

export default class RolloutPromote extends BaseCommand {
  static override summary = 'End the step of a rollout early, and open its gate'
  static override description = `Evidence it still takes: a step that no check has passed is not promoted. A promotion means one
step; when that is over, it is refused.`
  static override examples = [
    { description: 'The step under way', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'From a script that means the third step and no other',
      command: '<%= config.bin %> <%= command.id %> 20261124-0930 --step 3 --reason "dashboards are calm"',
    },
  ]
  static override args = runArgs
  static override flags = {
    step: Flags.string({ description: 'number of the step that is meant, from 1', helpValue: 'NUMBER' }),
    ...confirmFlag,
    ...orderFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(RolloutPromote)
    const { step } = parseOptions(promoteOptionsSchema, { step: flags.step })
    await giveOrder(this, flags, { order: 'promote', id: args.id, step, reason: flags.reason })
  }
}
