import { Help, type Command } from '@oclif/core'
import { OUTCOMES } from '../core/outcome.js'

const FIRST_STEPS = `See a whole rollout, with nothing at stake:
  $ wsctl rehearse
  $ wsctl rehearse --fault unified-errors

Against a real server (admin token in WSCTL_TOKEN):
  $ wsctl status --server https://chat.example.com
  $ wsctl preflight --max-percentage 50
  $ wsctl deploy testing --test-users user1 user2
  $ wsctl deploy gradual --max-percentage 50
  $ wsctl deploy gradual --initial-percentage 50 --step-size 10 --step-duration 60

When something is wrong:
  $ wsctl rollback emergency --reason "what you see"`

/** oclif's help, with what to do first at the top and the exit codes at the end. */
export default class WsctlHelp extends Help {
  protected override async showRootHelp(): Promise<void> {
    await super.showRootHelp()
    this.log(this.section('FIRST STEPS', FIRST_STEPS))
    this.log('')
    this.log(this.exitCodes())
  }

  override formatCommand(command: Command.Loadable): string {
    return `${super.formatCommand(command).trimEnd()}\n\n${this.exitCodes()}\n`
  }

  private exitCodes(): string {
    return this.section(
      'EXIT CODES',
      OUTCOMES.map(
        ({ exitCode, outcome, meaning }) => `${String(exitCode).padStart(2)}  ${outcome.padEnd(20)} ${meaning}`,
      ).join('\n'),
    )
  }
}
