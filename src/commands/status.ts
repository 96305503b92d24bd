import { Flags } from '@oclif/core'
import { askPatiently } from '../lib/cli/ask.js'
import { BaseCommand } from '../lib/cli/base-command.js'
import { lookedUp } from '../lib/cli/connect.js'
import { serverFlags } from '../lib/cli/flags/server.js'
import { tellLeftRuns } from '../lib/cli/left-runs.js'
import { resolveSettings } from '../lib/cli/settings.js'
import { printStatus, readLookOptions, statusOf, waitUntil } from '../lib/cli/status.js'
import { tellTakenOver } from '../lib/cli/taken-over.js'
import { watch } from '../lib/cli/watch.js'

export default class Status extends BaseCommand {
  static override summary = 'Show mode, percentage, users, connections, errors and health of the server'
  static override aliases = ['rollback:status']
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    { description: 'Again every five seconds', command: '<%= config.bin %> <%= command.id %> --watch --interval 5s' },
    {
      description: 'Until half of the users are on the unified system, for an hour at most',
      command: `<%= config.bin %> <%= command.id %> --wait-for 'percentage>=50' --wait-timeout 1h`,
    },
    {
      description: 'The percentage alone',
      command: '<%= config.bin %> <%= command.id %> --json | jq .rollout.percentage',
    },
  ]
  static override flags = {
    watch: Flags.boolean({ char: 'w', description: 'show it again and again until stopped' }),
    interval: Flags.string({
      default: '5s',
      helpValue: 'DURATION',
      description: 'time between two looks with --watch and --wait-for',
    }),
    'wait-for': Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'CONDITION',
      description: "wait until mode=MODE, 'percentage>=N', unified-open=N, legacy-open=N, health=healthy; all of them",
    }),
    'wait-timeout': Flags.string({
      dependsOn: ['wait-for'],
      helpValue: 'DURATION',
      description: 'wait no longer, and exit with 1 (14 when the server does not answer) [default: 5m]',
    }),
    ...serverFlags,
  }

  protected override readonly needsRecords = (): boolean => true
  protected override readonly goesOnWithoutRecords = true

  async run(): Promise<void> {
    const { flags } = await this.parse(Status)
    const options = readLookOptions(flags)
    const settings = await lookedUp(resolveSettings(flags, this.environment))
    await tellLeftRuns(settings)
    await tellTakenOver(settings)
    const look = await statusOf(settings)
    const show = async (): Promise<void> => printStatus(this, settings, await look())
    if (options.conditions) await printStatus(this, settings, await waitUntil(this, look, options.conditions, options))
    else await (flags.watch ? watch(this, show, options.interval) : askPatiently(show))
  }
}
