import { Flags } from '@oclif/core'
import { BaseCommand } from '../lib/cli/base-command.js'
import { connect } from '../lib/cli/connect.js'
import { serverFlags } from '../lib/cli/flags.js'
import { tellLeftRuns } from '../lib/cli/left-runs.js'
import { resolveSettings } from '../lib/cli/settings.js'
import { watch } from '../lib/cli/watch.js'
import { usageError } from '../lib/core/error.js'
import { intervalOptionsSchema, parseOptions } from '../lib/contract/options.js'
import { toStatusDocument } from '../lib/contract/status.js'

export default class Status extends BaseCommand {
  static override summary = 'Show mode, percentage, users, connections, errors and health of the server'
  static override aliases = ['rollback:status']
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    { description: 'Again every five seconds', command: '<%= config.bin %> <%= command.id %> --watch --interval 5s' },
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
      description: 'time between two looks with --watch',
    }),
    ...serverFlags,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Status)
    if (flags.watch && flags.json) {
      throw usageError('--watch shows the status again and again, --json prints one document', 'give one of them')
    }
    const { interval } = parseOptions(intervalOptionsSchema, { interval: flags.interval })
    const settings = resolveSettings(flags, this.environment)
    await tellLeftRuns(settings)
    const api = await connect(settings)
    const { statusTable } = await import('../lib/render/tables.js')
    const look = async (): Promise<void> => {
      const [status, health] = await Promise.all([api.readStatus(), api.health()])
      const document = toStatusDocument(settings.server, status, health)
      this.print(document, ({ out }) => statusTable(document, out))
    }
    await (flags.watch ? watch(this, look, interval) : look())
  }
}
