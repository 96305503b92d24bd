/** A plan and its steps in the words that every line uses. */
import type { RolloutPlan, RolloutState, Step } from '../core/rollout.js'
import { describeSettings } from '../core/server.js'
import { formatDuration } from './format.js'

/** Where a run stands, such as `step 3 of 5`; null when its plan has no more than one step. */
export function describePosition(state: RolloutState): string | null {
  const { stepIndex, plan } = state
  return plan.steps.length > 1 ? `step ${stepIndex + 1} of ${plan.steps.length}` : null
}

/** How much of a plan was left, such as `2 of 4 steps not begun`; null when nothing was. */
export function describeLeft({ plan, steps }: RolloutState): string | null {
  const left = plan.steps.length - steps.length
  return left > 0 ? `${left} of ${plan.steps.length} steps not begun` : null
}

/** What a step sets, such as `gradual 35 %`; for a step that writes nothing, what it watches. */
export function describeStep(step: Step | undefined): string {
  if (step === undefined) return 'legacy'
  return step.target === null ? `${step.percentage} %` : describeSettings(step.target)
}

/** Short name of a step for the bar and tables: its percentage, or `full`. */
export function labelOf(step: Pick<Step, 'percentage' | 'target'> | undefined): string {
  if (step?.target?.mode === 'full') return 'full'
  return step?.target?.mode === 'testing' ? 'testing' : String(step?.percentage ?? 0)
}

/** Whether the plan goes on without anything that could stop it. */
export function isUnguarded(plan: RolloutPlan): boolean {
  return !plan.monitoring && plan.intent !== 'emergency'
}

/** What the run sets out to do, in one clause, and how it is judged where that is not by counting. */
export function describePlan(plan: RolloutPlan): string {
  return `${describeSteps(plan)}${describeAnalysis(plan)}`
}

function describeAnalysis({ analysis, monitoring, steps }: RolloutPlan): string {
  if (analysis.rule === 'counted' || !monitoring || steps.every(({ durationMs }) => durationMs === 0)) return ''
  const { confidence, designEffect } = analysis
  const effect = designEffect === 1 ? '' : `, design effect ${designEffect}`
  return `, rates judged sequentially (confidence ${confidence}${effect})`
}

function describeSteps(plan: RolloutPlan): string {
  const [first] = plan.steps
  if (first === undefined) return 'everybody to legacy'
  const last = plan.steps.at(-1) ?? first
  if (plan.intent === 'watch') return `observing ${describeDuration(first.durationMs)}`
  if (first === last)
    return first.durationMs === 0
      ? describeStep(first)
      : `${describeStep(first)}, observed ${describeDuration(first.durationMs)}`
  return `${plan.steps.length} steps, ${describeStep(first)} to ${describeStep(last)}${describeObservation(plan)}`
}

function describeObservation({ steps }: RolloutPlan): string {
  const durations = steps.flatMap(({ durationMs }) => (durationMs ? [durationMs] : []))
  if (durations.length === 0) return ''
  const [shortest, longest] = [Math.min(...durations), Math.max(...durations)]
  const span = shortest === longest ? '' : `${formatDuration(shortest)} to `
  return `, each observed for ${span}${formatDuration(longest)}`
}

/** @param ms null: until stopped */
export function describeDuration(ms: number | null): string {
  return ms === null ? 'until stopped' : `for ${formatDuration(ms)}`
}
