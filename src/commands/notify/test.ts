import { BaseCommand } from '../../lib/cli/base-command.js'
import { dryRunFlag, notifyFlags } from '../../lib/cli/flags/run.js'
import { testNotifications } from '../../lib/cli/notify-test.js'

export default class NotifyTest extends BaseCommand {
  static override summary = 'Send a test message to everybody who would be notified, and say what came of it'
  static override description = `One attempt each, all at the same time; nothing is sent to the server. Exits 1 when a message was not
delivered. A webhook is signed with the secret in WSCTL_NOTIFY_SECRET, when that is set.`
  static override examples = [
    {
      description: 'Whether Slack takes messages, with its URL in a variable',
      command: '<%= config.bin %> <%= command.id %> --notify slack=env:SLACK_WEBHOOK',
    },
    {
      description: 'A webhook and a command',
      command:
        '<%= config.bin %> <%= command.id %> --notify webhook=https://hooks.example.com/wsctl --notify "command=./page.sh"',
    },
  ]
  static override flags = { ...notifyFlags, ...dryRunFlag }

  async run(): Promise<void> {
    const { flags } = await this.parse(NotifyTest)
    await testNotifications(this, flags)
  }
}
