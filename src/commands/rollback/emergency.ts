import { Flags } from '@oclif/core'
import { BaseCommand } from '../../lib/cli/base-command.js'
import { dryRunFlag, operationFlags } from '../../lib/cli/flags/run.js'
import { openOperation, readEmergencyBasis } from '../../lib/cli/operation.js'
import { runPlan } from '../../lib/cli/run-plan.js'
import { checkEventsFlag } from '../../lib/cli/run-sinks.js'
import { planEmergency } from '../../lib/core/plan.js'

export default class RollbackEmergency extends BaseCommand {
  static override summary = 'Take everybody back to legacy, now'
  static override description = `Asks nothing. Tries until the server says disabled when it is read back, for as long as
--rollback-timeout; then clears the assignment cache, sets the percentage to 0 and updates the environment file.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --reason "connections drop since 03:10"',
    {
      description: 'And keep the server on legacy when it restarts',
      command: '<%= config.bin %> <%= command.id %> --env-file /srv/app/.env',
    },
  ]
  static override flags = {
    reason: Flags.string({ helpValue: 'TEXT', description: 'kept in the records' }),
    ...dryRunFlag,
    ...operationFlags,
  }

  protected override readonly failureDocument = 'result'
  protected override readonly isEmergency = true

  async run(): Promise<void> {
    const { flags } = await this.parse(RollbackEmergency)
    checkEventsFlag(this, flags.events)
    const operation = await openOperation(flags, this.environment, { warnOnly: true })
    const plan = planEmergency(await readEmergencyBasis(operation), operation.pinSources, flags.reason ?? null)
    await runPlan(this, operation, plan, flags)
  }
}
