import * as z from 'zod'
import { DEFAULT_THRESHOLDS, type Thresholds } from '../core/thresholds.js'
import { countSchema, describeDuration, durationSchema, rateSchema } from './options.js'

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
