import { BaseCommand } from '../lib/cli/base-command.js'
import { canaryFlag, fleetFlags, quorumFlag } from '../lib/cli/flags/fleet.js'
import { gradualFlags, onInconclusiveFlag } from '../lib/cli/flags/gradual.js'
import { analysisFlags, safeguardFlags, thresholdFlags } from '../lib/cli/flags/judging.js'
import { pinFlags } from '../lib/cli/flags/run.js'
import { environmentFlags, serverFlags, stateFlags } from '../lib/cli/flags/server.js'
import { readGradual } from '../lib/cli/gradual-options.js'
import { openOperation } from '../lib/cli/operation.js'
import { printPreflight } from '../lib/cli/preflight.js'
import { withSafeguards } from '../lib/cli/safeguards.js'

export default class Preflight extends BaseCommand {
  static override summary = 'Check whether a gradual rollout could begin now; changes nothing'
  static override description = `Looks at the server, the token, the traffic, the pinned users, the environment file and the records, for
about two seconds. Each check passes, warns or fails; when one fails, the exit code is 13. Every deploy does the
same before it begins, and tells only what did not pass. Give the flags that you will give to: wsctl deploy gradual`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'Would these steps see enough traffic, and does the token live long enough?',
      command: '<%= config.bin %> <%= command.id %> --max-percentage 50 --step-duration 15',
    },
    {
      description: 'With the pinned users and the environment file of the server',
      command: '<%= config.bin %> <%= command.id %> --rollout-users @pinned.txt --env-file /srv/chat/.env',
    },
    {
      description: 'What did not pass, in a pipeline',
      command: `<%= config.bin %> <%= command.id %> --json | jq '.findings[] | select(.verdict != "pass")'`,
    },
  ]
  static override flags = {
    ...gradualFlags,
    ...onInconclusiveFlag,
    ...safeguardFlags,
    ...thresholdFlags,
    ...analysisFlags,
    ...quorumFlag,
    ...fleetFlags,
    ...canaryFlag,
    ...pinFlags,
    ...serverFlags,
    ...environmentFlags,
    ...stateFlags,
  }

  async run(): Promise<void> {
    const { flags, options } = await readGradual(await this.parse(Preflight), this.environment)
    this.remember(flags)
    const operation = await openOperation(flags, this.environment, { settles: false })
    await printPreflight(this, operation, withSafeguards(options, flags, operation.thresholds))
  }
}
