import { askPatiently } from '../lib/cli/ask.js'
import { BaseCommand } from '../lib/cli/base-command.js'
import { connect } from '../lib/cli/connect.js'
import { serverFlags } from '../lib/cli/flags/server.js'
import { tellLeftRuns } from '../lib/cli/left-runs.js'
import { resolveSettings } from '../lib/cli/settings.js'
import { toHealthDocument } from '../lib/contract/health.js'
import { exitCodeOf } from '../lib/core/outcome.js'

export default class Health extends BaseCommand {
  static override summary = "Show the server's own verdict on its health; exits 1 when degraded"
  static override description = `The server judges by everything since its process began: once degraded, it says so until it is
restarted. What is happening now is told by: wsctl monitor`
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override flags = { ...serverFlags }

  async run(): Promise<void> {
    const { flags } = await this.parse(Health)
    const settings = resolveSettings(flags, this.environment)
    await tellLeftRuns(settings)
    const api = await connect(settings)
    const document = toHealthDocument(settings.server, await askPatiently(() => api.health()))
    const { healthTable } = await import('../lib/render/tables.js')
    this.print(document, ({ out }) => healthTable(document, out))
    if (document.status === 'degraded') process.exitCode = exitCodeOf('failed')
  }
}
