import { Flags } from '@oclif/core'
import { observationOptionsSchema, parseOptions } from '../lib/contract/options.js'
import { BaseCommand } from '../lib/cli/base-command.js'
import { analysisFlags, comparisonFlags, thresholdFlags } from '../lib/cli/flags/judging.js'
import { detachFlag, dryRunFlag, metricsFlags, onCrashFlag, operationFlags } from '../lib/cli/flags/run.js'
import { openOperation, readWatchBasis } from '../lib/cli/operation.js'
import { runPlan } from '../lib/cli/run-plan.js'
import { checkEventsFlag } from '../lib/cli/run-sinks.js'
import { readComparison } from '../lib/cli/safeguards.js'
import { planWatch } from '../lib/core/plan.js'

export default class Monitor extends BaseCommand {
  static override summary = 'Watch the server against the thresholds, and act on a breach'
  static override description = `Changes nothing until a breach: then everybody is taken back to legacy, or with --on-breach exit
the command ends with exit code 15. Without --duration it watches until it is stopped.`
  static override examples = [
    {
      description: 'An hour, with stricter limits',
      command: '<%= config.bin %> <%= command.id %> --duration 60 --max-error-rate 3 --consecutive-failures 2',
    },
    { description: 'Two days after a full deployment', command: '<%= config.bin %> <%= command.id %> --duration 48h' },
    {
      description: 'The same, with no more than half again as many errors as before the rollout',
      command:
        '<%= config.bin %> <%= command.id %> --duration 48h --baseline 20261124-0930 --max-error-rate-increase 1.5x',
    },
    { description: 'Only tell', command: '<%= config.bin %> <%= command.id %> --on-breach exit' },
  ]
  static override flags = {
    duration: Flags.string({ helpValue: 'DURATION', description: 'watch for this long; a bare number is minutes' }),
    'on-breach': Flags.option({
      options: ['rollback', 'exit'] as const,
      default: 'rollback',
      description: 'what a breach does',
    })(),
    ...onCrashFlag,
    ...detachFlag,
    ...comparisonFlags,
    ...thresholdFlags,
    ...analysisFlags,
    ...metricsFlags,
    ...dryRunFlag,
    ...operationFlags,
  }

  protected override readonly failureDocument = 'result'

  async run(): Promise<void> {
    const { flags } = await this.parse(Monitor)
    checkEventsFlag(this, flags.events)
    const { duration = null } = parseOptions(observationOptionsSchema, { duration: flags.duration })
    const exclusive = flags['on-breach'] === 'rollback'
    const operation = await openOperation(flags, this.environment, { exclusive, settles: false })
    const safeguards = await readComparison(flags, operation.settings)
    const plan = planWatch(await readWatchBasis(operation), {
      durationMs: duration,
      onBreach: flags['on-breach'],
      safeguards,
    })
    await runPlan(this, operation, plan, flags)
  }
}
