import * as z from 'zod'
import { isFleet, settingsOfMember, type FleetStatus, type Member } from '../core/fleet.js'
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
  members: z
    .array(
      z.object({
        server: z.string(),
        mode: modeSchema.nullable().describe('null: it did not answer'),
        percentage: percentage.nullable(),
        legacyEstablished: count.nullable(),
        unifiedEstablished: count.nullable(),
        routingErrors: count.nullable(),
        fallbackActivations: count.nullable(),
        failure: z.string().nullable().describe('why it did not answer; null: it did'),
      }),
    )
    .exactOptional()
    .describe('of a fleet: each server by itself; what is above is of all that answered'),
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
  status: ServerStatus,
  health: HealthAnswer,
  unfinished: StatusDocument['unfinished'] = [],
): StatusDocument {
  const { settings, counters, open } = status
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
    ...(isFleet(status) && { members: status.members.map((member) => toMember(status, member)) }),
    unfinished,
  }
}

function toMember(status: FleetStatus, member: Member): NonNullable<StatusDocument['members']>[number] {
  const { server, counters, failure } = member
  const settings = settingsOfMember(status, member)
  return {
    server,
    mode: settings?.mode ?? null,
    percentage: settings?.percentage ?? null,
    legacyEstablished: counters?.legacy ?? null,
    unifiedEstablished: counters?.unified ?? null,
    routingErrors: counters?.errors ?? null,
    fallbackActivations: counters?.fallbacks ?? null,
    failure: failure?.message ?? null,
  }
}
