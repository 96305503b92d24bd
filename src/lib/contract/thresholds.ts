import * as z from 'zod'
import { DEFAULT_THRESHOLDS, type Thresholds } from '../core/thresholds.js'
import { fileDuration, fileNumber } from './file-values.js'
import { countSchema, describeDuration, durationSchema, flagName, rateSchema } from './options.js'

const duration = durationSchema({ bareNumber: 'refused' })

/**
 * Thresholds as they are typed, whether on flags or in files, with the specification's defaults. An
 * unknown key is refused: a misspelt limit would be no limit.
 */
export const thresholdsSchema = z
  .strictObject({
    maxErrorRate: rateSchema.default(DEFAULT_THRESHOLDS.maxErrorRate),
    maxRoutingErrors: countSchema(0).default(DEFAULT_THRESHOLDS.maxRoutingErrors),
    maxFallbackRate: rateSchema.default(DEFAULT_THRESHOLDS.maxFallbackRate),
    minSuccessRate: rateSchema.default(DEFAULT_THRESHOLDS.minSuccessRate),
    minAdoption: rateSchema.default(DEFAULT_THRESHOLDS.minAdoption),
    consecutiveFailures: countSchema(1, 1000).default(DEFAULT_THRESHOLDS.consecutiveFailures),
    window: duration.default(DEFAULT_THRESHOLDS.windowMs),
    minAttempts: countSchema(1).default(DEFAULT_THRESHOLDS.minAttempts),
    pollInterval: duration.default(DEFAULT_THRESHOLDS.pollIntervalMs),
    confirmInterval: duration.default(DEFAULT_THRESHOLDS.confirmIntervalMs),
  })
  .superRefine(({ window, pollInterval }, context) => {
    if (window >= pollInterval) return
    const [shortest, given] = [describeDuration(pollInterval), describeDuration(window)]
    context.addIssue({
      code: 'custom',
      path: ['window'],
      message: `expected a window of at least ${shortest}, the --poll-interval, not ${given}`,
    })
  })
  .transform(({ window, pollInterval, confirmInterval, ...rest }): Thresholds => ({
    ...rest,
    windowMs: window,
    pollIntervalMs: pollInterval,
    confirmIntervalMs: confirmInterval,
  }))

/** Keys of the schema, in the order of the specification. */
export const THRESHOLD_KEYS = [
  'maxErrorRate',
  'maxRoutingErrors',
  'maxFallbackRate',
  'minSuccessRate',
  'minAdoption',
  'consecutiveFailures',
  'window',
  'minAttempts',
  'pollInterval',
  'confirmInterval',
] as const satisfies readonly (keyof z.input<typeof thresholdsSchema>)[]

/**
 * The thresholds among named values, such as flags, by the keys of the schema.
 *
 * @param named by the names of the flags, such as `max-error-rate`
 */
export function thresholdValues(named: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    THRESHOLD_KEYS.flatMap((key) => {
      const value = named[flagName(key)]
      return value === undefined ? [] : [[key, value]]
    }),
  )
}

const rate = fileNumber(rateSchema, { sign: '%' })

/** Thresholds in a file: the words are those of the flags, and only what differs is named. */
export const fileThresholdsSchema = z
  .strictObject(
    {
      'max-error-rate': rate.describe('routing errors per attempt, %'),
      'max-routing-errors': fileNumber(countSchema(0)).describe('routing errors within the window'),
      'max-fallback-rate': rate.describe('fallback activations per attempt, %'),
      'min-success-rate': rate.describe('attempts that end connected, %'),
      'min-adoption': rate.describe('attempts that reach unified, % of the percentage set'),
      'consecutive-failures': fileNumber(countSchema(1, 1000)).describe('failed checks in a row before rollback'),
      window: fileDuration({ bareNumber: 'refused' }).describe('how far back a check may look'),
      'min-attempts': fileNumber(countSchema(1)).describe('attempts a rate needs before it means anything'),
      'poll-interval': fileDuration({ bareNumber: 'refused' }).describe('time between checks'),
      'confirm-interval': fileDuration({ bareNumber: 'refused' }).describe('time between checks once one has failed'),
    },
    { error: 'expected thresholds, such as {max-error-rate: 2, window: 10m}' },
  )
  .partial()
export type FileThresholds = z.output<typeof fileThresholdsSchema>
