import * as z from 'zod'
import type { UnifiedSystem } from '../core/trouble.js'
import type { StatsAnswer } from './admin-api.js'
import { count } from './shared.js'

/** What not every release of the server tells. It is good to know and decides nothing, so what does not fit is left out. */
const detailsSchema = z.looseObject({
  max_connections: count.nullable().catch(null),
  background_services_running: z.boolean().nullable().catch(null),
  session_stats: z
    .looseObject({ failed_attempts: count.nullable().catch(null), locked_ips: count.nullable().catch(null) })
    .nullable()
    .catch(null),
})

/** What the unified system says of itself; null when it was never used since the server process began. */
export function toUnifiedSystem({ unified_stats: stats }: StatsAnswer): UnifiedSystem | null {
  if (stats === null) return null
  const details = detailsSchema.parse(stats)
  return {
    open: stats.total_connections,
    most: details.max_connections,
    isRunning: details.background_services_running,
    failedSessions: details.session_stats?.failed_attempts ?? null,
    lockedAddresses: details.session_stats?.locked_ips ?? null,
  }
}
