import type { Action } from './event.js'
import { stamp } from './decide.js'
import { begin } from './evolve.js'
import { knownPins } from './evolve-rollback.js'
import { environmentTarget, safeConfiguration } from './next-action.js'
import { currentTarget, type RolloutPlan, type RolloutState } from './rollout.js'

type Unscheduled<A> = A extends Action ? Omit<A, 'delayMs'> : never

/** Something that a run writes. */
export interface PlannedWrite {
  readonly action: Unscheduled<Exclude<Action, { readonly kind: 'read-status' | 'ask-gate' }>>
  /** What has to come first, in words; null: nothing. */
  readonly when: string | null
}

/** What a run writes when all goes well, in order, by the same rules as the run itself. */
export function plannedWrites(plan: RolloutPlan): readonly PlannedWrite[] {
  const state = begin(stamp({ type: 'started', plan, operator: '' } as const, 1, { atMs: 0, time: '' }))
  return plan.intent === 'emergency' ? emergencyWrites(state) : stepWrites(state)
}

function stepWrites(state: RolloutState): readonly PlannedWrite[] {
  const { steps, environmentFile, intent } = state.plan
  return steps.flatMap((_, stepIndex): readonly PlannedWrite[] => {
    const atStep: RolloutState = { ...state, stepIndex, phase: { name: 'passed' } }
    const configuration = currentTarget(atStep)
    if (configuration === null) return []
    const write: PlannedWrite = {
      action: { kind: 'configure', configuration },
      when: stepIndex === 0 ? null : whenLeft(state.plan, stepIndex - 1),
    }
    if (environmentFile === null) return [write]
    const record: PlannedWrite = {
      action: { kind: 'record-environment', configuration: environmentTarget(atStep) },
      when: intent === 'lower' ? 'when the server shows it' : whenPassed(stepIndex, steps.length),
    }
    return [write, record]
  })
}

function whenLeft({ steps }: RolloutPlan, stepIndex: number): string {
  const gate = steps[stepIndex]?.gate === undefined ? '' : ', and its gate is open'
  return `when step ${stepIndex + 1} has passed${gate}`
}

function whenPassed(stepIndex: number, steps: number): string {
  return steps === 1 ? 'when the server has shown it' : `when step ${stepIndex + 1} has passed`
}

/** An emergency rollback leaves the percentage as it was (contract of the admin API, fact 3). */
function emergencyWrites(state: RolloutState): readonly PlannedWrite[] {
  const { before, environmentFile } = state.plan
  const pins = knownPins(state)
  // Without known lists nothing is configured.
  const configure = (when: string | null): readonly PlannedWrite[] =>
    pins === null ? [] : [{ action: { kind: 'configure', configuration: safeConfiguration(pins) }, when }]
  const isLeftover = before?.percentage !== 0 || !before.legacyFallback
  const record: PlannedWrite = {
    action: { kind: 'record-environment', configuration: environmentTarget(state) },
    when: 'at the end',
  }
  return [
    { action: { kind: 'emergency-rollback' }, when: null },
    ...configure('only if it does not say disabled then'),
    { action: { kind: 'clear-cache' }, when: 'when it says disabled' },
    ...(isLeftover ? configure('when it says disabled') : []),
    ...(environmentFile === null ? [] : [record]),
  ]
}
