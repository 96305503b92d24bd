/** Schemas of the core's types that several documents share. */
import * as z from 'zod'
import { OUTCOMES } from '../core/outcome.js'
import { MODES } from '../core/server.js'

export const count = z.int().nonnegative()
export const percentage = z.int().min(0).max(100).describe('whole per cent, 0-100')
export const rate = z.number().nullable().describe('per cent of the attempts; null without attempts')
export const time = z.string().describe('wall-clock time, ISO 8601')
export const modeSchema = z.enum(MODES)
export const outcomeSchema = z.enum(OUTCOMES.map((row) => row.outcome))
export const exitCodeSchema = z.union(OUTCOMES.map((row) => z.literal(row.exitCode)))
const users = z.array(z.string()).readonly()

export const pinsSchema = z.object({ rolloutUsers: users, forceLegacyUsers: users }).readonly()

export const targetSchema = z.object({ mode: modeSchema, percentage, legacyFallback: z.boolean() }).readonly()

export const snapshotSchema = z
  .object({
    mode: modeSchema,
    percentage,
    rolloutUsers: users.nullable().describe('null: only its length is known'),
    forceLegacyUsers: users.nullable().describe('null: only its length is known'),
    legacyFallback: z.boolean(),
  })
  .readonly()

export const thresholdValuesSchema = z
  .object({
    maxErrorRate: z.number().describe('%'),
    maxRoutingErrors: count,
    maxFallbackRate: z.number().describe('%'),
    minSuccessRate: z.number().describe('%'),
    minAdoption: z.number().describe('% of the percentage that is set'),
    consecutiveFailures: count,
    windowMs: z.number().describe('ms'),
    minAttempts: count,
    pollIntervalMs: z.number().describe('ms'),
    confirmIntervalMs: z.number().describe('ms'),
  })
  .readonly()

export const errorSchema = z
  .object({ code: z.string(), message: z.string(), suggestions: z.array(z.string()).readonly() })
  .describe('what went wrong, and what to type next')
