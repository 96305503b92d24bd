import { Args } from '@oclif/core'
import { BaseCommand } from '../lib/cli/base-command.js'
import { explain } from '../lib/cli/explain.js'

export default class Explain extends BaseCommand {
  static override summary = 'Explain an exit code, a verdict, a threshold, a phase, or the code of an error'
  static override description =
    'What it means, why it is said, and what to do next. Without a topic it lists all of them.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    { description: 'An exit code', command: '<%= config.bin %> <%= command.id %> 11' },
    { description: 'A verdict', command: '<%= config.bin %> <%= command.id %> inconclusive' },
    { description: 'Why a run was refused', command: '<%= config.bin %> <%= command.id %> lower-start' },
  ]
  static override args = {
    topic: Args.string({ ignoreStdin: true, description: 'what wsctl said, such as 11 or lower-start' }),
  }

  async run(): Promise<void> {
    const { args } = await this.parse(Explain)
    await explain(this, args.topic)
  }
}
