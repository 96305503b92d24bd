import type * as z from 'zod'
import type { configureSchema, ConfigureBody } from '../contract/admin-api.js'
import type { Configuration } from '../core/server.js'

/** All five keys, always: the server resets what is left out (contract of the admin API, fact 1). */
export function toConfigureBody(configuration: Configuration): ConfigureBody {
  return {
    migration_mode: configuration.mode,
    rollout_percentage: configuration.percentage,
    rollout_user_list: configuration.rolloutUsers,
    force_legacy_users: configuration.forceLegacyUsers,
    legacy_fallback: configuration.legacyFallback,
  }
}

/** What the server stored otherwise than it was sent, in words with both values; null when nothing is. */
export function compareStored(
  sent: Configuration,
  { configuration: stored }: z.output<typeof configureSchema>,
): string | null {
  const rows = [
    ['mode', sent.mode, stored.migration_mode],
    ['percentage', sent.percentage, stored.rollout_percentage],
    ['listed users', sent.rolloutUsers.length, stored.rollout_users_count],
    ['force-legacy users', sent.forceLegacyUsers.length, stored.force_legacy_users_count],
    ['fallback', sent.legacyFallback, stored.legacy_fallback],
  ] as const
  const differing = rows.filter(([, wanted, got]) => wanted !== got)
  if (differing.length === 0) return null
  return differing.map(([name, wanted, got]) => `${name} ${wanted} was sent, ${got} is stored`).join('; ')
}
