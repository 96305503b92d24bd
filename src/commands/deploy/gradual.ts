import { Flags } from '@oclif/core'
import { gradualOptionsSchema, parseOptions } from '../../lib/contract/options.js'
import { BaseCommand } from '../../lib/cli/base-command.js'
import {
  detachFlag,
  environmentFlags,
  onCrashFlag,
  onInconclusiveFlag,
  onInterruptFlag,
  pinFlags,
  runFlags,
  serverFlags,
  stateFlags,
  thresholdFlags,
} from '../../lib/cli/flags.js'
import { openOperation, readBasis } from '../../lib/cli/operation.js'
import { resumeRun } from '../../lib/cli/resume.js'
import { checkEventsFlag, runPlan } from '../../lib/cli/run-plan.js'
import { planGradual } from '../../lib/core/plan.js'

/** What a rollout that is taken up has settled already. */
const PLANNED = [
  'initial-percentage',
  'max-percentage',
  'step-size',
  'step-duration',
  'no-monitoring',
  'on-inconclusive',
  'on-interrupt',
  'rollback-timeout',
]

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
      description: 'With pinned users named, and stricter limits',
      command:
        '<%= config.bin %> <%= command.id %> --rollout-users @pinned.txt --max-error-rate 2 --consecutive-failures 2',
    },
  ]
  static override flags = {
    'initial-percentage': Flags.string({ default: '5', helpValue: 'PERCENT', description: 'where to start' }),
    'max-percentage': Flags.string({ default: '100', helpValue: 'PERCENT', description: 'where to stop' }),
    'step-size': Flags.string({ default: '5', helpValue: 'PERCENT', description: 'how much each step adds' }),
    'step-duration': Flags.string({
      default: '30',
      helpValue: 'DURATION',
      description: 'observation of each step; a bare number is minutes',
    }),
    'no-monitoring': Flags.boolean({ description: 'wait the steps out without judging them: nothing will roll back' }),
    resume: Flags.boolean({
      description: 'go on with the rollout that was left: see rollout resume',
      exclusive: [...Object.keys({ ...thresholdFlags, ...pinFlags, ...environmentFlags }), ...PLANNED],
    }),
    ...onInconclusiveFlag,
    ...onCrashFlag,
    ...detachFlag,
    ...onInterruptFlag,
    ...runFlags,
    ...thresholdFlags,
    ...pinFlags,
    ...serverFlags,
    ...environmentFlags,
    ...stateFlags,
  }

  protected override readonly failureDocument = 'result'

  async run(): Promise<void> {
    const { flags } = await this.parse(DeployGradual)
    checkEventsFlag(this, flags.events)
    if (flags.resume) return resumeRun(this, flags, { command: this.typed })
    const { stepDuration, ...options } = parseOptions(gradualOptionsSchema, {
      initialPercentage: flags['initial-percentage'],
      maxPercentage: flags['max-percentage'],
      stepSize: flags['step-size'],
      stepDuration: flags['step-duration'],
    })
    const operation = await openOperation(flags, this.environment)
    const basis = await readBasis(operation, flags['on-interrupt'])
    const plan = planGradual(basis, {
      ...options,
      stepDurationMs: stepDuration,
      monitoring: !flags['no-monitoring'],
      onInconclusive: flags['on-inconclusive'],
    })
    await runPlan(this, operation, plan, flags)
  }
}
