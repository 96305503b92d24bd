import { detail, invalid, ok, timestamp, type RequestLine, type SandboxAnswer } from './answers.js'
import { parseConfigureBody, parseDeployBody, parseMigrateBody, toConfiguration } from './request-body.js'
import type { ServerProcess } from './server-process.js'

/** One request to the admin API, its caller known to be an admin. */
export interface AdminRequest extends RequestLine {
  readonly query: URLSearchParams
  readonly body: string
}

type Route = (server: ServerProcess, request: AdminRequest, parameter: string) => SandboxAnswer

const ROUTES: readonly (readonly [method: string, path: RegExp, route: Route])[] = [
  ['GET', /^\/status$/, status],
  ['GET', /^\/health$/, health],
  ['GET', /^\/user\/([^/]+)$/, (server, _request, userId) => ok(server.flags.describeUser(userId))],
  ['POST', /^\/configure$/, configure],
  ['POST', /^\/emergency-rollback$/, emergencyRollback],
  ['POST', /^\/clear-cache$/, clearCache],
  ['POST', /^\/migrate-users$/, migrateUsers],
  ['POST', /^\/deploy$/, deploy],
  ['POST', /^\/rollback$/, rollback],
]

/** What answers a path below the admin prefix; null where there is nothing. */
export function findRoute(
  method: string,
  path: string,
): ((server: ServerProcess, request: AdminRequest) => SandboxAnswer) | null {
  for (const [routeMethod, pattern, route] of ROUTES) {
    const match = pattern.exec(path)
    if (match && routeMethod === method) return (server, request) => route(server, request, match[1] ?? '')
  }
  return null
}

function status(server: ServerProcess): SandboxAnswer {
  if (server.flags.isBroken) return detail(500, 'Failed to get WebSocket system status')
  return ok({
    rollout_statistics: server.flags.describe(),
    connection_statistics: server.describe(),
    // A constant, never the time (contract of the admin API, fact 12).
    timestamp: '2024-01-01T00:00:00Z',
  })
}

/** Judges by everything since the process began (fact 11). */
function health(server: ServerProcess): SandboxAnswer {
  const {
    legacy_connections: legacy,
    unified_connections: unified,
    routing_errors,
    fallback_activations,
  } = server.router.stats
  const issues = [
    ...(routing_errors > 10 ? [`High routing errors: ${routing_errors}`] : []),
    ...(fallback_activations > 5 ? [`High fallback activations: ${fallback_activations}`] : []),
  ]
  const total = legacy + unified
  const share = (part: number): number => (total === 0 ? 0 : Math.round((part / total) * 10_000) / 100)
  const { systems } = server.router
  return ok({
    health_status: issues.length === 0 ? 'healthy' : 'degraded',
    issues,
    connection_summary: {
      total_connections: total,
      legacy_connections: legacy,
      unified_connections: unified,
      legacy_percentage: share(legacy),
      unified_percentage: share(unified),
    },
    error_summary: { routing_errors, fallback_activations },
    system_details: {
      legacy_system: systems.legacy?.describe() ?? null,
      unified_system: systems.unified?.describe() ?? null,
    },
  })
}

function configure(server: ServerProcess, request: AdminRequest): SandboxAnswer {
  const parsed = parseConfigureBody(request.body)
  if (!parsed.ok) return invalid(request, parsed.problems)
  const configuration = toConfiguration(parsed.value)
  if (configuration === null) return detail(400, `Invalid migration mode: ${parsed.value.migration_mode}`)
  server.flags.configure(configuration)
  return ok({
    success: true,
    message: 'WebSocket migration configuration updated successfully',
    configuration: server.flags.describeConfiguration(),
  })
}

/** The mode is set first; then a unified system that was never used makes the answer fail (fact 2). */
function emergencyRollback(server: ServerProcess): SandboxAnswer {
  server.flags.disable()
  const { unified } = server.router.systems
  if (unified === null) return detail(500, 'Failed to perform emergency rollback')
  return ok({
    success: true,
    message: 'Emergency rollback to legacy WebSocket system completed',
    rollback_info: {
      initiated_by: 'admin',
      unified_connections_before: unified.size,
      migration_mode_set_to: 'disabled',
      cache_cleared: true,
    },
    next_steps: [
      'All new connections will use legacy system',
      'Existing unified connections will be disconnected on next reconnection',
      'Monitor system for stability',
      'Review logs for rollback cause',
    ],
  })
}

function clearCache(server: ServerProcess, { query }: AdminRequest): SandboxAnswer {
  const userId = query.get('user_id')
  server.flags.clearCache(userId ?? undefined)
  const message = userId === null ? 'Cleared all assignment cache' : `Cleared assignment cache for user ${userId}`
  return ok({ success: true, message, user_id: userId })
}

function migrateUsers(server: ServerProcess, request: AdminRequest): SandboxAnswer {
  const parsed = parseMigrateBody(request.body)
  if (!parsed.ok) return invalid(request, parsed.problems)
  const { user_ids: userIds, to_unified: toUnified } = parsed.value
  for (const userId of userIds) server.flags.pin(userId, toUnified)
  return ok({
    success: true,
    message: `Migration completed for ${userIds.length} users`,
    summary: {
      total_users: userIds.length,
      successful_migrations: userIds.length,
      failed_migrations: 0,
      total_connections_migrated: 0,
      target_system: toUnified ? 'unified' : 'legacy',
    },
    detailed_results: userIds.map((userId) => ({
      user_id: userId,
      to_unified: toUnified,
      success: true,
      connections_migrated: 0,
      errors: [],
    })),
  })
}

/** The server's own rollout, of which wsctl makes no use: it sets the first percentage and watches nothing. */
function deploy(server: ServerProcess, request: AdminRequest): SandboxAnswer {
  const parsed = parseDeployBody(request.body)
  if (!parsed.ok) return invalid(request, parsed.problems)
  const { deployment_type: mode, ...percentages } = parsed.value
  server.flags.deploy(mode, percentages.initial_percentage)
  return ok({
    success: true,
    message: `WebSocket system deployed in ${mode} mode`,
    deployment_info: { mode, ...percentages },
    deployed_by: 'admin',
    timestamp: timestamp(new Date()),
  })
}

/** The server's own way back, of which wsctl makes no use either. */
function rollback(server: ServerProcess, { query }: AdminRequest): SandboxAnswer {
  const type = query.get('rollback_type') ?? 'emergency'
  server.flags.disable()
  return ok({
    success: true,
    message: `WebSocket system rollback (${type}) completed`,
    rollback_info: {
      type,
      reason: query.get('reason'),
      initiated_by: 'admin',
      unified_connections_before: server.router.systems.unified?.size ?? 0,
      timestamp: timestamp(new Date()),
    },
    next_steps: [
      'Monitor system for stability',
      'Review logs for rollback cause',
      'All new connections will use legacy system',
    ],
  })
}
