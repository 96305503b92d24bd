/** What may be typed: zod schemas of options, from flags as strings and from files as numbers. */
import ms, { type StringValue } from 'ms'
import * as z from 'zod'
import { usageError } from '../core/error.js'
import { MODES } from '../core/server.js'

const MINUTE_MS = 60_000
/** Longer than any rollout; what is above is a slip of the pen. */
const LONGEST_MS = 30 * 24 * 60 * MINUTE_MS

/** Text of a flag as the number that it stands for; anything else is left for the schema to refuse. */
function toNumber(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const text = value.trim().replace(/\s*%$/, '')
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : value
}

/** A number from flag or file, refused with one sentence that tells the range. */
function number(min: number, max: number, unit: string, { whole }: { readonly whole: boolean }) {
  const error = `expected a ${whole ? 'whole ' : ''}number from ${min} to ${max} (${unit})`
  const base = whole ? z.int({ error }) : z.number({ error })
  return z.preprocess(toNumber, base.min(min, { error }).max(max, { error }))
}

/** Per cent, 0-100. */
export const rateSchema = number(0, 100, 'per cent', { whole: false })
/** Whole per cent, 0-100. */
const percentageSchema = number(0, 100, 'per cent', { whole: true })
/** How much a step changes, whole per cent, 1-100. */
const stepSizeSchema = number(1, 100, 'per cent', { whole: true })

/** A count. */
export function countSchema(min: number, max = 1_000_000) {
  return number(min, max, 'count', { whole: true })
}

export interface DurationOptions {
  /** Whether a number without a unit means minutes, the deployment guide's habit. */
  readonly bareNumber: 'minutes' | 'refused'
}

/** A duration such as `500ms`, `90s`, `30m` or `2h`, in ms; a number from a file is ms already. */
export function durationSchema({ bareNumber }: DurationOptions) {
  const units = bareNumber === 'minutes' ? ', or minutes without a unit' : ''
  const error = `expected a duration above 0 and up to 30 days, such as 500ms, 90s, 30m or 2h${units}`
  const parse = (value: unknown): unknown => {
    if (typeof value !== 'string') return value
    const text = value.trim()
    if (/^\d+(\.\d+)?$/.test(text)) return bareNumber === 'minutes' ? Number(text) * MINUTE_MS : value
    return /^\d+(\.\d+)?(ms|s|m|h)$/.test(text) ? ms(text as StringValue) : value
  }
  return z.preprocess(parse, z.number({ error }).positive({ error }).max(LONGEST_MS, { error }))
}

/** `deploy gradual`. */
export const gradualOptionsSchema = z
  .strictObject({
    initialPercentage: percentageSchema,
    maxPercentage: percentageSchema,
    stepSize: stepSizeSchema,
    stepDuration: durationSchema({ bareNumber: 'minutes' }),
  })
  .refine(({ initialPercentage, maxPercentage }) => initialPercentage <= maxPercentage, {
    path: ['initialPercentage'],
    error: 'expected a percentage that is not above --max-percentage; to take users back, use: wsctl rollback gradual',
  })

/** `rollback gradual`. */
export const loweringOptionsSchema = z.strictObject({
  step: stepSizeSchema,
  to: percentageSchema,
  stepDuration: durationSchema({ bareNumber: 'minutes' }),
})

/** `deploy full` and `monitor`; undefined where the flag was not given. */
export const observationOptionsSchema = z.strictObject({
  duration: durationSchema({ bareNumber: 'minutes' }).optional(),
})

/** `status --watch`. */
export const intervalOptionsSchema = z.strictObject({ interval: durationSchema({ bareNumber: 'refused' }) })

/** `audit`. */
export const limitOptionsSchema = z.strictObject({ limit: countSchema(1) })

export const rollbackOptionsSchema = z.strictObject({ rollbackTimeout: durationSchema({ bareNumber: 'refused' }) })

export const requestOptionsSchema = z.strictObject({ timeout: durationSchema({ bareNumber: 'refused' }) })

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
  fromPercentage: percentageSchema.default(0),
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
  const problems = parsed.error.issues.map((issue) => {
    const key = String(issue.path[0] ?? '')
    return key === '' ? issue.message : `--${flagName(key)} ${String(values[key])}: ${issue.message}`
  })
  throw usageError([...new Set(problems)].join('\n'))
}
