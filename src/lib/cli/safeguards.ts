import * as z from 'zod'
import { freezeWindowSchema } from '../contract/freeze-window.js'
import { comparisonOptionsSchema, parseOptions, safeguardOptionsSchema } from '../contract/options.js'
import { usageError } from '../core/error.js'
import type { FreezeWindow } from '../core/freeze.js'
import { isRelative } from '../core/limits.js'
import type { GradualOptions, Safeguards } from '../core/plan.js'
import type { Baseline, Increases } from '../core/rollout.js'
import type { Thresholds } from '../core/thresholds.js'
import type { RunStore } from '../ports/state-store.js'
import type { Settings } from './settings.js'
import { openState } from './state-store.js'

interface IncreaseFlags {
  readonly 'max-error-rate-increase'?: string | undefined
  readonly 'max-fallback-rate-increase'?: string | undefined
}

/** Flags of `safeguardFlags`. */
export interface SafeguardFlags extends IncreaseFlags {
  readonly freeze?: readonly string[] | undefined
  readonly baseline?: string | undefined
}

/**
 * What a rollout compares with, and when it raises nothing.
 *
 * @throws WsctlError (usage)
 */
export function readSafeguards(flags: SafeguardFlags, { pollIntervalMs }: Thresholds): Safeguards {
  const { baseline, ...increases } = parseOptions(safeguardOptionsSchema, {
    baseline: flags.baseline,
    ...increaseValues(flags),
  })
  return {
    freeze: (flags.freeze ?? []).map(readFreezeWindow),
    baseline: { durationMs: baseline ?? pollIntervalMs },
    increases: toIncreases(increases),
  }
}

/**
 * The options of a gradual rollout with its safeguards.
 *
 * @throws WsctlError (usage)
 */
export function withSafeguards(options: GradualOptions, flags: SafeguardFlags, thresholds: Thresholds): GradualOptions {
  return { ...options, safeguards: { ...options.safeguards, ...readSafeguards(flags, thresholds) } }
}

/**
 * As `readSafeguards`, for a watch that compares with what an earlier run found.
 *
 * @throws WsctlError (usage), also for a run without a baseline
 */
export async function readComparison(
  flags: IncreaseFlags & { readonly baseline?: string | undefined },
  settings: Settings,
): Promise<Safeguards> {
  const increases = toIncreases(parseOptions(comparisonOptionsSchema, increaseValues(flags)))
  if (flags.baseline === undefined) {
    if (!isRelative({ increases })) return {}
    throw usageError(
      'a limit relative to a baseline was given without a baseline',
      'name the run whose baseline is meant: --baseline ID (see: wsctl history)',
    )
  }
  return { baseline: await baselineOf((await openState(settings)).runs, flags.baseline), increases }
}

async function baselineOf(runs: RunStore, id: string): Promise<Baseline> {
  const runId = await runs.find(id)
  const baseline = (await runs.state(runId))?.baseline ?? null
  if (baseline !== null) return baseline
  throw usageError(
    `--baseline ${id}: run ${runId} observed nothing before its first step`,
    'name a run of: wsctl deploy gradual (see: wsctl history)',
  )
}

function increaseValues(flags: IncreaseFlags) {
  return {
    maxErrorRateIncrease: flags['max-error-rate-increase'],
    maxFallbackRateIncrease: flags['max-fallback-rate-increase'],
  }
}

function toIncreases({
  maxErrorRateIncrease = null,
  maxFallbackRateIncrease = null,
}: {
  readonly maxErrorRateIncrease?: number | null | undefined
  readonly maxFallbackRateIncrease?: number | null | undefined
}): Increases {
  return { maxErrorRate: maxErrorRateIncrease, maxFallbackRate: maxFallbackRateIncrease }
}

function readFreezeWindow(text: string): FreezeWindow {
  const parsed = freezeWindowSchema.safeParse(text)
  if (parsed.success) return parsed.data
  throw usageError(`--freeze ${text}: ${z.prettifyError(parsed.error).replace(/^✖\s*/, '')}`)
}
