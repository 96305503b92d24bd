import { BaseCommand } from '../../lib/cli/base-command.js'
import { printPlanSchema } from '../../lib/cli/plan-template.js'

export default class PlanSchema extends BaseCommand {
  static override summary = 'Print the JSON Schema of plan files'
  static override description = `To be kept beside a plan, where editors find it on every machine: the first line of the plan names it,
as in: # yaml-language-server: $schema=plan.schema.json`
  static override examples = ['<%= config.bin %> <%= command.id %> > plan.schema.json']

  async run(): Promise<void> {
    await this.parse(PlanSchema)
    await printPlanSchema(this)
  }
}
