import { usageError, WsctlError } from './error.js'
import type { FleetPlan } from './fleet.js'
import {
  NO_INCREASES,
  type BreachPolicy,
  type InconclusivePolicy,
  type InterruptPolicy,
  type Intent,
  type RolloutPlan,
  type Step,
} from './rollout.js'
import type { Analysis } from './judging.js'
import { firstNotRising, percentagesFrom, stepFlags, type GradualStep } from './gradual-steps.js'
import type { PinSources } from './pins.js'
import {
  describeSettings,
  effectivePercentage,
  type Configuration,
  type Pins,
  type Snapshot,
  type Target,
} from './server.js'
import type { Thresholds } from './thresholds.js'
import { stepsOfFleet } from './waves.js'

/** What every plan is made from, whatever the command. */
export interface PlanBasis {
  readonly id: string
  readonly server: string
  readonly fleet?: FleetPlan
  readonly before: Snapshot
  readonly pins: Pins
  readonly thresholds: Thresholds
  readonly analysis: Analysis
  readonly environmentFile: string | null
  readonly rollbackTimeoutMs: number
  readonly onInterrupt: Extract<InterruptPolicy, 'hold' | 'rollback'>
}

/** What a plan compares with, and when it raises nothing; what is left out is neither. */
export type Safeguards = Partial<Pick<RolloutPlan, 'name' | 'increases' | 'baseline' | 'freeze'>>

const NO_SAFEGUARDS: Required<Safeguards> = { name: null, increases: NO_INCREASES, baseline: null, freeze: [] }

export interface GradualOptions {
  /** Rising. */
  readonly steps: readonly GradualStep[]
  readonly monitoring: boolean
  readonly onInconclusive: InconclusivePolicy
  readonly safeguards?: Safeguards
}

function plan(
  basis: PlanBasis,
  own: { command: string; intent: Intent; steps: readonly Step[]; onBreach: BreachPolicy } & Partial<RolloutPlan>,
): RolloutPlan {
  return {
    monitoring: true,
    onInconclusive: 'extend',
    onCrash: null,
    reason: null,
    pinSources: null,
    ...NO_SAFEGUARDS,
    ...basis,
    ...own,
  }
}

/** What a step sets: what the server has, with another mode and percentage. */
function targetOf(basis: Pick<PlanBasis, 'before'>, mode: Target['mode'], percentage: number): Target {
  return { mode, percentage, legacyFallback: basis.before.legacyFallback }
}

/** Percentages below `from` down to `to`, the last step shortened to end exactly there. */
function percentagesDown(from: number, to: number, size: number): readonly number[] {
  const percentages: number[] = []
  for (let percentage = from - size; percentage > to; percentage -= size) percentages.push(percentage)
  return from > to ? [...percentages, to] : []
}

/**
 * Raises the percentage step by step, each observed for its whole duration; at 100 the mode is set
 * to `full` after a clean last step.
 *
 * @throws WsctlError (usage) for steps that do not rise; `lower-start` (exit 13) when the server is already
 *   above the first step
 */
export function planGradual(basis: PlanBasis, options: GradualOptions): RolloutPlan {
  const percentages = options.steps.map(({ percentage }) => percentage)
  const [start] = percentages
  if (start === undefined || firstNotRising(percentages) !== null) {
    throw usageError(
      `the percentages of the steps do not rise: ${percentages.join(', ') || 'there are none'}`,
      'name rising percentages, such as: --steps 1,5,25,100',
    )
  }
  refuseLowerStart(basis, start, percentages)
  const steps: Step[] = options.steps.map((step) => ({ ...step, target: targetOf(basis, 'gradual', step.percentage) }))
  if (percentages.at(-1) === 100) steps.push({ percentage: 100, target: targetOf(basis, 'full', 100), durationMs: 0 })
  return plan(basis, {
    command: 'deploy gradual',
    intent: 'raise',
    steps: stepsOfFleet(steps, basis.before, basis.fleet),
    monitoring: options.monitoring,
    onBreach: options.monitoring ? 'rollback' : 'hold',
    onInconclusive: options.onInconclusive,
    ...options.safeguards,
  })
}

function refuseLowerStart(basis: PlanBasis, start: number, percentages: readonly number[]): void {
  const present = effectivePercentage(basis.before)
  if (start >= present) return
  const goOn =
    present <= Math.max(...percentages) && basis.before.mode === 'gradual'
      ? [`to go on from where it is: wsctl deploy gradual ${stepFlags(percentagesFrom(present, percentages))}`]
      : []
  const takeBack =
    start === 0
      ? 'to take users back: wsctl rollback gradual'
      : `to take users back first: wsctl rollback gradual --to ${start}`
  throw new WsctlError(
    'lower-start',
    `the server is at ${describeSettings(basis.before)}; starting at ${start} % would take users back. Nothing was changed`,
    { outcome: 'refused', suggestions: [...goOn, takeBack] },
  )
}

/**
 * Only the given users on the unified system.
 *
 * @throws WsctlError `lower-start` (exit 13) when a rollout to other users is under way
 */
export function planTesting(basis: PlanBasis, testUsers: readonly string[]): RolloutPlan {
  if (effectivePercentage(basis.before) > 0) {
    throw new WsctlError(
      'lower-start',
      `the server is at ${describeSettings(basis.before)}; testing mode would take users back. Nothing was changed`,
      { outcome: 'refused', suggestions: ['to take users back first: wsctl rollback gradual'] },
    )
  }
  const both = testUsers.filter((user) => basis.pins.forceLegacyUsers.includes(user))
  if (both.length > 0) {
    throw usageError(
      `test users are forced to legacy on this server: ${both.join(', ')}`,
      'take them off one of the lists: wsctl configure --force-legacy-users …',
    )
  }
  const pins = { ...basis.pins, rolloutUsers: testUsers }
  return plan(
    { ...basis, pins },
    {
      command: 'deploy testing',
      intent: 'set',
      steps: [{ percentage: 0, target: targetOf(basis, 'testing', 0), durationMs: 0 }],
      onBreach: 'rollback',
    },
  )
}

/** Everybody on the unified system; observed for `durationMs` when it is not 0, and only then compared with a baseline. */
export function planFull(
  basis: PlanBasis,
  options: {
    readonly durationMs: number
    readonly onInconclusive: InconclusivePolicy
    readonly safeguards?: Safeguards
  },
): RolloutPlan {
  return plan(basis, {
    command: 'deploy full',
    intent: 'raise',
    steps: stepsOfFleet(
      [{ percentage: 100, target: targetOf(basis, 'full', 100), durationMs: options.durationMs }],
      basis.before,
      basis.fleet,
    ),
    onBreach: 'rollback',
    onInconclusive: options.onInconclusive,
    ...options.safeguards,
    ...(options.durationMs === 0 && { baseline: null }),
  })
}

/**
 * Lowers the percentage step by step; at 0 the mode is set to `disabled`. A breach on the way down
 * goes on as an emergency rollback.
 *
 * @throws WsctlError `not-lower` (exit 13) when the server is no higher than `to`
 */
export function planLowering(
  basis: PlanBasis,
  options: { readonly step: number; readonly to: number; readonly stepDurationMs: number; readonly once: boolean },
): RolloutPlan {
  const from = effectivePercentage(basis.before)
  if (from > 0 && options.to >= from) {
    throw new WsctlError(
      'not-lower',
      `the server is at ${describeSettings(basis.before)}, which is not above --to ${options.to}`,
      {
        outcome: 'refused',
        suggestions: ['give a lower --to, or see: wsctl status'],
      },
    )
  }
  // Where nobody is sent to unified but by name, `disabled` is all that is left to set.
  const down = from === 0 ? [0] : percentagesDown(from, options.to, options.step)
  const chosen = options.once ? down.slice(0, 1) : down
  const steps = chosen.map((percentage): Step => {
    if (percentage > 0) {
      return {
        percentage,
        target: targetOf(basis, 'gradual', percentage),
        durationMs: options.once ? 0 : options.stepDurationMs,
      }
    }
    return { percentage, target: targetOf(basis, 'disabled', 0), durationMs: 0 }
  })
  return plan(basis, {
    command: 'rollback gradual',
    intent: 'lower',
    steps: stepsOfFleet(steps, basis.before, basis.fleet && { ...basis.fleet, canaries: [] }),
    onBreach: 'rollback',
    onInconclusive: 'advance',
  })
}

/** Observes what is there; changes nothing unless a breach asks for a rollback. */
export function planWatch(
  basis: Omit<PlanBasis, 'pins' | 'onInterrupt'> & { readonly pins: Pins | null },
  options: {
    readonly durationMs: number | null
    readonly onBreach: Extract<BreachPolicy, 'rollback' | 'exit'>
    readonly safeguards?: Safeguards
  },
): RolloutPlan {
  const { before } = basis
  return {
    ...NO_SAFEGUARDS,
    ...basis,
    ...options.safeguards,
    command: 'monitor',
    intent: 'watch',
    steps: [{ percentage: effectivePercentage(before), target: null, durationMs: options.durationMs }],
    monitoring: true,
    onBreach: options.onBreach,
    onInconclusive: 'advance',
    onInterrupt: options.durationMs === null ? 'finish' : 'hold',
    onCrash: null,
    reason: null,
    pinSources: null,
  }
}

/** Everybody to legacy, now. Neither the server's state nor the lists need to be known. */
export function planEmergency(
  basis: Omit<PlanBasis, 'before' | 'pins' | 'onInterrupt'> & {
    readonly before: Snapshot | null
    readonly pins: Pins | null
  },
  pinSources: PinSources,
  reason: string | null,
): RolloutPlan {
  return {
    ...NO_SAFEGUARDS,
    ...basis,
    command: 'rollback emergency',
    intent: 'emergency',
    steps: [],
    monitoring: false,
    onBreach: 'rollback',
    onInconclusive: 'advance',
    onInterrupt: 'hold',
    onCrash: null,
    reason,
    pinSources,
  }
}

/** One write of exactly this configuration. */
export function planConfigure(
  basis: PlanBasis,
  { rolloutUsers, forceLegacyUsers, ...target }: Configuration,
): RolloutPlan {
  return plan(
    { ...basis, pins: { rolloutUsers, forceLegacyUsers } },
    {
      command: 'configure',
      intent: 'set',
      steps: [{ percentage: effectivePercentage(target), target, durationMs: 0 }],
      onBreach: 'hold',
    },
  )
}
