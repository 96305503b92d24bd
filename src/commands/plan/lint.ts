import { Args } from '@oclif/core'
import { BaseCommand } from '../../lib/cli/base-command.js'
import { lintPlan } from '../../lib/cli/plan-file.js'

export default class PlanLint extends BaseCommand {
  static override summary = 'Check a plan file'
  static override description = `Each problem is a line with file, line and column, the key, its value and what is legal. Exits 2 when
there is one.`
  static override examples = ['<%= config.bin %> <%= command.id %> rollout.yaml']
  static override args = {
    file: Args.string({ ignoreStdin: true, required: true, description: 'the plan file, YAML or JSON' }),
  }

  async run(): Promise<void> {
    const { args } = await this.parse(PlanLint)
    await lintPlan(this, args.file)
  }
}
