/**
 * What the server under operation looks like to the rest of wsctl: its settings, its counters and
 * the configuration that can be written to it. Rules: contract of the admin API, facts 1, 3 and 4.
 */

import type { Member } from './fleet.js'

/** Migration phases of the server, in the order in which a migration passes them. */
export const MODES = ['disabled', 'testing', 'gradual', 'full'] as const
export type Mode = (typeof MODES)[number]

/** What the server says about its own settings. The two user lists are only ever told as counts. */
export interface Settings {
  readonly mode: Mode
  /** Whole per cent, 0-100. It stays set while `mode` is `disabled` after an emergency rollback. */
  readonly percentage: number
  readonly unifiedEnabled: boolean
  readonly gradualRolloutEnabled: boolean
  /** Length of the rollout list. */
  readonly explicitRolloutUsers: number
  /** Length of the force-legacy list. */
  readonly forcedLegacyUsers: number
  readonly legacyFallback: boolean
  readonly cachedAssignments: number
}

/** Counters that only grow while one server process lives, and start from 0 with it. */
export interface Counters {
  readonly legacy: number
  readonly unified: number
  readonly errors: number
  readonly fallbacks: number
}

/** Connections open now; null while that system has never been used in this process. */
interface OpenConnections {
  readonly legacy: number | null
  readonly unified: number | null
}

/** One reading of the server: settings and counters of the same moment and process. */
export interface ServerStatus {
  readonly settings: Settings
  readonly counters: Counters
  readonly open: OpenConnections
  /** Of a fleet: each server by itself. */
  readonly members?: readonly Member[]
}

/** Users whose system is fixed by name, in the server's own order. */
export interface Pins {
  readonly rolloutUsers: readonly string[]
  readonly forceLegacyUsers: readonly string[]
}

/** What one step of a run wants, whoever is pinned. */
export interface Target {
  readonly mode: Mode
  /** Whole per cent, 0-100. */
  readonly percentage: number
  readonly legacyFallback: boolean
}

/** Everything that `configure` stores. It replaces the whole, so nothing here is optional. */
export interface Configuration extends Target, Pins {}

/** Configuration of a server as far as it is known: a list is null when only its length is known. */
export interface Snapshot {
  readonly mode: Mode
  readonly percentage: number
  readonly rolloutUsers: readonly string[] | null
  readonly forceLegacyUsers: readonly string[] | null
  readonly legacyFallback: boolean
}

/** Share of users that the present settings send to the unified system, in whole per cent. */
export function effectivePercentage(settings: Pick<Settings, 'mode' | 'percentage'>): number {
  switch (settings.mode) {
    case 'disabled':
    case 'testing':
      return 0
    case 'gradual':
      return settings.percentage
    case 'full':
      return 100
  }
}

/** Whether settings send more users to the unified system than others. */
export function isAbove(a: Pick<Settings, 'mode' | 'percentage'>, b: Pick<Settings, 'mode' | 'percentage'>): boolean {
  return effectivePercentage(a) > effectivePercentage(b)
}

/** Whether the server shows what is expected of it. Lists can be compared by length alone, and only when known. */
export function shows(settings: Settings, expected: Snapshot): boolean {
  const { rolloutUsers, forceLegacyUsers } = expected
  return (
    settings.mode === expected.mode &&
    settings.percentage === expected.percentage &&
    settings.legacyFallback === expected.legacyFallback &&
    (rolloutUsers === null || settings.explicitRolloutUsers === rolloutUsers.length) &&
    (forceLegacyUsers === null || settings.forcedLegacyUsers === forceLegacyUsers.length)
  )
}

/** What the server says of its configuration; lists as far as they are known. */
export function snapshotOf({ mode, percentage, legacyFallback }: Settings, pins: Pins | null): Snapshot {
  return {
    mode,
    percentage,
    legacyFallback,
    rolloutUsers: pins?.rolloutUsers ?? null,
    forceLegacyUsers: pins?.forceLegacyUsers ?? null,
  }
}

/** Whether lists are as long as the server says, which is all that it tells of them. */
export function fits(settings: Settings, pins: Pins): boolean {
  return (
    settings.explicitRolloutUsers === pins.rolloutUsers.length &&
    settings.forcedLegacyUsers === pins.forceLegacyUsers.length
  )
}

/** Whether lists are known to be the same, user by user. */
export function holdsSame({ rolloutUsers, forceLegacyUsers }: Snapshot, pins: Pins): boolean {
  const isSame = (known: readonly string[] | null, users: readonly string[]): boolean =>
    known !== null && known.length === users.length && known.every((user, index) => user === users[index])
  return isSame(rolloutUsers, pins.rolloutUsers) && isSame(forceLegacyUsers, pins.forceLegacyUsers)
}

/** Whether the server has a list that is longer than the one that is known. */
export function holdsMore(settings: Settings, pins: Pins): boolean {
  return (
    settings.explicitRolloutUsers > pins.rolloutUsers.length ||
    settings.forcedLegacyUsers > pins.forceLegacyUsers.length
  )
}

/** Whether any counter went down, which only a new process (or another one) can cause. */
export function wentDown(before: Counters, after: Counters): boolean {
  return (
    after.legacy < before.legacy ||
    after.unified < before.unified ||
    after.errors < before.errors ||
    after.fallbacks < before.fallbacks
  )
}

/** Short form of settings for messages, such as `gradual 20 %`. */
export function describeSettings(settings: Pick<Settings, 'mode' | 'percentage'>): string {
  return `${settings.mode} ${settings.percentage} %`
}
