import { askPatiently } from '../lib/cli/ask.js'
import { BaseCommand } from '../lib/cli/base-command.js'
import { connect } from '../lib/cli/connect.js'
import { serverFlags } from '../lib/cli/flags/server.js'
import { tellLeftRuns } from '../lib/cli/left-runs.js'
import { resolveSettings } from '../lib/cli/settings.js'
import { toReadings } from '../lib/contract/admin-api.js'

export default class Stats extends BaseCommand {
  static override summary = 'Show the raw counters of the server'
  static override description = `Counters only grow while one server process lives. Needs no token. With --json: the server's own JSON.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    { description: 'As the server sent it', command: '<%= config.bin %> <%= command.id %> --json | jq .router_stats' },
  ]
  static override flags = { ...serverFlags }

  async run(): Promise<void> {
    const { flags } = await this.parse(Stats)
    const settings = resolveSettings(flags, this.environment)
    await tellLeftRuns(settings)
    const api = await connect(settings)
    const answer = await askPatiently(() => api.stats())
    const { statsTable } = await import('../lib/render/tables.js')
    this.print(answer, ({ out }) => statsTable(toReadings(answer), out))
  }
}
