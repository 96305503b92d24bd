import * as z from 'zod'
import type { ServerStatus } from '../core/server.js'
import type { HealthAnswer } from './admin-api.js'
import { toVerdict, verdictSchema } from './health.js'
import { count, modeSchema, percentage } from './shared.js'
import { takenOver } from './takeover.js'

/** `status`. */
export const statusDocumentSchema = z.object({
  schema: z.literal('wsctl/status@1'),
  server: z.string(),
  phase: modeSchema.describe('phase of the migration: the mode that the server is in'),
  rollout: z.object({
    mode: modeSchema,
    percentage,
    unifiedEnabled: z.boolean(),
    gradualRolloutEnabled: z.boolean(),
    explicitRolloutUsers: count.describe('length of the rollout list'),
    forcedLegacyUsers: count.describe('length of the force-legacy list'),
    legacyFallback: z.boolean(),
    cachedAssignments: count,
  }),
  connections: z.object({
    legacyOpen: count.nullable().describe('open now; null until the system is first used'),
    unifiedOpen: count.nullable().describe('open now; null until the system is first used'),
    legacyEstablished: count.describe('since the process began'),
    unifiedEstablished: count.describe('since the process began'),
  }),
  errors: z.object({ routingErrors: count, fallbackActivations: count }).describe('since the process began'),
  health: verdictSchema,
  unfinished: z
    .array(
      z.object({
        rolloutId: z.string(),
        command: z.string(),
        state: z.enum(['running', 'left']).describe('left: without a process before its end'),
        takenOver,
      }),
    )
    .nullable()
    .describe('runs on this server that have not come to their end; null: their records do not answer'),
})
export type StatusDocument = z.output<typeof statusDocumentSchema>

export function toStatusDocument(
  server: string,
  { settings, counters, open }: ServerStatus,
  health: HealthAnswer,
  unfinished: StatusDocument['unfinished'] = [],
): StatusDocument {
  return {
    schema: 'wsctl/status@1',
    server,
    phase: settings.mode,
    rollout: settings,
    connections: {
      legacyOpen: open.legacy,
      unifiedOpen: open.unified,
      legacyEstablished: counters.legacy,
      unifiedEstablished: counters.unified,
    },
    errors: { routingErrors: counters.errors, fallbackActivations: counters.fallbacks },
    health: toVerdict(health),
    unfinished,
  }
}
