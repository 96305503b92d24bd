import { isSameServer } from '../adapters/claim-files.js'
import { diskPatience } from '../adapters/patience.js'
import type { AuditEntry } from '../core/audit-entry.js'
import { WsctlError } from '../core/error.js'
import type { ForeignChange, RolloutState } from '../core/rollout.js'
import { describeAuthor } from '../render/describe-author.js'
import { openState, type StateSettings } from './state-store.js'

type ServerEntry = Extract<AuditEntry, { readonly target: 'server' }>

/** From the reading that a run rests on to its first event, and from a call to its entry, ms. */
const SLACK_MS = 60_000

/**
 * A run that found the server changed from outside, its words such that they name who changed it, when that is on the
 * audit record.
 *
 * @returns the state as it is where nothing was changed from outside, or the record cannot be read
 */
export async function withChangeAuthor(
  state: RolloutState,
  settings: StateSettings,
): Promise<{ readonly state: RolloutState; readonly author: ServerEntry | null }> {
  const { foreignChange: change, phase, warnings } = state
  if (change === null) return { state, author: null }
  try {
    const { audit } = await openState(settings)
    const { entries } = await diskPatience.wait(audit.read(), 'the audit record')
    const author = authorOf(entries, state, change)
    const text = `${change.text}. ${author ? describeAuthor(author) : `Nothing on ${audit.place} explains it`}`
    const told = { ...state, warnings: warnings.map((warning) => (warning === change.text ? text : warning)) }
    const isReason = phase.name === 'finished' && phase.reason === change.text
    return { state: isReason ? { ...told, phase: { ...phase, reason: text } } : told, author }
  } catch (error) {
    if (!(error instanceof WsctlError)) throw error
    return { state, author: null }
  }
}

/** What to type to see more of who changed the server. */
export function adviceOnAuthor(author: ServerEntry | null): readonly string[] {
  if (author === null) return []
  return author.rolloutId === null
    ? ['to see who changed what from here: wsctl audit']
    : [`to see the run that changed it: wsctl history ${author.rolloutId}`]
}

/** The newest change on record, by another than the run, that leads to what the run found. */
function authorOf(
  entries: readonly AuditEntry[],
  { plan, startedAt, time }: RolloutState,
  change: ForeignChange,
): ServerEntry | null {
  const [from, to] = [Date.parse(startedAt) - SLACK_MS, Date.parse(time) + SLACK_MS]
  const found = entries.findLast(
    (entry): entry is ServerEntry =>
      entry.target === 'server' &&
      entry.rolloutId !== plan.id &&
      entry.server !== null &&
      isSameServer(entry.server, plan.server) &&
      Date.parse(entry.time) >= from &&
      Date.parse(entry.time) <= to &&
      leadsTo(entry, change),
  )
  return found ?? null
}

/** An emergency that never read the server does not know what else it left there. */
function leadsTo({ change: kind, after }: ServerEntry, { settings }: ForeignChange): boolean {
  if (kind === 'clear-cache') return false
  if (after === null) return settings.mode === 'disabled'
  const isLength = (length: number | null, said: number): boolean => length === null || length === said
  return (
    after.mode === settings.mode &&
    after.percentage === settings.percentage &&
    after.legacyFallback === settings.legacyFallback &&
    isLength(after.explicitRolloutUsers, settings.explicitRolloutUsers) &&
    isLength(after.forcedLegacyUsers, settings.forcedLegacyUsers)
  )
}
