import { refuseOverlap } from '../contract/user-list.js'
import { usageError } from '../core/error.js'
import { findPins, requirePins, type PinSources } from '../core/pins.js'
import type { PlanBasis } from '../core/plan.js'
import { snapshotOf, type Configuration, type Mode } from '../core/server.js'
import { askPatiently } from './ask.js'
import { commonBasis, startingFrom, type Operation } from './operation.js'
import { readUserList } from './user-lists.js'

/** What `configure` is to change; what is undefined stays. */
export interface ConfigurationChange {
  readonly mode?: Mode | undefined
  readonly percentage?: number | undefined
  readonly legacyFallback?: boolean | undefined
}

export interface ListChange {
  readonly rolloutUsers?: readonly string[] | undefined
  readonly forceLegacyUsers?: readonly string[] | undefined
}

/**
 * Reads the server and works out the whole configuration to write. Here a list given by flag is the
 * new list, not a statement about the present one; the other must be known.
 *
 * @throws WsctlError (usage) when nothing would change by intent; `unknown-pins` (exit 13)
 */
export async function readConfigureBasis(
  operation: Operation,
  change: ConfigurationChange,
  lists: ListChange,
): Promise<{ readonly basis: PlanBasis; readonly target: Configuration }> {
  if (Object.values<unknown>({ ...change, ...lists }).every((value) => value === undefined)) {
    throw usageError('nothing to configure was named', 'name what to change, such as: wsctl configure --percentage 20')
  }
  const rolloutUsers = lists.rolloutUsers && (await readUserList('--rollout-users', lists.rolloutUsers))
  const forceLegacyUsers =
    lists.forceLegacyUsers && (await readUserList('--force-legacy-users', lists.forceLegacyUsers))
  if (rolloutUsers && forceLegacyUsers) refuseOverlap(rolloutUsers, forceLegacyUsers)
  const status = await askPatiently(() => operation.server.readStatus())
  const { settings } = await startingFrom(operation, status, { rolloutUsers: [], forceLegacyUsers: [] })
  const known = findPins(settings, operation.pinSources).pins
  const unnamed: PinSources = {
    rolloutUsers: rolloutUsers ? [] : operation.pinSources.rolloutUsers,
    forceLegacyUsers: forceLegacyUsers ? [] : operation.pinSources.forceLegacyUsers,
  }
  const kept = requirePins(
    findPins(
      {
        ...settings,
        ...(rolloutUsers && { explicitRolloutUsers: 0 }),
        ...(forceLegacyUsers && { forcedLegacyUsers: 0 }),
      },
      unnamed,
    ),
  )
  const pins = {
    rolloutUsers: rolloutUsers ?? kept.rolloutUsers,
    forceLegacyUsers: forceLegacyUsers ?? kept.forceLegacyUsers,
  }
  // What the server held before is its own affair: a change of the percentage alone must not fail on it.
  if (rolloutUsers || forceLegacyUsers) refuseOverlap(pins.rolloutUsers, pins.forceLegacyUsers)
  const { fleet } = await startingFrom(operation, status, pins)
  return {
    basis: {
      ...commonBasis(operation),
      ...(fleet && { fleet }),
      before: snapshotOf(settings, known),
      pins,
      onInterrupt: 'hold',
    },
    target: {
      mode: change.mode ?? settings.mode,
      percentage: change.percentage ?? settings.percentage,
      legacyFallback: change.legacyFallback ?? settings.legacyFallback,
      ...pins,
    },
  }
}
