/** What a state remembers of its steps, and of what the operator has to be told at the end. */
import type { RolloutState, StepRecord } from './rollout.js'

/** Changes the record of the step under way. */
export function withLastStep(
  steps: readonly StepRecord[],
  change: (step: StepRecord) => Partial<StepRecord>,
): readonly StepRecord[] {
  return steps.map((step, index) => (index === steps.length - 1 ? { ...step, ...change(step) } : step))
}

/** Ends the step under way, if one is. */
export function closeStep(state: RolloutState, outcome: StepRecord['outcome'], time: string): RolloutState {
  const last = state.steps.at(-1)
  return last?.outcome === 'running'
    ? { ...state, steps: withLastStep(state.steps, () => ({ outcome, endedAt: time })) }
    : state
}

/** Takes back the end of the step under way. */
export function reopenStep(state: RolloutState): RolloutState {
  return { ...state, steps: withLastStep(state.steps, () => ({ outcome: 'running', endedAt: null })) }
}

/** Remembers a warning; each is told once. */
export function warn(state: RolloutState, warning: string): RolloutState {
  return state.warnings.includes(warning) ? state : { ...state, warnings: [...state.warnings, warning] }
}
