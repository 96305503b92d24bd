import { gradualOptionsSchema, parseOptions } from '../contract/options.js'
import type { GradualOptions } from '../core/plan.js'
import type { InconclusivePolicy } from '../core/rollout.js'

/** Flags that say what a gradual rollout sets out to do, as the parser gives them. */
export interface GradualFlags {
  readonly 'initial-percentage': string
  readonly 'max-percentage': string
  readonly 'step-size': string
  readonly 'step-duration': string
  readonly 'no-monitoring': boolean
  readonly 'on-inconclusive': InconclusivePolicy
}

/**
 * Checks those flags.
 *
 * @throws WsctlError (usage)
 */
export function readGradualOptions(flags: GradualFlags): GradualOptions {
  const { stepDuration, ...range } = parseOptions(gradualOptionsSchema, {
    initialPercentage: flags['initial-percentage'],
    maxPercentage: flags['max-percentage'],
    stepSize: flags['step-size'],
    stepDuration: flags['step-duration'],
  })
  return {
    ...range,
    stepDurationMs: stepDuration,
    monitoring: !flags['no-monitoring'],
    onInconclusive: flags['on-inconclusive'],
  }
}
