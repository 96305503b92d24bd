import { BaseCommand } from '../../lib/cli/base-command.js'
import { describePlanChanges, type Recorded } from '../../lib/cli/compare-plan.js'
import { canaryFlag, fleetFlags } from '../../lib/cli/flags/fleet.js'
import { gradualFlags, onInconclusiveFlag, resumeFlag } from '../../lib/cli/flags/gradual.js'
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
import { readGradual } from '../../lib/cli/gradual-options.js'
import { openOperation, readBasis } from '../../lib/cli/operation.js'
import { checkBeforeRun } from '../../lib/cli/preflight.js'
import { resumeRun } from '../../lib/cli/resume.js'
import { runPlan } from '../../lib/cli/run-plan.js'
import { checkEventsFlag } from '../../lib/cli/run-sinks.js'
import { withSafeguards } from '../../lib/cli/safeguards.js'
import { planGradual } from '../../lib/core/plan.js'

export default class DeployGradual extends BaseCommand {
  static override summary = 'Raise the percentage of users on the unified system step by step'
  static override description = `Each step, the last one too, is observed for its whole duration. When a threshold stays broken,
everybody is taken back to legacy. At 100 %, after a clean last step, the mode is set to full.`
  static override examples = [
    {
      description: 'From 5 % to 50 %, 5 % every half an hour',
      command: '<%= config.bin %> <%= command.id %> --max-percentage 50',
    },
    {
      description: 'On to everybody, in larger steps of an hour',
      command: '<%= config.bin %> <%= command.id %> --initial-percentage 50 --step-size 10 --step-duration 1h',
    },
    {
      description: 'As a plan file says; first see what it would write',
      command: '<%= config.bin %> <%= command.id %> --plan rollout.yaml --dry-run',
    },
    {
      description: 'With pinned users named, and stricter limits',
      command:
        '<%= config.bin %> <%= command.id %> --rollout-users @pinned.txt --max-error-rate 2 --consecutive-failures 2',
    },
  ]
  static override flags = {
    ...gradualFlags,
    ...resumeFlag,
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
    const parsed = await this.parse(DeployGradual)
    checkEventsFlag(this, parsed.flags.events)
    if (parsed.flags.resume) {
      const compare = (recorded: Recorded) => describePlanChanges(parsed, this.environment, recorded)
      return resumeRun(this, parsed.flags, { command: this.typed, ...(parsed.flags.plan !== undefined && { compare }) })
    }
    const { flags, options, written } = await readGradual(parsed, this.environment)
    this.remember(flags)
    const operation = await openOperation(flags, this.environment, { written })
    const guarded = withSafeguards(options, flags, operation.thresholds)
    const plan = planGradual(await readBasis(operation, flags['on-interrupt']), guarded)
    const warnings = await checkBeforeRun(this, operation, plan, flags)
    await runPlan(this, operation, plan, { ...flags, warnings })
  }
}
