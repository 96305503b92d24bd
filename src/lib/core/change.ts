import type { RolloutEvent } from './event.js'
import { knownPins } from './evolve-rollback.js'
import { safeConfiguration } from './next-action.js'
import { currentTarget, type RolloutState } from './rollout.js'
import { fits, snapshotOf, type Settings, type Snapshot } from './server.js'

export const SERVER_CHANGES = ['configure', 'emergency-rollback', 'clear-cache', 'reset-percentage'] as const
export type ServerChangeKind = (typeof SERVER_CHANGES)[number]

/** A configuration as far as it is known; the lengths of the two lists are known more often than the lists. */
export interface KnownSettings extends Snapshot {
  readonly explicitRolloutUsers: number | null
  readonly forcedLegacyUsers: number | null
}

/** What a run asked of the server, and what came of it. */
export interface ServerChange {
  readonly kind: ServerChangeKind
  /** Why, in words; null when the command says it all. */
  readonly reason: string | null
  /** As it was read last; null when it was never read. */
  readonly before: KnownSettings | null
  /** What was asked for; null when it rests on what was never read. */
  readonly after: KnownSettings | null
  /** What the server said against it; null: it accepted. A call that failed may have worked all the same. */
  readonly failure: string | null
}

/**
 * The change to the server that an event tells of; null when it tells of none.
 *
 * @param state the run before the event
 */
export function serverChangeOf(state: RolloutState, event: RolloutEvent): ServerChange | null {
  const before = presentSettings(state)
  const change = (kind: ServerChangeKind, after: Snapshot | null, failure: string | null): ServerChange => ({
    kind,
    reason: reasonOf(state),
    before,
    after: after && withLengths(after, null),
    failure,
  })
  const pins = knownPins(state)
  switch (event.type) {
    case 'write-answered':
      return change('configure', currentTarget(state), event.failure?.message ?? null)
    case 'rollback-called': {
      const failure = event.failure?.message ?? null
      return event.call === 'configure'
        ? change('configure', pins && safeConfiguration(pins), failure)
        : { ...change('emergency-rollback', null, failure), after: before && { ...before, mode: 'disabled' } }
    }
    case 'cache-cleared':
      return event.offered ? { ...change('clear-cache', null, event.failure?.message ?? null), after: before } : null
    case 'percentage-reset':
      // Without known lists nothing is sent.
      return pins && change('reset-percentage', safeConfiguration(pins), event.failure)
    default:
      return null
  }
}

/** The server as it was read last. Lists that were known are told when they are as long as it says. */
function presentSettings({ status, expected }: RolloutState): KnownSettings | null {
  const { rolloutUsers, forceLegacyUsers } = expected ?? {}
  const pins = rolloutUsers && forceLegacyUsers ? { rolloutUsers, forceLegacyUsers } : null
  if (status === null) return expected && withLengths(expected, null)
  return withLengths(snapshotOf(status.settings, pins && fits(status.settings, pins) ? pins : null), status.settings)
}

function withLengths(snapshot: Snapshot, settings: Settings | null): KnownSettings {
  const { mode, percentage, legacyFallback, rolloutUsers, forceLegacyUsers } = snapshot
  return {
    mode,
    percentage,
    legacyFallback,
    rolloutUsers,
    forceLegacyUsers,
    explicitRolloutUsers: settings?.explicitRolloutUsers ?? rolloutUsers?.length ?? null,
    forcedLegacyUsers: settings?.forcedLegacyUsers ?? forceLegacyUsers?.length ?? null,
  }
}

function reasonOf({ phase, plan, stepIndex }: RolloutState): string | null {
  if (phase.name === 'rolling-back') return phase.rollback.reason
  return plan.reason ?? (plan.steps.length > 1 ? `step ${stepIndex + 1} of ${plan.steps.length}` : null)
}
