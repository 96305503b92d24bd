import { excessOf, Pace, paceOf } from '../adapters/pace.js'
import { PacedServer } from '../adapters/paced-server.js'
import type { AxiosAdminApi } from '../adapters/axios-admin-api.js'
import { systemClock } from '../adapters/system-clock.js'
import type { RolloutPlan } from '../core/rollout.js'
import type { RolloutServer } from '../ports/admin-api.js'
import type { Inbox } from '../ports/inbox.js'
import type { BaseCommand } from './base-command.js'
import type { ConnectedServer } from './connect.js'
import type { KnownOfFleet } from './joining-servers.js'

/**
 * The server at the pace that it takes. Tells when more checks are asked for; the sandbox of a rehearsal
 * has no limit.
 *
 * @param known of a fleet: which servers there are, and who is asked about those that join
 */
export async function paced(
  command: BaseCommand,
  server: ConnectedServer,
  inbox: Inbox,
  { thresholds, ...plan }: RolloutPlan,
  known: KnownOfFleet = {},
): Promise<RolloutServer> {
  const yields = plan.intent === 'watch'
  const perMinute = excessOf(thresholds.pollIntervalMs)
  if (perMinute !== null && plan.command !== 'rehearse') {
    command.note(
      `Checks every ${thresholds.pollIntervalMs} ms are ${perMinute} requests a minute, and the server may take about ` +
        `100 from one client. Once it refuses one, they are made about ${yields ? 'every two seconds' : 'once a second'}; ` +
        `to begin with that: --poll-interval ${yields ? 2 : 1}s`,
    )
  }
  const pace = (member: AxiosAdminApi): PacedServer =>
    new PacedServer(member, systemClock, inbox, thresholds.pollIntervalMs, { alreadySent: member.sent, yields })
  if (!('servers' in server)) return pace(server)
  const { pacedFleet } = await import('./connect-fleet.js')
  return pacedFleet(server, pace, known)
}

/** The pace of many single requests. Tells how long they take when that is long. */
export function paceOfMany(command: BaseCommand, requests: number): Pace {
  const seconds = Math.ceil(paceOf(requests) / 1000)
  if (seconds > 10) {
    command.note(
      `${requests} requests take about ${seconds} s: the server takes about 100 a minute from one client, and a rollout may need some of them.`,
    )
  }
  return new Pace(systemClock)
}
