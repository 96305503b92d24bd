/** How a plan for one server becomes one for a fleet. */
import type { FleetPlan } from './fleet.js'
import type { Step } from './rollout.js'
import { effectivePercentage, type Snapshot } from './server.js'

/**
 * The steps as a fleet takes them: first, where its servers differ, all are set to where the lowest is; then each
 * step that is observed comes to the canaries alone before it comes to the rest. A gate opens the next step, not the rest.
 */
export function stepsOfFleet(steps: readonly Step[], before: Snapshot, fleet: FleetPlan | undefined): readonly Step[] {
  if (fleet === undefined) return steps
  const { mode, percentage, legacyFallback } = before
  const converge: Step = {
    percentage: effectivePercentage(before),
    target: { mode, percentage, legacyFallback },
    durationMs: 0,
  }
  return [...(fleet.before === null ? [] : [converge]), ...steps.flatMap((step) => inWaves(step, fleet))]
}

function inWaves(step: Step, { canaries }: FleetPlan): readonly Step[] {
  if (canaries.length === 0 || step.durationMs === 0) return [step]
  const { percentage, target, durationMs, thresholds } = step
  return [{ percentage, target, durationMs, ...(thresholds && { thresholds }), wave: 'canary' }, step]
}

/** The servers that `--canary-servers` means: so many, a share of them, or those that are named. */
export function chooseCanaries(servers: readonly string[], wanted: CanaryChoice): readonly string[] {
  switch (wanted.by) {
    case 'name':
      return servers.filter((server) => wanted.servers.includes(server))
    case 'count':
      return servers.slice(0, wanted.count)
    case 'share':
      return servers.slice(0, Math.max(1, Math.round((servers.length * wanted.percent) / 100)))
  }
}

export type CanaryChoice =
  | { readonly by: 'name'; readonly servers: readonly string[] }
  | { readonly by: 'count'; readonly count: number }
  | { readonly by: 'share'; readonly percent: number }
