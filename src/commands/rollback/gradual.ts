import { Flags } from '@oclif/core'
import { loweringOptionsSchema, parseOptions } from '../../lib/contract/options.js'
import { BaseCommand } from '../../lib/cli/base-command.js'
import { fleetFlags } from '../../lib/cli/flags/fleet.js'
import { analysisFlags, thresholdFlags } from '../../lib/cli/flags/judging.js'
import {
  confirmFlag,
  detachFlag,
  dryRunFlag,
  metricsFlags,
  onCrashFlag,
  onInterruptFlag,
  operationFlags,
} from '../../lib/cli/flags/run.js'
import { openOperation, readBasis } from '../../lib/cli/operation.js'
import { runPlan } from '../../lib/cli/run-plan.js'
import { checkEventsFlag } from '../../lib/cli/run-sinks.js'
import { planLowering } from '../../lib/core/plan.js'

export default class RollbackGradual extends BaseCommand {
  static override summary = 'Take users back to legacy step by step'
  static override description = `Each step is observed; a breach on the way goes on as an emergency rollback.
At 0 the mode is set to disabled.`
  static override examples = [
    { description: '10 % every five minutes, down to nobody', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Down to 20 % and stay there',
      command: '<%= config.bin %> <%= command.id %> --to 20 --step-duration 10m',
    },
    { description: 'One step down', command: '<%= config.bin %> <%= command.id %> --step 25 --once' },
  ]
  static override flags = {
    step: Flags.string({ default: '10', helpValue: 'PERCENT', description: 'how much each step takes away' }),
    to: Flags.string({ default: '0', helpValue: 'PERCENT', description: 'where to stop' }),
    'step-duration': Flags.string({
      default: '5m',
      helpValue: 'DURATION',
      description: 'observation of each step; a bare number is minutes',
    }),
    once: Flags.boolean({ description: 'take one step and end' }),
    ...onCrashFlag,
    ...detachFlag,
    ...onInterruptFlag,
    ...thresholdFlags,
    ...analysisFlags,
    ...metricsFlags,
    ...dryRunFlag,
    ...confirmFlag,
    ...fleetFlags,
    ...operationFlags,
  }

  protected override readonly failureDocument = 'result'

  async run(): Promise<void> {
    const { flags } = await this.parse(RollbackGradual)
    checkEventsFlag(this, flags.events)
    const { stepDuration, ...options } = parseOptions(loweringOptionsSchema, {
      step: flags.step,
      to: flags.to,
      stepDuration: flags['step-duration'],
    })
    const operation = await openOperation(flags, this.environment)
    const plan = planLowering(await readBasis(operation, flags['on-interrupt']), {
      ...options,
      stepDurationMs: stepDuration,
      once: flags.once,
    })
    await runPlan(this, operation, plan, flags)
  }
}
