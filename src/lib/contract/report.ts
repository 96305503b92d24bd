import * as z from 'zod'
import { THRESHOLD_NAMES, VERDICTS } from '../core/analysis.js'
import { analysisSchema } from './analysis.js'
import { checklistSchema } from './checklist.js'
import { runStateSchema } from './history.js'
import {
  count,
  exitCodeSchema,
  modeSchema,
  outcomeSchema,
  percentage,
  rate,
  thresholdValuesSchema,
  time,
} from './shared.js'

const percent = z.number().nullable()
const duration = z.number().nonnegative().describe('ms')

/** Users are told as counts alone: a report is made to be passed on. */
const settingsSchema = z
  .object({
    mode: modeSchema,
    percentage,
    legacyFallback: z.boolean(),
    rolloutUsers: count.nullable().describe('length of the list; null: not known'),
    forceLegacyUsers: count.nullable().describe('length of the list; null: not known'),
  })
  .nullable()

const ratesSchema = z.object({
  errorRate: rate,
  fallbackRate: rate,
  successRate: rate,
  adoption: percent.describe('per cent of the unified connections expected; null where none are, or none were seen'),
})

const stepSchema = z.object({
  number: z.int().positive(),
  label: z.string().describe('what it sets, or the percentage that it watches'),
  percentage,
  outcome: z.enum(['running', 'passed', 'unproven', 'held', 'failed']),
  startedAt: time,
  endedAt: time.nullable(),
  plannedMs: duration.nullable().describe('observation that was planned, ms; 0: none; null: until stopped'),
  checks: count,
  attempts: count,
  errors: count,
  fallbacks: count,
  ...ratesSchema.shape,
})

const checkSchema = z.object({
  time,
  step: z.int().positive(),
  percentage,
  verdict: z.enum(VERDICTS),
  reason: z.string(),
  attempts: count,
  ...ratesSchema.shape,
  adoption: percent.describe('as of a step, up to this check; null as well while its attempts are too few to judge'),
  routingErrors: count.nullable().describe('within the window, however few attempts there were; null: not measured'),
  broken: z.array(z.enum(THRESHOLD_NAMES)).describe('the thresholds that did not hold'),
  odds: z
    .number()
    .nullable()
    .describe('for 1, against chance, of the rate that is most in doubt; null where rates are not judged sequentially'),
  limits: z
    .object({
      errorRate: z.number(),
      fallbackRate: z.number(),
      successRate: z.number(),
      adoption: z.number(),
      routingErrors: z.number(),
    })
    .describe('that it was judged by, per cent; of the routing errors, how many'),
})

const logSchema = z.object({
  time,
  endedAt: time.nullable().describe('of the last check, where several are told as one'),
  level: z.enum(['info', 'good', 'warning', 'bad']),
  text: z.string(),
})

const comparisonSchema = z.object({
  step: z.int().positive(),
  label: z.string(),
  attempts: count,
  errorRate: rate,
  errorFactor: z
    .number()
    .nullable()
    .describe('times the rate of the baseline; null where there is nothing to divide by'),
  fallbackRate: rate,
  fallbackFactor: z.number().nullable(),
  successRate: rate,
  successChange: z.number().nullable().describe('percentage points'),
})

/** `report --format json`; the other formats hold the same. */
export const reportSchema = z.object({
  schema: z.literal('wsctl/report@1'),
  generator: z.string().describe('the version that made it'),
  generatedAt: time,
  rolloutId: z.string(),
  command: z.string(),
  name: z.string().nullable(),
  server: z.string(),
  operator: z.string(),
  reason: z.string().nullable().describe("the operator's words when it was started"),
  state: runStateSchema,
  outcome: outcomeSchema.nullable().describe('null: it has not ended'),
  exitCode: exitCodeSchema.nullable(),
  conclusion: z.string().describe('why it ended so, or where it stands'),
  summary: z.string(),
  startedAt: time,
  endedAt: time.nullable(),
  seenAt: time.describe('of the last event'),
  before: settingsSchema,
  after: settingsSchema.describe('as it was read last'),
  plan: z.object({
    steps: count,
    monitoring: z.boolean(),
    onBreach: z.string(),
    onInconclusive: z.string(),
    onInterrupt: z.string(),
    environmentFile: z.string().nullable(),
    thresholds: thresholdValuesSchema,
    analysis: analysisSchema,
  }),
  figures: z.object({
    elapsedMs: duration,
    peakPercentage: percentage.nullable().describe('highest share of users on unified; null: never read'),
    attempts: count,
    errors: count,
    fallbacks: count,
    checks: z.object({ pass: count, fail: count, inconclusive: count, error: count }),
    highestErrorRate: rate.describe('of a check that could be judged'),
    lowestSuccessRate: rate.describe('of a check that could be judged'),
    mostRoutingErrors: count.nullable().describe('that a check found within the window; null: none was measured'),
    breachToSafetyMs: duration
      .nullable()
      .describe('from the breach to the verified rollback; null where there was none'),
  }),
  steps: z.array(stepSchema),
  checks: z.array(checkSchema),
  percentages: z.array(z.object({ time, percentage })).describe('what the server showed, whenever it changed'),
  connections: z
    .array(z.object({ time, legacy: count.nullable(), unified: count.nullable() }))
    .describe('open; null: the system was never used'),
  events: z.array(z.object({ time, level: logSchema.shape.level, text: z.string() })).describe('what stands out'),
  log: z.array(logSchema),
  baseline: z
    .object({ observedMs: z.number().describe('ms that samples vouch for'), attempts: count })
    .extend(ratesSchema.omit({ adoption: true }).shape)
    .nullable()
    .describe('null: none was taken'),
  comparison: z.array(comparisonSchema).describe('of each observed step with the baseline'),
  checklist: checklistSchema,
  recommendations: z.array(z.object({ text: z.string(), command: z.string().nullable() })),
  warnings: z.array(z.string()),
})
export type Report = z.output<typeof reportSchema>
