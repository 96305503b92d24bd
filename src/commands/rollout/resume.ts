import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../lib/cli/base-command.js'
import { orderFlags } from '../../lib/cli/flags/orders.js'
import {
  confirmFlag,
  detachFlag,
  dryRunFlag,
  metricsFlags,
  notifyFlags,
  resumedOnCrashFlag,
  runFlags,
} from '../../lib/cli/flags/run.js'
import { serverFlags, stateFlags } from '../../lib/cli/flags/server.js'
import { resumeRun } from '../../lib/cli/resume.js'
import { resumeIfLeft } from '../../lib/cli/resume-if-left.js'
import { checkEventsFlag } from '../../lib/cli/run-sinks.js'
import { RESUME_POLICIES } from '../../lib/core/rollout.js'

export default class RolloutResume extends BaseCommand {
  static override summary = 'Have a paused run go on, or take up one that was left without a process'
  static override description = `One that was left goes on exactly where it was: plan, thresholds and server are those of its records,
and time in which nobody watched does not count as observed. A run that came to its end is not taken up.`
  static override examples = [
    { description: 'The one that was left', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'In a job that is begun again and again',
      command: '<%= config.bin %> <%= command.id %> --if-left --yes',
    },
    {
      description: 'One of several, by the beginning of its id',
      command: '<%= config.bin %> <%= command.id %> 20261124-0930',
    },
  ]
  static override args = { id: Args.string({ ignoreStdin: true, description: 'id of the run, or its beginning' }) }
  static override flags = {
    detached: Flags.boolean({ hidden: true }),
    policy: Flags.option({ options: RESUME_POLICIES, default: 'continue' as const, hidden: true })(),
    'if-left': Flags.boolean({
      description: 'do nothing, and exit 0, where no run was left or it was paused: for what runs again and again',
      exclusive: ['detach'],
    }),
    ...resumedOnCrashFlag,
    ...detachFlag,
    events: runFlags.events,
    reason: orderFlags.reason,
    ...notifyFlags,
    ...metricsFlags,
    ...confirmFlag,
    ...dryRunFlag,
    ...serverFlags,
    ...stateFlags,
  }

  protected override readonly failureDocument = 'result'

  /** Who takes over after a crash waits for a disk that hangs: giving up would leave users where they are. */
  protected override readonly needsRecords = ({ policy }: Readonly<Record<string, unknown>>): boolean =>
    policy === 'continue'

  async run(): Promise<void> {
    const { args, flags } = await this.parse(RolloutResume)
    checkEventsFlag(this, flags.events)
    if (flags['if-left']) await resumeIfLeft(this, flags, args.id)
    else await resumeRun(this, flags, { id: args.id, policy: flags.policy })
  }
}
