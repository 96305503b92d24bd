import { BaseCommand } from '../lib/cli/base-command.js'
import { printDoctor } from '../lib/cli/doctor.js'
import { environmentFlags, serverFlags, stateFlags } from '../lib/cli/flags/server.js'
import type { WsctlError } from '../lib/core/error.js'

export default class Doctor extends BaseCommand {
  static override summary = 'Look at wsctl itself: versions, settings and where each came from, records, server'
  static override description = `Changes nothing. When something would stop a rollout, the exit code is 1. Whether a rollout could begin is told
by: wsctl preflight`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'Where the server was named',
      command: `<%= config.bin %> <%= command.id %> --json | jq '.settings[] | select(.setting == "server")'`,
    },
  ]
  static override flags = { ...serverFlags, ...environmentFlags, ...stateFlags }

  /** Whether they answer is one of its checks. */
  protected override readonly needsRecords = (): boolean => false
  private readonly problems: WsctlError[] = []

  async run(): Promise<void> {
    const { flags } = await this.parse(Doctor)
    await printDoctor(this, flags, this.problems)
  }

  protected override doWithout(error: WsctlError): void {
    this.problems.push(error)
  }

  /** Told among the checks. */
  protected override caution(): void {
    return
  }
}
