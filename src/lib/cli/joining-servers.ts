/** Servers that join a fleet while a run works on it. */
import { randomUUID } from 'node:crypto'
import type { Mailbox } from '../adapters/mailbox.js'
import type { FleetOptions } from '../adapters/fleet-server.js'
import { diskPatience } from '../adapters/patience.js'
import type { Claim } from '../core/claim.js'
import type { RolloutPlan, RolloutState } from '../core/rollout.js'
import type { RolloutServer } from '../ports/admin-api.js'
import type { ServerLock } from '../ports/state-store.js'

/** What a run knows of its fleet besides how the servers were named. */
export type KnownOfFleet = Partial<Pick<FleetOptions<RolloutServer>, 'servers' | 'admit'>>

interface Surroundings {
  readonly lock: Pick<ServerLock, 'extend'>
  readonly inbox: Pick<Mailbox, 'post'>
  readonly warn: (warning: string) => void
}

/**
 * Which servers of a fleet there are, and who is asked about those that join.
 *
 * @param left as the journal of a run that is taken up tells it: who has joined or left since it began is not in its plan
 */
export function knownOfFleet(
  { intent, fleet }: RolloutPlan,
  left: RolloutState | null,
  around: Surroundings,
): KnownOfFleet {
  if (fleet === undefined || fleet.from === null) return {}
  const members = Object.keys(left?.fleet?.members ?? {})
  return { ...(members.length > 0 && { servers: members }), admit: admission(intent, around) }
}

/**
 * Claims a server that joins. One that another run works on is left to that run, and is told once; a run that raises
 * is held, because it could no longer say where all of its servers stand.
 */
function admission(
  intent: RolloutPlan['intent'],
  { lock, inbox, warn }: Surroundings,
): (server: string) => Promise<boolean> {
  const told = new Set<string>()
  return async (server) => {
    let heldBy: Claim | null
    try {
      heldBy = await diskPatience.wait(lock.extend(server), 'the folder of the locks')
    } catch {
      // Who has it could not be found out: it is asked again when the servers are next looked up.
      return false
    }
    if (heldBy === null) return true
    if (told.has(server)) return false
    told.add(server)
    const { command, rolloutId, operator } = heldBy
    const reason = `${server} joined, and ${command} (${rolloutId}) by ${operator} is at work on it`
    if (intent === 'raise' || intent === 'set') {
      inbox.post({ kind: 'commanded', command: { id: randomUUID(), order: 'hold', step: null, by: 'wsctl', reason } })
    } else {
      warn(`${reason}, so it is left alone`)
    }
    return false
  }
}
