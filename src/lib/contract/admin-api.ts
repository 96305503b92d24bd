/**
 * What the server's admin API answers, as zod schemas. Unknown keys are kept and never an error;
 * a missing or mistyped known key always is, because a defaulted counter would look healthy.
 */
import * as z from 'zod'
import { MODES, type ServerStatus, type Settings } from '../core/server.js'

const count = z.int().nonnegative()
const percentage = z.int().min(0).max(100)
/** Modes are accepted by the server in any case (fact 12), so an answer may carry any case too. */
const mode = z.preprocess((value) => (typeof value === 'string' ? value.toLowerCase() : value), z.enum(MODES))

const routerStatsSchema = z.looseObject({
  legacy_connections: count,
  unified_connections: count,
  routing_errors: count,
  fallback_activations: count,
})

const featureFlagsSchema = z.looseObject({
  migration_mode: mode,
  unified_enabled: z.boolean(),
  gradual_rollout_enabled: z.boolean(),
  rollout_percentage: percentage,
  explicit_rollout_users: count,
  forced_legacy_users: count,
  fallback_enabled: z.boolean(),
  cached_assignments: count,
})

/** Null until the system is first used (fact 4); `total_connections` is a gauge. */
const systemStatsSchema = z.looseObject({ total_connections: count }).nullable()

export const statsSchema = z.looseObject({
  router_stats: routerStatsSchema,
  feature_flags: featureFlagsSchema,
  legacy_stats: systemStatsSchema,
  unified_stats: systemStatsSchema,
})
export type StatsAnswer = z.output<typeof statsSchema>

export const statusSchema = z.looseObject({
  rollout_statistics: featureFlagsSchema,
  connection_statistics: statsSchema,
})
export type StatusAnswer = z.output<typeof statusSchema>

export const healthSchema = z.looseObject({
  health_status: z.enum(['healthy', 'degraded']),
  issues: z.array(z.string()),
  connection_summary: z.looseObject({
    total_connections: count,
    legacy_connections: count,
    unified_connections: count,
  }),
  error_summary: z.looseObject({ routing_errors: count, fallback_activations: count }),
})
export type HealthAnswer = z.output<typeof healthSchema>

export const userSchema = z.looseObject({
  user_id: z.string(),
  use_unified: z.boolean(),
  system: z.enum(['legacy', 'unified']),
  migration_mode: mode,
  rollout_percentage: percentage,
  in_explicit_list: z.boolean(),
  forced_legacy: z.boolean(),
  fallback_enabled: z.boolean(),
})
export type UserAnswer = z.output<typeof userSchema>

export const configureSchema = z.looseObject({
  success: z.literal(true),
  configuration: z.looseObject({
    migration_mode: mode,
    rollout_percentage: percentage,
    rollout_users_count: count,
    force_legacy_users_count: count,
    legacy_fallback: z.boolean(),
  }),
})

export const emergencyRollbackSchema = z.looseObject({
  success: z.literal(true),
  rollback_info: z.looseObject({ migration_mode_set_to: mode }),
})

export const clearCacheSchema = z.looseObject({ success: z.literal(true) })

/** The two shapes of an error body (fact 10); anything else, such as a proxy's HTML, is neither. */
export const errorBodySchema = z.union([
  z.looseObject({ detail: z.string() }).transform((body) => body.detail),
  z.looseObject({ message: z.string(), error_code: z.string() }).transform((body) => body.message),
])

/** The body of `configure`: all five keys, always, because a missing one is reset (fact 1). */
export interface ConfigureBody {
  readonly migration_mode: string
  readonly rollout_percentage: number
  readonly rollout_user_list: readonly string[]
  readonly force_legacy_users: readonly string[]
  readonly legacy_fallback: boolean
}

/** One reading from an answer of `status`: settings and counters of the same moment. */
export function toServerStatus(answer: StatusAnswer): ServerStatus {
  return { settings: toSettings(answer.rollout_statistics), ...toReadings(answer.connection_statistics) }
}

function toSettings(flags: z.output<typeof featureFlagsSchema>): Settings {
  return {
    mode: flags.migration_mode,
    percentage: flags.rollout_percentage,
    unifiedEnabled: flags.unified_enabled,
    gradualRolloutEnabled: flags.gradual_rollout_enabled,
    explicitRolloutUsers: flags.explicit_rollout_users,
    forcedLegacyUsers: flags.forced_legacy_users,
    legacyFallback: flags.fallback_enabled,
    cachedAssignments: flags.cached_assignments,
  }
}

/** Counters and open connections from an answer of `stats`, or from that part of `status`. */
export function toReadings(answer: StatsAnswer): Pick<ServerStatus, 'counters' | 'open'> {
  const { router_stats: router, legacy_stats: legacy, unified_stats: unified } = answer
  return {
    counters: {
      legacy: router.legacy_connections,
      unified: router.unified_connections,
      errors: router.routing_errors,
      fallbacks: router.fallback_activations,
    },
    open: { legacy: legacy?.total_connections ?? null, unified: unified?.total_connections ?? null },
  }
}
