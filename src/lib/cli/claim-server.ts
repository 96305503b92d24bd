import { sharedServers } from '../adapters/claim-files.js'
import { diskPatience } from '../adapters/patience.js'
import { systemClock } from '../adapters/system-clock.js'
import type { Claim } from '../core/claim.js'
import { WsctlError } from '../core/error.js'
import { nameServers } from '../core/fleet.js'
import type { ResumePolicy, RolloutPlan } from '../core/rollout.js'
import type { Journal } from '../ports/journal.js'
import type { ServerLock } from '../ports/state-store.js'
import { formatInstant } from '../render/format.js'
import { takeoverAdvice, takeoverText } from '../render/takeover.js'
import { addressFlags } from './address.js'
import { glanceAt } from './left-runs.js'
import type { Equipment } from './operation.js'
import { answering } from './state-folder.js'
import { takenOverOf } from './taken-over.js'

type Locking = Pick<Equipment, 'settings' | 'locks' | 'runs'>

/**
 * Claims the server for a run. An emergency asks nobody, and waits for no disk.
 *
 * @param policy of one that takes a run up
 * @throws WsctlError `locked` (exit 13) when another run is at work on it, `disk-hangs` (exit 2)
 */
export async function claimServer(
  { operator, ...locking }: Locking & Pick<Equipment, 'operator'>,
  plan: RolloutPlan,
  policy: ResumePolicy = 'continue',
): Promise<ServerLock> {
  const { locks, runs, settings } = locking
  const since = systemClock.wallTime().toISOString()
  const claimant = {
    rolloutId: plan.id,
    command: plan.command,
    server: plan.server,
    ...claimed(settings),
    operator,
    since,
  }
  if (plan.intent === 'emergency') {
    return diskPatience.wait(locks.announce(claimant), 'the folder of the locks').catch(() => UNANNOUNCED)
  }
  const companionPolicy = policy === 'continue' ? null : policy
  // A frozen disk lets itself be read. What is wrong otherwise is told by who claims; a companion waits.
  if (companionPolicy === null)
    await answering(
      runs.checkWritable().catch(() => undefined),
      settings,
    )
  const answer = await locks.take(claimant, { exclusive: mayWrite(plan), companionPolicy })
  if ('lock' in answer) return answer.lock
  throw await lockedError(locking, answer.heldBy)
}

/** Of a fleet, each server is claimed. */
function claimed({ fleet }: Locking['settings']): { readonly servers?: readonly string[] } {
  return fleet ? { servers: fleet.servers } : {}
}

/** Whether a run can come to change the server. */
export function mayWrite({ intent, onBreach }: RolloutPlan): boolean {
  return intent !== 'watch' || onBreach === 'rollback'
}

/** @throws WsctlError `locked` (exit 13) when another run is at work on the server */
export async function refuseIfHeld(locking: Locking): Promise<void> {
  const holder = await locking.locks.holderOf(locking.settings.fleet?.servers ?? locking.settings.server)
  if (holder) throw await lockedError(locking, holder)
}

/**
 * The journal of a run that has a lock. Who lost it has no say any more: for the loop that is a journal
 * that fails, and such a run raises nothing and may still go down.
 */
export function fenced(journal: Journal, lock: ServerLock): Journal {
  return {
    append: async (event) => {
      await lock.assertHeld()
      await journal.append(event)
    },
    close: () => journal.close(),
  }
}

const UNANNOUNCED: ServerLock = {
  assertHeld: () => Promise.resolve(),
  confirm: () => Promise.resolve(null),
  extend: () => Promise.resolve(null),
  release: () => Promise.resolve([]),
}

async function lockedError({ settings, runs }: Locking, holder: Claim | null): Promise<WsctlError> {
  const where = addressFlags(settings)
  const anyway = [
    `to see where the server stands: wsctl status${where}`,
    `to take everybody back all the same: wsctl rollback emergency${where}`,
  ]
  if (holder === null) {
    return new WsctlError('locked', `another run is at work on ${settings.server}. Nothing was changed`, {
      outcome: 'refused',
      suggestions: ['to try again in half a minute, should it have died', ...anyway],
    })
  }
  const { command, rolloutId, operator, pid, since } = holder
  const held = sharedName(settings, holder)
  const takenOver = await takenOverOf(runs, holder)
  const percentage = (await glanceAt(runs, holder))?.percentage ?? null
  const at = percentage === null ? '' : `, last seen at ${percentage} %`
  return new WsctlError(
    'locked',
    takenOver === null
      ? `${command} (${rolloutId}) by ${operator}, process ${pid}, is at work on ${held} since ` +
          `${formatInstant(since)}${at}. Nothing was changed`
      : `${command} (${rolloutId}) is at work on ${held}${at}: ${takeoverText(takenOver)}. Nothing was changed`,
    {
      outcome: 'refused',
      suggestions: [
        ...(takenOver ? takeoverAdvice(takenOver, rolloutId) : [`to see what it does: wsctl history ${rolloutId}`]),
        ...anyway,
      ],
    },
  )
}

/** The server, or those of a fleet that the other run works on. */
function sharedName({ server, fleet }: Locking['settings'], holder: Claim): string {
  return fleet === undefined ? server : nameServers(sharedServers(holder, fleet.servers))
}
