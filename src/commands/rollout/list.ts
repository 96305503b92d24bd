import { BaseCommand } from '../../lib/cli/base-command.js'
import { runFindingFlags } from '../../lib/cli/flags/orders.js'
import { runsAtWork } from '../../lib/cli/runs-at-work.js'
import { toRolloutsDocument } from '../../lib/contract/rollout.js'
import { rolloutsTable } from '../../lib/render/rollouts.js'

export default class RolloutList extends BaseCommand {
  static override summary = 'List the runs that have not come to their end'
  static override examples = [{ description: 'On every server', command: '<%= config.bin %> <%= command.id %>' }]
  static override flags = runFindingFlags

  async run(): Promise<void> {
    const { flags } = await this.parse(RolloutList)
    const document = toRolloutsDocument(await runsAtWork(flags, this.environment))
    this.print(document, ({ out }) =>
      document.rollouts.length === 0
        ? 'No run is under way, and none was left.'
        : rolloutsTable(document.rollouts, out),
    )
  }
}
