/** Where the servers of a fleet stand before a run. */
import { WsctlError } from './error.js'
import { answered, settingsOfMember, type FleetStatus } from './fleet.js'
import { sameSettings } from './processes.js'
import { describeSettings, effectivePercentage, snapshotOf, type Pins, type Settings, type Snapshot } from './server.js'

/** One server, and what it says. */
interface Standing {
  readonly server: string
  readonly settings: Settings
}

function standings(status: FleetStatus): readonly Standing[] {
  return status.members.filter(answered).flatMap((member) => {
    const settings = settingsOfMember(status, member)
    return settings === null ? [] : [{ server: member.server, settings }]
  })
}

/** Whether servers do not all say the same. */
export function differ(status: FleetStatus): boolean {
  const [first, ...rest] = standings(status)
  return first !== undefined && rest.some(({ settings }) => !sameSettings(settings, first.settings))
}

/**
 * Who says what, a line each, those that say the same in one line; those that most say come first.
 *
 * @returns lines such as `gradual 20 %, fallback on, 3 + 0 users pinned: http://a, http://b`
 */
function differenceLines(status: FleetStatus): readonly string[] {
  const groups = new Map<string, string[]>()
  for (const { server, settings } of standings(status)) {
    const said = describeAll(settings)
    groups.set(said, [...(groups.get(said) ?? []), server])
  }
  const width = Math.max(...[...groups.keys()].map((said) => said.length))
  return [...groups]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([said, servers]) => `${said.padEnd(width)}  ${servers.join(', ')}`)
}

function describeAll(settings: Settings): string {
  const { explicitRolloutUsers: listed, forcedLegacyUsers: forced, legacyFallback } = settings
  return `${describeSettings(settings)}, fallback ${legacyFallback ? 'on' : 'off'}, ${listed} listed, ${forced} forced to legacy`
}

/** The refusal to begin with servers that say different things (exit 13). */
export function differenceError(status: FleetStatus): WsctlError {
  return new WsctlError(
    'fleet-differs',
    `the servers do not say the same, so there is no one step to begin from. Nothing was changed:\n` +
      differenceLines(status).join('\n'),
    {
      outcome: 'refused',
      suggestions: [
        'to set all to where the lowest is, as the first write of the run: --converge',
        'to look at them: wsctl status',
      ],
    },
  )
}

/** Where the lowest stands, which is where all are set to first. */
export function lowestOf(status: FleetStatus): Settings {
  const all = standings(status).map(({ settings }) => settings)
  const rank = (settings: Settings): number => (settings.mode === 'disabled' ? 0 : 1000) + effectivePercentage(settings)
  return all.reduce((lowest, one) => (rank(one) < rank(lowest) ? one : lowest), status.settings)
}

/** Where each stands; lists as far as they fit what it says. */
export function beforeOfEach(status: FleetStatus, pins: Pins): Readonly<Record<string, Snapshot>> {
  return Object.fromEntries(
    standings(status).map(({ server, settings }): [string, Snapshot] => {
      const { rolloutUsers, forceLegacyUsers } = pins
      const known = snapshotOf(settings, null)
      return [
        server,
        {
          ...known,
          rolloutUsers: settings.explicitRolloutUsers === rolloutUsers.length ? rolloutUsers : null,
          forceLegacyUsers: settings.forcedLegacyUsers === forceLegacyUsers.length ? forceLegacyUsers : null,
        },
      ]
    }),
  )
}
