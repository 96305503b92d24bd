import { isDeepStrictEqual } from 'node:util'
import type { NoticeSetup } from '../contract/notification.js'
import { rollbackOptionsSchema, parseOptions } from '../contract/options.js'
import { planGradual } from '../core/plan.js'
import type { RolloutPlan } from '../core/rollout.js'
import type { Environment } from './environment.js'
import { readGradual, type GradualFlags, type ParsedFlags } from './gradual-options.js'
import { withSafeguards, type SafeguardFlags } from './safeguards.js'
import { resolveAnalysis, resolveSettings, resolveThresholds, type SettingsFlags } from './settings.js'

type PlannedFlags = GradualFlags &
  SafeguardFlags &
  SettingsFlags &
  Readonly<Record<string, unknown>> & { readonly 'on-interrupt': 'hold' | 'rollback' }

/** What a run was begun with. */
export interface Recorded {
  readonly plan: RolloutPlan
  readonly setup: NoticeSetup | null
}

/** The parts of a plan that a file can say, by its keys there. */
const PARTS = {
  name: 'name',
  steps: 'steps',
  thresholds: 'thresholds',
  analysis: 'analysis',
  onInconclusive: 'on-inconclusive',
  onInterrupt: 'on-interrupt',
  rollbackTimeoutMs: 'rollback-timeout',
  freeze: 'freeze',
  baseline: 'baseline',
  increases: 'max-error-rate-increase or max-fallback-rate-increase',
} as const satisfies Partial<Record<keyof RolloutPlan, string>>

/**
 * In which parts a plan file is not what a run was begun with, and that none of them counts; null when it is
 * the same, and nothing is to be told.
 *
 * @throws WsctlError (usage) for a file that is no plan
 */
export async function describePlanChanges<F extends PlannedFlags>(
  parsed: ParsedFlags<F>,
  environment: Environment,
  { plan, setup }: Recorded,
): Promise<string | null> {
  const { flags, options, written } = await readGradual(parsed, environment)
  const settings = resolveSettings(flags, environment)
  const thresholds = resolveThresholds(flags, settings)
  const { rollbackTimeout } = parseOptions(rollbackOptionsSchema, {
    rollbackTimeout: flags['rollback-timeout'] ?? '2m',
  })
  if (plan.before === null || plan.pins === null) return null
  const { id, server, before, pins, environmentFile } = plan
  const said = planGradual(
    {
      ...{ id, server, before: { ...before, mode: 'disabled', percentage: 0 }, pins, thresholds, environmentFile },
      analysis: resolveAnalysis(flags, settings),
      rollbackTimeoutMs: rollbackTimeout,
      onInterrupt: flags['on-interrupt'],
    },
    withSafeguards(options, flags, thresholds),
  )
  const parts = Object.entries(PARTS).flatMap(([key, name]) => {
    const part = key as keyof typeof PARTS
    return isDeepStrictEqual(plain(said[part]), plain(plan[part])) ? [] : [name]
  })
  const told = { notifications: written.notifications ?? [], contacts: written.contacts ?? {} }
  const recorded = { notifications: setup?.notifications ?? [], contacts: setup?.contacts ?? {} }
  const people = (['notifications', 'contacts'] as const).filter(
    (key) => !isDeepStrictEqual(plain(told[key]), plain(recorded[key])),
  )
  const changed = [...parts, ...people]
  if (changed.length === 0) return null
  const notify = people.length === 0 ? '' : '; to have others told from now on: --notify'
  return (
    `${flags.plan ?? 'the plan'} is not what run ${id} was begun with, in: ${changed.join(', ')}. ` +
    `Nothing of it counts: the run goes on by its records${notify}`
  )
}

/** As a journal would give it back. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null))
}
