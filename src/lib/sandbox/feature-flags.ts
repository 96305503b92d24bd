import { assign } from '../core/assignment.js'
import { MODES, type Mode } from '../core/server.js'

/** The variables of an environment file, decoded. */
export type Variables = Readonly<Record<string, string>>

/** What `configure` stores. */
export interface StoredConfiguration {
  readonly migration_mode: Mode
  readonly rollout_percentage: number
  readonly rollout_user_list: readonly string[]
  readonly force_legacy_users: readonly string[]
  readonly legacy_fallback: boolean
}

/**
 * The settings of one server process, and its cache of assignments. They begin as the environment
 * file says and live in memory (contract of the admin API, fact 5).
 */
export class FeatureFlags {
  private configuration: StoredConfiguration
  private readonly unifiedEnabled: boolean
  private readonly gradualRolloutEnabled: boolean
  private readonly cache = new Map<string, boolean>()
  /** Whether the environment file named a mode that there is not: then no status can be told. */
  readonly isBroken: boolean

  constructor(variables: Variables) {
    const mode = (variables['WEBSOCKET_MIGRATION_MODE'] ?? 'disabled').toLowerCase()
    const known = MODES.find((candidate) => candidate === mode)
    this.isBroken = known === undefined
    this.unifiedEnabled = isTrue(variables['WEBSOCKET_UNIFIED_ENABLED'] ?? 'false')
    this.gradualRolloutEnabled = isTrue(variables['WEBSOCKET_GRADUAL_ROLLOUT_ENABLED'] ?? 'false')
    this.configuration = {
      migration_mode: known ?? 'disabled',
      rollout_percentage: Number.parseInt(variables['WEBSOCKET_ROLLOUT_PERCENTAGE'] ?? '0', 10) || 0,
      rollout_user_list: splitList(variables['WEBSOCKET_ROLLOUT_USER_LIST'] ?? ''),
      force_legacy_users: splitList(variables['WEBSOCKET_FORCE_LEGACY_USERS'] ?? ''),
      legacy_fallback: isTrue(variables['WEBSOCKET_LEGACY_FALLBACK'] ?? 'true'),
    }
  }

  get mode(): Mode {
    return this.configuration.migration_mode
  }

  get percentage(): number {
    return this.configuration.rollout_percentage
  }

  get fallback(): boolean {
    return this.configuration.legacy_fallback
  }

  /** Replaces everything (fact 1); lists are stored comma-separated and trimmed, duplicates kept (fact 12). */
  configure(configuration: StoredConfiguration): void {
    this.configuration = {
      ...configuration,
      rollout_user_list: splitList(configuration.rollout_user_list.join(',')),
      force_legacy_users: splitList(configuration.force_legacy_users.join(',')),
    }
    this.clearCache()
  }

  /** Sets mode and percentage; lists and fallback stay. */
  deploy(mode: Mode, percentage: number): void {
    this.configuration = { ...this.configuration, migration_mode: mode, rollout_percentage: percentage }
    this.clearCache()
  }

  /** Sets the mode and nothing else: the percentage stays (fact 3). */
  disable(): void {
    this.configuration = { ...this.configuration, migration_mode: 'disabled' }
    this.clearCache()
  }

  clearCache(userId?: string): void {
    if (userId === undefined) this.cache.clear()
    else this.cache.delete(userId)
  }

  /** Fixes a user in the cache, as `migrate-users` does (fact 7). */
  pin(userId: string, toUnified: boolean): void {
    this.cache.set(userId, toUnified)
  }

  /**
   * Whether a new connection of this user goes to the unified system. Only what the hash decides is
   * cached, by asking, and only there a pin counts: a server in mode `full` has nothing in its cache.
   */
  usesUnified(userId: string): boolean {
    const { rollout_user_list: rolloutUsers, force_legacy_users: forceLegacyUsers } = this.configuration
    const settings = { mode: this.mode, percentage: this.percentage }
    const { system, reason } = assign(userId, settings, { rolloutUsers, forceLegacyUsers })
    const decided = system === 'unified'
    if (reason !== 'bucket') return decided
    const unified = this.cache.get(userId) ?? decided
    this.cache.set(userId, unified)
    return unified
  }

  /** The answer of `user/{id}`. */
  describeUser(userId: string): object {
    const unified = this.usesUnified(userId)
    return {
      user_id: userId,
      use_unified: unified,
      system: unified ? 'unified' : 'legacy',
      migration_mode: this.mode,
      rollout_percentage: this.percentage,
      in_explicit_list: this.configuration.rollout_user_list.includes(userId),
      forced_legacy: this.configuration.force_legacy_users.includes(userId),
      fallback_enabled: this.fallback,
    }
  }

  /** What `configure` answers: the stored values, lists as counts. */
  describeConfiguration(): object {
    return {
      migration_mode: this.mode,
      rollout_percentage: this.percentage,
      rollout_users_count: this.configuration.rollout_user_list.length,
      force_legacy_users_count: this.configuration.force_legacy_users.length,
      legacy_fallback: this.fallback,
    }
  }

  /** `rollout_statistics` of status, `feature_flags` of stats. */
  describe(): object {
    return {
      migration_mode: this.mode,
      unified_enabled: this.unifiedEnabled,
      gradual_rollout_enabled: this.gradualRolloutEnabled,
      rollout_percentage: this.percentage,
      explicit_rollout_users: this.configuration.rollout_user_list.length,
      forced_legacy_users: this.configuration.force_legacy_users.length,
      fallback_enabled: this.fallback,
      cached_assignments: this.cache.size,
    }
  }
}

function isTrue(value: string): boolean {
  return value.trim().toLowerCase() === 'true'
}

function splitList(list: string): readonly string[] {
  return list
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '')
}
