import { Flags } from '@oclif/core'
import { configureOptionsSchema, parseOptions } from '../lib/contract/options.js'
import { BaseCommand } from '../lib/cli/base-command.js'
import { readConfigureBasis } from '../lib/cli/configure-basis.js'
import { fleetFlags } from '../lib/cli/flags/fleet.js'
import { confirmFlag, dryRunFlag, operationFlags } from '../lib/cli/flags/run.js'
import { openOperation } from '../lib/cli/operation.js'
import { runPlan } from '../lib/cli/run-plan.js'
import { checkEventsFlag } from '../lib/cli/run-sinks.js'
import { planConfigure } from '../lib/core/plan.js'

export default class Configure extends BaseCommand {
  static override summary = 'Change settings of the server in one checked write'
  static override description = `Only what is named changes: the server would reset whatever a write leaves out, so the two user
lists must be known. A list that is named here replaces the one on the server; '' empties it.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --percentage 20',
    {
      description: 'Pin two users to legacy',
      command: '<%= config.bin %> <%= command.id %> --force-legacy-users mallory trent',
    },
    { description: 'Turn the fallback off', command: '<%= config.bin %> <%= command.id %> --legacy-fallback false' },
  ]
  static override flags = {
    mode: Flags.string({ helpValue: 'MODE', description: 'disabled, testing, gradual or full' }),
    percentage: Flags.string({ helpValue: 'PERCENT', description: 'percentage of mode gradual' }),
    'legacy-fallback': Flags.string({
      helpValue: 'true|false',
      description: 'whether legacy takes what unified fails to',
    }),
    ...dryRunFlag,
    ...confirmFlag,
    ...fleetFlags,
    ...operationFlags,
  }

  protected override readonly failureDocument = 'result'

  async run(): Promise<void> {
    const { flags } = await this.parse(Configure)
    checkEventsFlag(this, flags.events)
    const change = parseOptions(configureOptionsSchema, {
      mode: flags.mode,
      percentage: flags.percentage,
      legacyFallback: flags['legacy-fallback'],
    })
    const { 'rollout-users': rolloutUsers, 'force-legacy-users': forceLegacyUsers, ...rest } = flags
    const operation = await openOperation(rest, this.environment)
    const { basis, target } = await readConfigureBasis(operation, change, { rolloutUsers, forceLegacyUsers })
    await runPlan(this, operation, planConfigure(basis, target), flags)
  }
}
