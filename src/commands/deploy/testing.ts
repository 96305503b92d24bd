import { Flags } from '@oclif/core'
import { BaseCommand } from '../../lib/cli/base-command.js'
import { fleetFlags } from '../../lib/cli/flags/fleet.js'
import { confirmFlag, dryRunFlag, operationFlags, preflightFlag } from '../../lib/cli/flags/run.js'
import { openOperation, readBasis } from '../../lib/cli/operation.js'
import { checkBeforeRun } from '../../lib/cli/preflight.js'
import { runPlan } from '../../lib/cli/run-plan.js'
import { checkEventsFlag } from '../../lib/cli/run-sinks.js'
import { readUserList } from '../../lib/cli/user-lists.js'
import { usageError } from '../../lib/core/error.js'
import { planTesting } from '../../lib/core/plan.js'

export default class DeployTesting extends BaseCommand {
  static override summary = 'Move only the named test users to the unified system'
  static override description = 'The test users replace the rollout list of the server; everybody else stays on legacy.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --test-users user1 user2 user3',
    { description: 'From a file', command: '<%= config.bin %> <%= command.id %> --test-users @testers.txt' },
  ]
  static override flags = {
    'test-users': Flags.string({
      multiple: true,
      required: true,
      helpValue: 'ID',
      description: 'ids, commas, repeats, or @FILE',
    }),
    ...preflightFlag,
    ...dryRunFlag,
    ...confirmFlag,
    ...fleetFlags,
    ...operationFlags,
  }

  protected override readonly failureDocument = 'result'

  async run(): Promise<void> {
    const { flags } = await this.parse(DeployTesting)
    checkEventsFlag(this, flags.events)
    const testUsers = await readUserList('--test-users', flags['test-users'])
    if (testUsers.length === 0) throw usageError('--test-users names nobody', 'name at least one user: --test-users ID')
    const operation = await openOperation(flags, this.environment)
    const plan = planTesting(await readBasis(operation, 'hold'), testUsers)
    const warnings = await checkBeforeRun(this, operation, plan, flags)
    await runPlan(this, operation, plan, { ...flags, warnings })
  }
}
