import { Args } from '@oclif/core'
import { BaseCommand } from '../lib/cli/base-command.js'
import { stateFlags } from '../lib/cli/flags/server.js'
import { listRuns, showRun } from '../lib/cli/history.js'
import { tellLeftRuns } from '../lib/cli/left-runs.js'
import { resolveSettings } from '../lib/cli/settings.js'

export default class History extends BaseCommand {
  static override summary = 'List past runs, or show one'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'One run, from the beginning of its id',
      command: '<%= config.bin %> <%= command.id %> 20261124-0930',
    },
  ]
  static override args = { id: Args.string({ ignoreStdin: true, description: 'id of a run, or its beginning' }) }
  static override flags = { ...stateFlags }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(History)
    const settings = resolveSettings(flags, this.environment)
    await tellLeftRuns(settings)
    await (args.id === undefined ? listRuns(this, settings) : showRun(this, settings, args.id))
  }
}
