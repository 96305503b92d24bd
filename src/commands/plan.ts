import { Flags } from '@oclif/core'
import { BaseCommand } from '../lib/cli/base-command.js'
import { gradualFlags, onInconclusiveFlag } from '../lib/cli/flags/gradual.js'
import { analysisFlags, safeguardFlags, thresholdFlags } from '../lib/cli/flags/judging.js'
import { pinFlags } from '../lib/cli/flags/run.js'
import { contextFlags } from '../lib/cli/flags/server.js'
import { printSchedule } from '../lib/cli/schedule.js'

export default class Plan extends BaseCommand {
  static override summary = 'Show what a gradual rollout would do: its steps, when each begins, when it ends'
  static override description = `Talks to no server. Tells how many attempts each step needs to be conclusive, and with --users-file how
many of these users each step moves, by the server's own hash. Give the plan file or the flags that you will give
to: wsctl deploy gradual`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --plan rollout.yaml',
    {
      description: 'Uneven steps, by flags alone',
      command: '<%= config.bin %> <%= command.id %> --steps 1,2,5,10,25,50,100 --step-duration 1h',
    },
    {
      description: 'How many real users does each step move?',
      command: '<%= config.bin %> <%= command.id %> --plan rollout.yaml --users-file users.txt',
    },
  ]
  static override flags = {
    ...gradualFlags,
    'users-file': Flags.string({
      helpValue: 'FILE',
      description: 'user ids, separated by lines, spaces or commas: count whom each step moves',
    }),
    ...onInconclusiveFlag,
    ...safeguardFlags,
    ...thresholdFlags,
    ...analysisFlags,
    ...pinFlags,
    ...contextFlags,
  }

  async run(): Promise<void> {
    await printSchedule(this, await this.parse(Plan))
  }
}
