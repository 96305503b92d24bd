import { systemClock } from '../adapters/system-clock.js'
import { toScheduleDocument } from '../contract/schedule.js'
import { refuseOverlap } from '../contract/user-list.js'
import type { BaseCommand } from './base-command.js'
import { readGradual, type GradualFlags, type ParsedFlags } from './gradual-options.js'
import type { PinFlags } from './pin-sources.js'
import { withSafeguards, type SafeguardFlags } from './safeguards.js'
import { resolveSettings, resolveThresholds } from './settings.js'
import { readUserList, readUsersFile } from './user-lists.js'

interface ScheduleFlags extends GradualFlags, PinFlags, SafeguardFlags, Readonly<Record<string, unknown>> {
  readonly 'users-file'?: string | undefined
}

/**
 * Prints what a gradual rollout would do, were it to begin now. Talks to no server.
 *
 * @throws WsctlError (usage)
 */
export async function printSchedule(command: BaseCommand, parsed: ParsedFlags<ScheduleFlags>): Promise<void> {
  const { flags, options } = await readGradual(parsed, command.environment)
  const rolloutUsers = await readUserList('--rollout-users', flags['rollout-users'] ?? [])
  const forceLegacyUsers = await readUserList('--force-legacy-users', flags['force-legacy-users'] ?? [])
  refuseOverlap(rolloutUsers, forceLegacyUsers)
  const file = flags['users-file']
  const thresholds = resolveThresholds(flags, resolveSettings({}, command.environment))
  const document = toScheduleDocument({
    options: withSafeguards(options, flags, thresholds),
    thresholds,
    pins: { rolloutUsers, forceLegacyUsers },
    users: file === undefined ? null : await readUsersFile('--users-file', file),
    begins: systemClock.wallTime(),
  })
  const { scheduleText } = await import('../render/schedule.js')
  command.print(document, ({ out }) => scheduleText(document, out))
}
