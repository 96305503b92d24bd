import * as z from 'zod'
import type { HealthAnswer } from './admin-api.js'
import { count } from './shared.js'

const verdict = { status: z.enum(['healthy', 'degraded']), issues: z.array(z.string()) }

export const verdictSchema = z
  .object(verdict)
  .describe("the server's own verdict, by everything since its process began")

/** `health`. */
export const healthDocumentSchema = z.object({
  schema: z.literal('wsctl/health@1'),
  server: z.string(),
  ...verdict,
  legacyEstablished: count.describe('connections since the process began'),
  unifiedEstablished: count.describe('connections since the process began'),
  routingErrors: count,
  fallbackActivations: count,
})

export function toVerdict({ health_status: status, issues }: HealthAnswer): z.output<typeof verdictSchema> {
  return { status, issues }
}

export function toHealthDocument(server: string, answer: HealthAnswer): z.output<typeof healthDocumentSchema> {
  const { connection_summary: connections, error_summary: errors } = answer
  return {
    schema: 'wsctl/health@1',
    server,
    ...toVerdict(answer),
    legacyEstablished: connections.legacy_connections,
    unifiedEstablished: connections.unified_connections,
    routingErrors: errors.routing_errors,
    fallbackActivations: errors.fallback_activations,
  }
}
