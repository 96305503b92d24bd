/** What a run set out to do, as its first event records it. */
import * as z from 'zod'
import { PARTIAL_POLICIES } from '../core/fleet.js'
import { LIMIT_POLICIES } from '../core/gate.js'
import { COUNTED } from '../core/judging.js'
import {
  BREACH_POLICIES,
  CRASH_POLICIES,
  INCONCLUSIVE_POLICIES,
  INTENTS,
  INTERRUPT_POLICIES,
  NO_INCREASES,
} from '../core/rollout.js'
import { analysisSchema } from './analysis.js'
import { count, percentage, pinsSchema, snapshotSchema, targetSchema, thresholdValuesSchema } from './shared.js'

const servers = z.array(z.string()).readonly()

const listSourcesSchema = z
  .array(z.object({ origin: z.string(), users: z.array(z.string()).readonly() }).readonly())
  .readonly()

const factor = z.number().nullable().describe('times the rate of the baseline; null: not limited by it')
const minuteOfWeek = z.int().nonnegative().describe('minutes since Monday 00:00')

export const tallySchema = z
  .object({ legacy: count, unified: count, errors: count, fallbacks: count, attempts: count })
  .readonly()
const baselineSchema = z.object({ tally: tallySchema, observedMs: z.number().describe('ms') }).readonly()

const gateLimit = {
  limitMs: z.number().nullable().describe('ms; null: as long as it takes'),
  onLimit: z.enum(LIMIT_POLICIES),
}
const gatePace = { everyMs: z.number().describe('ms'), timeoutMs: z.number().describe('ms'), ...gateLimit }
const gateSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('approval'), ...gateLimit }).readonly(),
  z.object({ kind: z.literal('command'), command: z.string(), ...gatePace }).readonly(),
  z.object({ kind: z.literal('url'), url: z.string(), ...gatePace }).readonly(),
])

const fleetSchema = z
  .object({
    servers: servers.describe('as known when the run began'),
    from: z.string().nullable().describe('where they are looked up anew, such as dns:NAME:PORT; null: they are fixed'),
    quorum: z.number().describe('how many of them must answer, %'),
    onPartial: z.enum(PARTIAL_POLICIES),
    canaries: servers.describe('on which each step comes first'),
    before: z.record(z.string(), snapshotSchema).nullable().describe('null: they agreed when the run began'),
  })
  .readonly()

export const planSchema = z
  .object({
    id: z.string(),
    command: z.string(),
    name: z.string().nullable().default(null),
    server: z.string(),
    fleet: fleetSchema.exactOptional().describe('left out: it is one server'),
    intent: z.enum(INTENTS),
    before: snapshotSchema.nullable(),
    pins: pinsSchema.nullable(),
    pinSources: z
      .object({ rolloutUsers: listSourcesSchema, forceLegacyUsers: listSourcesSchema })
      .readonly()
      .nullable(),
    steps: z
      .array(
        z
          .object({
            percentage,
            target: targetSchema.nullable(),
            durationMs: z.number().nullable().describe('ms; 0: not observed; null: until stopped'),
            thresholds: thresholdValuesSchema.exactOptional().describe('limits of its own'),
            gate: gateSchema.exactOptional().describe('what has to open before it is left'),
            wave: z.literal('canary').exactOptional().describe('it comes to the canaries of a fleet alone'),
          })
          .readonly(),
      )
      .readonly(),
    thresholds: thresholdValuesSchema,
    // Journals from before there was a choice do not name it.
    analysis: analysisSchema.default(COUNTED),
    increases: z.object({ maxErrorRate: factor, maxFallbackRate: factor }).readonly().default(NO_INCREASES),
    baseline: z
      .union([z.object({ durationMs: z.number().describe('ms') }).readonly(), baselineSchema])
      .nullable()
      .default(null),
    freeze: z
      .array(
        z
          .object({ text: z.string(), timeZone: z.string(), fromMinute: minuteOfWeek, toMinute: minuteOfWeek })
          .readonly(),
      )
      .readonly()
      .default([]),
    monitoring: z.boolean(),
    onBreach: z.enum(BREACH_POLICIES),
    onInconclusive: z.enum(INCONCLUSIVE_POLICIES),
    onInterrupt: z.enum(INTERRUPT_POLICIES),
    // Journals from before it was kept do not name it.
    onCrash: z.enum(CRASH_POLICIES).nullable().default('hold'),
    environmentFile: z.string().nullable(),
    rollbackTimeoutMs: z.number().describe('ms'),
    reason: z.string().nullable(),
  })
  .readonly()
