import { frozenBy } from './freeze.js'
import { describeGate } from './gate.js'
import { currentStep, type RolloutState } from './rollout.js'

export const WAITING_REASONS = ['pause', 'approval', 'gate', 'freeze'] as const

/** What a step that has passed is kept for. It is observed all the while. */
export interface Waiting {
  readonly for: (typeof WAITING_REASONS)[number]
  readonly reason: string
  /** Monotonic ms. */
  readonly sinceMs: number
}

/** What keeps a step that has passed, foremost first; null when the run may go on. */
export function waitsFor(state: RolloutState): Pick<Waiting, 'for' | 'reason'> | null {
  const { plan, pausedBy, stepIndex } = state
  if (pausedBy !== null) return { for: 'pause', reason: `paused by ${pausedBy}` }
  const { gate } = currentStep(state)
  if (gate !== undefined && !state.gate.open) {
    return { for: gate.kind === 'approval' ? 'approval' : 'gate', reason: `waiting for ${describeGate(gate)}` }
  }
  const frozen =
    plan.intent === 'raise' && stepIndex < plan.steps.length - 1 ? frozenBy(plan.freeze, Date.parse(state.time)) : null
  return frozen && { for: 'freeze', reason: `nothing is raised within ${frozen.text}` }
}

/** Whether a gate has stayed shut for longer than it may. */
export function isOverLimit(state: RolloutState): boolean {
  const limitMs = currentStep(state).gate?.limitMs ?? null
  if (limitMs === null || (state.waiting?.for !== 'approval' && state.waiting?.for !== 'gate')) return false
  return state.atMs - state.waiting.sinceMs >= limitMs
}
