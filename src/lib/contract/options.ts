/** What may be typed: zod schemas of options, from flags as strings and from files as numbers. */
import ms, { type StringValue } from 'ms'
import prettyMs from 'pretty-ms'
import * as z from 'zod'
import { usageError } from '../core/error.js'
import { firstNotRising } from '../core/gradual-steps.js'
import { MODES } from '../core/server.js'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
/** Longer than any rollout; what is above is a slip of the pen. */
const LONGEST_MS = 30 * DAY_MS

const FACTOR_EXPECTED = 'expected a factor from 1 to 1000, such as 1.5x'

/** Text of a flag as the number that it stands for; anything else is left for the schema to refuse. */
function toNumber(value: unknown): unknown {
  return typeof value === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value
}

function withoutSign(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/\s*%\s*$/, '') : value
}

/** A number from flag or file, refused with one sentence that tells the range. */
function number(min: number, max: number, unit: string, { whole }: { readonly whole: boolean }) {
  const error = `expected a ${whole ? 'whole ' : ''}number from ${min} to ${max} (${unit})`
  const base = whole ? z.int({ error }) : z.number({ error })
  const parse = unit === PER_CENT ? (value: unknown) => toNumber(withoutSign(value)) : toNumber
  return z.preprocess(parse, base.min(min, { error }).max(max, { error }))
}

/** The one unit with a sign of its own, which may follow the number. */
const PER_CENT = 'per cent'

/** Per cent, 0-100. */
export const rateSchema = number(0, 100, PER_CENT, { whole: false })
/** Whole per cent, 0-100. */
const percentageSchema = number(0, 100, PER_CENT, { whole: true })
/** Of a step, or how much a step changes: whole per cent, 1-100. */
export const stepPercentageSchema = number(1, 100, PER_CENT, { whole: true })

/** A count. */
export function countSchema(min: number, max = 1_000_000) {
  return number(min, max, 'count', { whole: true })
}

export interface DurationOptions {
  /** Whether a number without a unit means minutes, the deployment guide's habit. */
  readonly bareNumber: 'minutes' | 'refused'
  /** Longest that is taken, ms; 30 days when left out. */
  readonly longestMs?: number
}

/** A duration such as `500ms`, `90s`, `30m` or `2h`, in ms; a number from a file is ms already. */
export function durationSchema({ bareNumber, longestMs = LONGEST_MS }: DurationOptions) {
  const units = bareNumber === 'minutes' ? ', or minutes without a unit' : ''
  const error = (): string =>
    `expected a duration above 0 and up to ${prettyMs(longestMs, { verbose: true })}, such as 500ms, 90s, 30m or 2h${units}`
  const parse = (value: unknown): unknown => {
    if (typeof value !== 'string') return value
    const text = value.trim()
    if (/^\d+(\.\d+)?$/.test(text)) return bareNumber === 'minutes' ? Number(text) * MINUTE_MS : value
    return /^\d+(\.\d+)?(ms|s|m|h)$/.test(text) ? ms(text as StringValue) : value
  }
  return z.preprocess(parse, z.number({ error }).positive({ error }).max(longestMs, { error }))
}

/** A duration in messages, such as `1m 30s`. */
export function describeDuration(durationMs: number): string {
  return prettyMs(durationMs)
}

/** `deploy gradual`. */
export const gradualOptionsSchema = z
  .strictObject({
    initialPercentage: percentageSchema,
    maxPercentage: percentageSchema,
    stepSize: stepPercentageSchema,
    stepDuration: durationSchema({ bareNumber: 'minutes' }),
  })
  .superRefine(({ initialPercentage, maxPercentage }, context) => {
    if (initialPercentage <= maxPercentage) return
    const expected = `expected a percentage that is not above --max-percentage ${maxPercentage}`
    context.addIssue({
      code: 'custom',
      path: ['initialPercentage'],
      message: `${expected}; to take users back, use: wsctl rollback gradual`,
    })
  })

/** Why a percentage cannot come after the one before it. */
export function notRising(percentage: number, before: number): string {
  return percentage === before
    ? `expected a percentage above ${before}, which is there already`
    : `expected a percentage above ${before}, the one before it; to take users back, use: wsctl rollback gradual`
}

/** `deploy gradual --steps`: rising percentages, separated by commas. */
export const stepListSchema = z.strictObject({
  steps: z
    .preprocess((text) => String(text).split(','), z.array(stepPercentageSchema))
    .superRefine((percentages, context) => {
      const index = firstNotRising(percentages)
      if (index === null) return
      const message = `after ${percentages[index - 1]} comes ${percentages[index]}: ${notRising(percentages[index] ?? 0, percentages[index - 1] ?? 0)}`
      context.addIssue({ code: 'custom', message })
    }),
})

export const stepDurationSchema = z.strictObject({ stepDuration: durationSchema({ bareNumber: 'minutes' }) })

/** How many times the rate of a baseline, such as `1.5x`. */
export const factorSchema = z.preprocess(
  (value) => toNumber(typeof value === 'string' ? value.replace(/\s*x\s*$/i, '') : value),
  z.number({ error: FACTOR_EXPECTED }).min(1, { error: FACTOR_EXPECTED }).max(1000, { error: FACTOR_EXPECTED }),
)

const CONFIDENCE_EXPECTED = 'expected a number above 0.5 and below 1, such as 0.99'

/** How sure sequential analysis is to be; per cent are taken too. */
export const confidenceSchema = z.preprocess(
  (value) => {
    const percent = typeof value === 'string' ? /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(value) : null
    return percent ? Number(percent[1]) / 100 : toNumber(value)
  },
  z
    .number({ error: CONFIDENCE_EXPECTED })
    .gt(0.5, { error: CONFIDENCE_EXPECTED })
    .lt(1, { error: CONFIDENCE_EXPECTED }),
)

/** How many failures one cause brings about. */
export const designEffectSchema = number(1, 1000, 'failures that one cause brings about', { whole: false })

/** `rollback gradual`. */
export const loweringOptionsSchema = z.strictObject({
  step: stepPercentageSchema,
  to: percentageSchema,
  stepDuration: durationSchema({ bareNumber: 'minutes' }),
})

/** `deploy full` and `monitor`; undefined where the flag was not given. */
export const observationOptionsSchema = z.strictObject({
  duration: durationSchema({ bareNumber: 'minutes' }).optional(),
})

/** `status`. */
export const lookOptionsSchema = z.strictObject({
  interval: durationSchema({ bareNumber: 'refused' }),
  waitTimeout: durationSchema({ bareNumber: 'refused' }).optional(),
})

/** Limits relative to a baseline; undefined: none. */
const increases = { maxErrorRateIncrease: factorSchema.optional(), maxFallbackRateIncrease: factorSchema.optional() }

/** What a rollout compares with, and when it raises nothing. */
export const safeguardOptionsSchema = z.strictObject({
  baseline: durationSchema({ bareNumber: 'refused' }).optional(),
  ...increases,
})

/** `monitor --baseline`. */
export const comparisonOptionsSchema = z.strictObject(increases)

/** `rollout promote`; undefined: the step under way. */
export const promoteOptionsSchema = z.strictObject({ step: countSchema(1, 1000).optional() })

/** `audit`. */
export const limitOptionsSchema = z.strictObject({ limit: countSchema(1) })

export const rollbackOptionsSchema = z.strictObject({ rollbackTimeout: durationSchema({ bareNumber: 'refused' }) })

export const requestOptionsSchema = z.strictObject({
  timeout: durationSchema({ bareNumber: 'refused', longestMs: DAY_MS }),
})

/** `configure`; undefined stays as it is. Modes are taken in any case, as the server does. */
export const configureOptionsSchema = z.strictObject({
  mode: z
    .preprocess(
      (value) => (typeof value === 'string' ? value.trim().toLowerCase() : value),
      z.enum(MODES, { error: `expected one of ${MODES.join(', ')}` }),
    )
    .optional(),
  percentage: percentageSchema.optional(),
  legacyFallback: z
    .enum(['true', 'false'], { error: 'expected true or false' })
    .transform((value) => value === 'true')
    .optional(),
})

const probability = number(0, 1, 'a probability', { whole: false })

/** `sandbox`. */
export const sandboxOptionsSchema = z.strictObject({
  port: number(0, 65_535, 'a port; 0: any that is free', { whole: true }),
  users: countSchema(0, 5000),
  stay: durationSchema({ bareNumber: 'refused' }),
  away: durationSchema({ bareNumber: 'refused' }),
  failProbability: probability.optional(),
  refuseProbability: probability.optional(),
  fromPercentage: percentageSchema.optional(),
  rateLimit: countSchema(1).optional(),
  restartAfter: durationSchema({ bareNumber: 'refused' }).optional(),
  seed: countSchema(0, 2 ** 32 - 1),
})
export type SandboxSettings = z.output<typeof sandboxOptionsSchema>

/** The name of the flag for an option: `maxErrorRate` is typed as `--max-error-rate`. */
export function flagName(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/**
 * Checks options against their schema.
 *
 * @throws WsctlError (usage) that names each key, its value and the legal range, one a line
 */
export function parseOptions<T>(schema: z.ZodType<T>, values: Readonly<Record<string, unknown>>): T {
  const parsed = schema.safeParse(values)
  if (parsed.success) return parsed.data
  const show = (key: string): string => (key in values ? String(values[key]) : '(default)')
  const problems = parsed.error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => `${key} ${show(key)}: there is no such option`)
    }
    const key = String(issue.path[0] ?? '')
    return key === '' ? issue.message : `--${flagName(key)} ${show(key)}: ${issue.message}`
  })
  throw usageError([...new Set(problems)].join('\n'))
}
