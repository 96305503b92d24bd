import { BaseCommand } from '../../lib/cli/base-command.js'
import { runArgs, runFindingFlags } from '../../lib/cli/flags/orders.js'
import { watchRun } from '../../lib/cli/watch-run.js'

export default class RolloutWatch extends BaseCommand {
  static override summary = 'Watch a run from another terminal until it ends'
  static override description =
    'Ctrl-C ends the watching, not the run. When the run ends, so does this, with its exit code.'
  static override examples = [
    { description: 'The one that is under way', command: '<%= config.bin %> <%= command.id %>' },
  ]
  static override args = runArgs
  static override flags = runFindingFlags

  async run(): Promise<void> {
    const { args, flags } = await this.parse(RolloutWatch)
    await watchRun(this, flags, args.id)
  }
}
