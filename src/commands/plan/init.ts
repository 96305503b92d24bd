import { Args } from '@oclif/core'
import { BaseCommand } from '../../lib/cli/base-command.js'
import { dryRunFlag } from '../../lib/cli/flags/run.js'
import { writePlanFile } from '../../lib/cli/plan-template.js'

export default class PlanInit extends BaseCommand {
  static override summary = 'Write a plan file to begin with'
  static override description = `Its first line names the JSON Schema of plan files, by which editors complete and check what is typed.
A file that is there already is left alone.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> plans/winter.yaml',
  ]
  static override flags = { ...dryRunFlag }
  static override args = {
    file: Args.string({ ignoreStdin: true, default: 'rollout.yaml', description: 'the file to write' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PlanInit)
    await writePlanFile(this, args.file, flags)
  }
}
