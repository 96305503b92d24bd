import { gradualOptionsSchema, parseOptions, stepDurationSchema, stepListSchema } from '../contract/options.js'
import type { PlanFile } from '../contract/plan-file.js'
import type { FileThresholds } from '../contract/thresholds.js'
import { evenSteps, type GradualStep } from '../core/gradual-steps.js'
import type { GradualOptions } from '../core/plan.js'
import type { InconclusivePolicy } from '../core/rollout.js'
import type { Thresholds } from '../core/thresholds.js'
import type { Environment } from './environment.js'
import type { WrittenNotices } from './notify.js'
import { flagsOf, readPlanFile, typedThresholds } from './plan-file.js'
import { resolveSettings, resolveThresholds, type Settings, type SettingsFlags } from './settings.js'

/** Flags that say what a gradual rollout sets out to do, as the parser gives them. */
export interface GradualFlags {
  readonly plan?: string | undefined
  readonly steps?: string | undefined
  readonly 'initial-percentage': string
  readonly 'max-percentage': string
  readonly 'step-size': string
  readonly 'step-duration': string
  readonly 'no-monitoring': boolean
  readonly 'on-inconclusive': InconclusivePolicy
}

/** What the parser knows besides the values. */
export interface ParsedFlags<F> {
  readonly flags: F
  readonly metadata: {
    readonly flags: Readonly<Partial<Record<string, { readonly setFromDefault?: boolean | undefined }>>>
  }
}

/** What a gradual rollout is to do, and who is told of it. */
export interface Gradual<F> {
  /** With what the plan file says where none was typed. */
  readonly flags: F
  readonly options: GradualOptions
  /** Of the plan file. */
  readonly written: WrittenNotices
}

/**
 * What a gradual rollout is to do. What was typed beats the plan file, in each of its steps as well; the plan
 * file beats the defaults.
 *
 * @throws WsctlError (usage)
 */
export async function readGradual<F extends GradualFlags & SettingsFlags>(
  { flags, metadata }: ParsedFlags<F>,
  environment: Environment,
): Promise<Gradual<F>> {
  if (flags.plan === undefined)
    return { flags, options: { ...policies(flags), steps: stepsOfFlags(flags) }, written: {} }
  const typed = Object.fromEntries(
    Object.entries(flags).filter(([name, value]) => value !== undefined && !metadata.flags[name]?.setFromDefault),
  )
  const file = await readPlanFile(flags.plan)
  const settled = { ...flags, ...withoutOtherServers(flagsOf(file), typed), ...typed }
  const { name, notifications, contacts } = file
  const steps = stepsOfFile(file, typed, stepDurationOf(settled), resolveSettings(settled, environment))
  return {
    flags: settled,
    options: { ...policies(settled), steps, safeguards: { name } },
    written: { ...(notifications.length > 0 && { notifications }), ...(contacts !== null && { contacts }) },
  }
}

/** Servers that were typed, in whatever way, stand in for those of the file. */
function withoutOtherServers(
  said: ReturnType<typeof flagsOf>,
  typed: Readonly<Record<string, unknown>>,
): ReturnType<typeof flagsOf> {
  if (typed['server'] === undefined && typed['servers-from'] === undefined) return said
  return Object.fromEntries(Object.entries(said).filter(([name]) => name !== 'server' && name !== 'servers-from'))
}

function policies(flags: GradualFlags): Pick<GradualOptions, 'monitoring' | 'onInconclusive'> {
  return { monitoring: !flags['no-monitoring'], onInconclusive: flags['on-inconclusive'] }
}

function stepsOfFlags(flags: GradualFlags): readonly GradualStep[] {
  if (flags.steps !== undefined) {
    const { steps } = parseOptions(stepListSchema, { steps: flags.steps })
    const durationMs = stepDurationOf(flags)
    return steps.map((percentage) => ({ percentage, durationMs }))
  }
  const { stepDuration, ...range } = parseOptions(gradualOptionsSchema, {
    initialPercentage: flags['initial-percentage'],
    maxPercentage: flags['max-percentage'],
    stepSize: flags['step-size'],
    stepDuration: flags['step-duration'],
  })
  return evenSteps({ ...range, stepDurationMs: stepDuration })
}

function stepsOfFile(
  file: PlanFile,
  typed: Readonly<Record<string, unknown>>,
  durationMs: number,
  layers: Pick<Settings, 'context'>,
): readonly GradualStep[] {
  const own = 'step-duration' in typed ? () => durationMs : (ms: number | null) => ms ?? durationMs
  const limitsOf = (thresholds: FileThresholds): Thresholds =>
    resolveThresholds({ ...typedThresholds(file.thresholds), ...typedThresholds(thresholds), ...typed }, layers)
  return file.steps.map(({ percentage, durationMs: ownMs, thresholds, gate }) => ({
    percentage,
    durationMs: own(ownMs),
    ...(thresholds && { thresholds: limitsOf(thresholds) }),
    ...(gate && { gate }),
  }))
}

function stepDurationOf(flags: GradualFlags): number {
  return parseOptions(stepDurationSchema, { stepDuration: flags['step-duration'] }).stepDuration
}
