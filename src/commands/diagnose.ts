import { Flags } from '@oclif/core'
import { observationOptionsSchema, parseOptions } from '../lib/contract/options.js'
import { BaseCommand } from '../lib/cli/base-command.js'
import { diagnose } from '../lib/cli/diagnose.js'
import { thresholdFlags } from '../lib/cli/flags/judging.js'
import { environmentFlags, serverFlags, stateFlags } from '../lib/cli/flags/server.js'
import { openOperation } from '../lib/cli/operation.js'

const OBSERVE_MS = 5000

export default class Diagnose extends BaseCommand {
  static override summary = 'Find out what is wrong, with evidence and what to do about it; exits 1 for a problem'
  static override description = `Looks at the server, its counters, its environment file, and the last run on it, and changes nothing. What
it knows of troubleshooting is told where it applies.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'Where few users connect: look for longer',
      command: '<%= config.bin %> <%= command.id %> --duration 2m',
    },
    {
      description: "With the server's environment file, and in a pipeline",
      command: '<%= config.bin %> <%= command.id %> --env-file /srv/chat/.env --json | jq .findings',
    },
  ]
  static override flags = {
    duration: Flags.string({
      helpValue: 'DURATION',
      description: 'watch the counters for this long; a bare number is minutes [default: 5s]',
    }),
    ...thresholdFlags,
    ...serverFlags,
    ...environmentFlags,
    ...stateFlags,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Diagnose)
    const { duration = OBSERVE_MS } = parseOptions(observationOptionsSchema, { duration: flags.duration })
    await diagnose(this, await openOperation(flags, this.environment, { warnOnly: true }), duration)
  }
}
