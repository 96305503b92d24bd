/** What was read of a server, and how it was judged, as events record it. */
import * as z from 'zod'
import { THRESHOLD_NAMES, VERDICTS } from '../core/analysis.js'
import { FAILURE_KINDS } from '../core/error.js'
import { count, modeSchema, percentage, rate } from './shared.js'

export const failureSchema = z
  .object({
    kind: z.enum(FAILURE_KINDS),
    status: z.int().nullable().describe('HTTP status; null without an answer'),
    message: z.string(),
    retryAfterMs: z.number().exactOptional(),
    servers: z.array(z.string()).readonly().exactOptional().describe('of a fleet: where it failed, when not on all'),
  })
  .readonly()
const settingsSchema = z
  .object({
    mode: modeSchema,
    percentage,
    unifiedEnabled: z.boolean(),
    gradualRolloutEnabled: z.boolean(),
    explicitRolloutUsers: count,
    forcedLegacyUsers: count,
    legacyFallback: z.boolean(),
    cachedAssignments: count,
  })
  .readonly()
const countersSchema = z.object({ legacy: count, unified: count, errors: count, fallbacks: count }).readonly()

export const statusSchema = z
  .object({
    settings: settingsSchema.describe('of a fleet: those that send the most users to the unified system'),
    counters: countersSchema.describe('of a fleet: added up'),
    open: z.object({ legacy: count.nullable(), unified: count.nullable() }).readonly(),
    members: z
      .array(
        z
          .object({
            server: z.string(),
            settings: settingsSchema.exactOptional().describe('left out: those of the fleet'),
            counters: countersSchema.nullable().describe('null: it was never read'),
            failure: failureSchema.exactOptional().describe('why it did not answer; the rest is from before'),
          })
          .readonly(),
      )
      .readonly()
      .exactOptional()
      .describe('of a fleet: each server by itself'),
  })
  .readonly()

export const checkSchema = z
  .object({
    verdict: z.enum(VERDICTS),
    reason: z.string(),
    findings: z
      .array(
        z
          .object({
            threshold: z.enum(THRESHOLD_NAMES),
            broken: z.boolean(),
            value: z.number(),
            limit: z.number(),
            text: z.string(),
            odds: z
              .number()
              .exactOptional()
              .describe('for 1, against chance, that the rate is above its limit; only of sequential analysis'),
          })
          .readonly(),
      )
      .readonly(),
    attempts: count,
    errorRate: rate,
    fallbackRate: rate,
    successRate: rate,
    failing: z.array(z.string()).readonly().exactOptional().describe('of a fleet: the servers that are at fault'),
    together: z.boolean().exactOptional().describe('of a fleet: whether the whole of it is at fault'),
  })
  .readonly()
