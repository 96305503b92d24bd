/** What the records of runs tell, wherever they are kept. */
import { WsctlError } from '../core/error.js'
import type { RolloutEvent } from '../core/event.js'
import { effectivePercentage, type Snapshot } from '../core/server.js'
import type { Glance } from '../ports/state-store.js'

/**
 * The run with this id, or else the one run whose id begins with it.
 *
 * @param place where the records are
 * @throws WsctlError `no-such-run` or `ambiguous-run` (exit 2)
 */
export function findAmong(ids: readonly string[], prefix: string, place: string): string {
  const matches = ids.includes(prefix) ? [prefix] : ids.filter((id) => id.startsWith(prefix))
  const [id] = matches
  if (id !== undefined && matches.length === 1) return id
  if (id === undefined) {
    throw new WsctlError('no-such-run', `no run ${prefix} is recorded in ${place}`, {
      outcome: 'usage',
      suggestions: ['list the runs: wsctl history'],
    })
  }
  throw new WsctlError('ambiguous-run', `${prefix} fits ${matches.length} runs: ${matches.slice(0, 5).join(', ')}`, {
    outcome: 'usage',
    suggestions: ['give more of the id'],
  })
}

/** @param events the last ones of a run, oldest first; null without any */
export function glanceOf(events: readonly RolloutEvent[]): Glance | null {
  const backwards = events.toReversed()
  const [last] = backwards
  if (last === undefined) return null
  const settings = backwards.map(settingsOf).find((known) => known !== null)
  return {
    end: last.type === 'finished' ? last : null,
    seenAt: last.time,
    percentage: settings ? effectivePercentage(settings) : null,
    isRollingBack: backwards.some(({ type }) => type.startsWith('rollback-')),
  }
}

/** What an event says of the server's settings. */
function settingsOf(event: RolloutEvent): Pick<Snapshot, 'mode' | 'percentage'> | null {
  if (event.type === 'started') return event.plan.before
  return 'status' in event ? (event.status?.settings ?? null) : null
}

export function noBeginning(id: string, why = 'its journal holds no beginning'): WsctlError {
  return new WsctlError('journal-unreadable', `nothing is known of run ${id}: ${why}`, {
    outcome: 'failed',
    suggestions: [
      'a run that raises does not go on without a record; to see where the server stands: wsctl status',
      'an emergency needs no record: wsctl rollback emergency',
    ],
  })
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
