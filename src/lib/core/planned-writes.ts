import type { Action } from './event.js'
import { stamp } from './decide.js'
import { begin } from './evolve.js'
import { knownPins, rollbackAfresh } from './evolve-rollback.js'
import { environmentTarget, safeConfiguration } from './next-action.js'
import { currentTarget, type ResumePolicy, type RolloutPlan, type RolloutState } from './rollout.js'

type Unscheduled<A> = A extends Action ? Omit<A, 'delayMs'> : never

/** Something that a run writes. */
export interface PlannedWrite {
  readonly action: Unscheduled<Exclude<Action, { readonly kind: 'read-status' | 'ask-gate' }>>
  /** What has to come first, in words; null: nothing. */
  readonly when: string | null
}

/** What a run writes when all goes well, in order, by the same rules as the run itself. */
export function plannedWrites(plan: RolloutPlan): readonly PlannedWrite[] {
  const state = beginningOf(plan)
  return plan.intent === 'emergency' ? emergencyWrites(state) : stepWrites(state, 0)
}

/** What a run writes when a threshold stays broken. */
export function breachWrites(plan: RolloutPlan): readonly PlannedWrite[] {
  return emergencyWrites(beginningOf(plan)).map((write) => ({ ...write, when: write.when ?? 'on a breach' }))
}

/** What a run that was left writes when it is taken up and all goes well. */
export function remainingWrites(state: RolloutState, policy: ResumePolicy): readonly PlannedWrite[] {
  const { phase, stepIndex, plan } = state
  if (phase.name === 'finished' || phase.name === 'stopped' || phase.name === 'interrupted') return []
  const isBreached = phase.name === 'breached' && plan.onBreach === 'rollback'
  const goesBack = phase.name === 'rolling-back' || phase.name === 'aborted' || isBreached || policy === 'rollback'
  if (goesBack || plan.intent === 'emergency') return emergencyWrites(state)
  if (phase.name === 'breached') return []
  const isWritten =
    phase.name === 'observing' || phase.name === 'passed' || (phase.name === 'doubting' && phase.during === 'observing')
  const writes = stepWrites(state, stepIndex, isWritten)
  return policy === 'hold' ? writes.filter(({ step }) => step === stepIndex) : writes
}

function beginningOf(plan: RolloutPlan): RolloutState {
  return begin(stamp({ type: 'started', plan, operator: '' } as const, 1, { atMs: 0, time: '' }))
}

/**
 * @param from index of the first step
 * @param isWritten whether that one was set already, and is observed
 */
function stepWrites(
  state: RolloutState,
  from: number,
  isWritten = false,
): readonly (PlannedWrite & { readonly step: number })[] {
  const { steps, environmentFile, intent } = state.plan
  return steps.flatMap((_, step) => {
    const atStep: RolloutState = { ...state, stepIndex: step, phase: { name: 'passed' } }
    const configuration = currentTarget(atStep)
    if (step < from || configuration === null) return []
    const write: PlannedWrite = {
      action: { kind: 'configure', configuration },
      when: step === from ? null : whenLeft(state.plan, step - 1),
    }
    const record: PlannedWrite = {
      action: { kind: 'record-environment', configuration: environmentTarget(atStep) },
      when: intent === 'lower' ? 'when the server shows it' : whenPassed(step, steps.length),
    }
    const isSet = step === from && isWritten
    const isRecorded = environmentFile === null || state.recordedStep === step
    return [...(isSet ? [] : [write]), ...(isRecorded ? [] : [record])].map((one) => ({ ...one, step }))
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
  const present = state.said ?? before
  const pins = knownPins(state)
  // Without known lists nothing is configured.
  const configure = (when: string | null): readonly PlannedWrite[] =>
    pins === null ? [] : [{ action: { kind: 'configure', configuration: safeConfiguration(pins) }, when }]
  const isLeftover = present?.percentage !== 0 || !present.legacyFallback
  const goingBack = rollbackAfresh(state, { cause: 'requested', reason: '' })
  const record: PlannedWrite = {
    action: { kind: 'record-environment', configuration: environmentTarget(goingBack) },
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
