import { Args } from '@oclif/core'
import { BaseCommand } from '../lib/cli/base-command.js'
import { connect } from '../lib/cli/connect.js'
import { serverFlags } from '../lib/cli/flags/server.js'
import { tellLeftRuns } from '../lib/cli/left-runs.js'
import { paceOfMany } from '../lib/cli/pace.js'
import { resolveSettings } from '../lib/cli/settings.js'
import { readUserList } from '../lib/cli/user-lists.js'
import { readUsers } from '../lib/cli/users.js'
import { usageError } from '../lib/core/error.js'
import { toUserDocument } from '../lib/contract/user.js'

export default class User extends BaseCommand {
  static override summary = 'Show which system users are on, why, and at which percentage they would move'
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice bob',
    { description: 'From a file', command: '<%= config.bin %> <%= command.id %> @users.txt --json' },
  ]
  static override strict = false
  static override args = { id: Args.string({ required: true, description: 'user ids, commas, or @FILE' }) }
  static override flags = { ...serverFlags }

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(User)
    const ids = await readUserList('ID', argv.map(String))
    if (ids.length === 0) throw usageError('no user was named', 'name at least one: wsctl user ID')
    const settings = resolveSettings(flags, this.environment)
    await tellLeftRuns(settings)
    const api = await connect(settings)
    const document = toUserDocument(await readUsers(api, ids, paceOfMany(this, ids.length)))
    const { userTable } = await import('../lib/render/tables.js')
    this.print(document, ({ out }) => userTable(document.users, out))
  }
}
