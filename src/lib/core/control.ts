import { lackOf } from './evidence.js'
import { currentStep, type RolloutState } from './rollout.js'

/** What an operator can tell a run that is under way. */
export const ORDERS = ['pause', 'resume', 'promote', 'hold', 'abort'] as const
export type Order = (typeof ORDERS)[number]

/** An order as it arrives, from wherever it was given. */
export interface Command {
  /** Tells it from any other, so that who gave it finds what became of it. */
  readonly id: string
  readonly order: Order
  /** Index of the step that a promotion means. */
  readonly step: number | null
  /** Who gave it, such as `ana@build-7`. */
  readonly by: string
  readonly reason: string | null
}

/** Why an order is not followed in this state; null: it is. */
export function objection(state: RolloutState, command: Command): string | null {
  const { phase, plan } = state
  if (phase.name === 'reverting') return 'the fleet is put back to the step before, which is finished first'
  if (phase.name === 'rolling-back') return 'a rollback is under way, and is finished first'
  if (plan.intent !== 'raise' && plan.intent !== 'lower' && command.order !== 'hold') {
    return `${plan.command} has no steps to ${command.order}`
  }
  switch (command.order) {
    case 'pause':
      return state.pausedBy === null ? null : `it is paused already, by ${state.pausedBy}`
    case 'resume':
      return state.pausedBy === null ? 'it is not paused' : null
    case 'promote':
      return objectionToPromotion(state, command)
    case 'hold':
    case 'abort':
      return null
  }
}

/** A promotion shortens a step; the evidence that raising takes it does not replace. */
function objectionToPromotion(state: RolloutState, { step }: Command): string | null {
  const { phase, pausedBy, stepIndex, plan } = state
  if (phase.name === 'measuring') return 'the first step has not begun'
  const present = `the run is at step ${stepIndex + 1} of ${plan.steps.length} (${currentStep(state).percentage} %)`
  if (step !== null && step !== stepIndex) {
    return step < stepIndex ? `step ${step + 1} is over: ${present}` : `step ${step + 1} has not begun: ${present}`
  }
  if (pausedBy !== null) return `it is paused by ${pausedBy}: resume it first`
  if (phase.name !== 'observing') return `${present}, which is not observed yet`
  const lack = lackOf(state)
  return lack && `${present}, and nothing proves it yet: ${lack}`
}

/** An order for people, such as `held by ana@build-7: lunch`. */
export function describeOrder({ order, by, reason }: Command): string {
  return `${PAST[order]} by ${by}${reason === null ? '' : `: ${reason}`}`
}

const PAST: Readonly<Record<Order, string>> = {
  pause: 'paused',
  resume: 'resumed',
  promote: 'promoted',
  hold: 'held',
  abort: 'aborted',
}
