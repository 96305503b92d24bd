/** The percentages of a rising rollout: spaced evenly, or named one by one. */
import { usageError } from './error.js'
import type { Gate } from './gate.js'
import type { Thresholds } from './thresholds.js'

/** A step of a rising rollout, as it is asked for. */
export interface GradualStep {
  /** Whole per cent. */
  readonly percentage: number
  /** Observation of the step, ms. */
  readonly durationMs: number
  /** Its own limits; undefined: those of the plan. */
  readonly thresholds?: Thresholds | undefined
  /** What has to open before the step is left; undefined: nothing. */
  readonly gate?: Gate | undefined
}

/** Steps that are all alike. */
export interface StepRange {
  /** Whole per cent, 0-100. */
  readonly initialPercentage: number
  readonly maxPercentage: number
  readonly stepSize: number
  readonly stepDurationMs: number
}

/** Percentages from `initial` to `max`, the last step shortened to end exactly there. */
export function percentagesUp(initial: number, max: number, size: number): readonly number[] {
  const percentages: number[] = []
  for (let percentage = initial; percentage < max; percentage += size) percentages.push(percentage)
  return [...percentages, max]
}

/** @throws WsctlError (usage) when the range ends below its start */
export function evenSteps(range: StepRange): readonly GradualStep[] {
  const { initialPercentage, maxPercentage, stepSize, stepDurationMs } = range
  if (initialPercentage > maxPercentage) {
    throw usageError(
      `--initial-percentage ${initialPercentage} is above --max-percentage ${maxPercentage}`,
      'give a --max-percentage that is not below --initial-percentage; to take users back, use: wsctl rollback gradual',
    )
  }
  return percentagesUp(initialPercentage, maxPercentage, stepSize).map((percentage) => ({
    percentage,
    durationMs: stepDurationMs,
  }))
}

/** The first step that does not rise above the one before it, by index; null when all do. */
export function firstNotRising(percentages: readonly number[]): number | null {
  const index = percentages.findIndex((percentage, at) => at > 0 && percentage <= (percentages[at - 1] ?? 0))
  return index === -1 ? null : index
}

/** The percentages of a rollout that has come to `present`, for one that goes on from there. */
export function percentagesFrom(present: number, percentages: readonly number[]): readonly number[] {
  return [...new Set([present, ...percentages.filter((percentage) => percentage > present)])]
}

/** The flags of `deploy gradual` for these percentages: a range when they are spaced evenly, else the list. */
export function stepFlags(percentages: readonly number[]): string {
  const [first = 0, second = first] = percentages
  const last = percentages.at(-1) ?? first
  const range = `--initial-percentage ${first} --max-percentage ${last}`
  if (first === last) return range
  const even = percentagesUp(first, last, second - first)
  return even.join() === percentages.join() ? `${range} --step-size ${second - first}` : `--steps ${percentages.join()}`
}
