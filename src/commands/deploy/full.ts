import { Flags } from '@oclif/core'
import { observationOptionsSchema, parseOptions } from '../../lib/contract/options.js'
import { BaseCommand } from '../../lib/cli/base-command.js'
import { canaryFlag, fleetFlags } from '../../lib/cli/flags/fleet.js'
import { onInconclusiveFlag } from '../../lib/cli/flags/gradual.js'
import { analysisFlags, safeguardFlags, thresholdFlags } from '../../lib/cli/flags/judging.js'
import {
  confirmFlag,
  detachFlag,
  dryRunFlag,
  metricsFlags,
  onCrashFlag,
  onInterruptFlag,
  operationFlags,
  preflightFlag,
} from '../../lib/cli/flags/run.js'
import { openOperation, readBasis } from '../../lib/cli/operation.js'
import { checkBeforeRun } from '../../lib/cli/preflight.js'
import { runPlan } from '../../lib/cli/run-plan.js'
import { checkEventsFlag } from '../../lib/cli/run-sinks.js'
import { readSafeguards } from '../../lib/cli/safeguards.js'
import { planFull } from '../../lib/core/plan.js'

export default class DeployFull extends BaseCommand {
  static override summary = 'Put everybody on the unified system'
  static override description = `Sets mode full, 100 %, at once. With --duration it is observed afterwards, and rolled back on breach.
Legacy stays available as the fallback.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'Observed for two hours, with automatic rollback',
      command: '<%= config.bin %> <%= command.id %> --duration 2h',
    },
  ]
  static override flags = {
    duration: Flags.string({
      helpValue: 'DURATION',
      description: 'observe it for this long; a bare number is minutes',
    }),
    ...onInconclusiveFlag,
    ...onCrashFlag,
    ...detachFlag,
    ...onInterruptFlag,
    ...preflightFlag,
    ...safeguardFlags,
    ...dryRunFlag,
    ...thresholdFlags,
    ...analysisFlags,
    ...metricsFlags,
    ...confirmFlag,
    ...fleetFlags,
    ...canaryFlag,
    ...operationFlags,
  }

  protected override readonly failureDocument = 'result'

  async run(): Promise<void> {
    const { flags } = await this.parse(DeployFull)
    checkEventsFlag(this, flags.events)
    const { duration = 0 } = parseOptions(observationOptionsSchema, { duration: flags.duration })
    const operation = await openOperation(flags, this.environment)
    const safeguards = readSafeguards(flags, operation.thresholds)
    const plan = planFull(await readBasis(operation, flags['on-interrupt']), {
      durationMs: duration,
      onInconclusive: flags['on-inconclusive'],
      safeguards,
    })
    const warnings = await checkBeforeRun(this, operation, plan, flags)
    await runPlan(this, operation, plan, { ...flags, warnings })
  }
}
