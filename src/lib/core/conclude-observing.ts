import { formatPercent } from './analysis.js'
import { finished } from './finished.js'
import type { EventBody } from './event.js'
import { doubtsOf, isProven, lackOf } from './evidence.js'
import { currentStep, requiredMs, type RolloutState } from './rollout.js'
import { isOverLimit, waitsFor } from './waiting.js'

/** Slack against rounding when observed time is compared with a step's duration, ms. */
const EPSILON_MS = 0.5

/** How a step ends whose time is over, or that was promoted; null while it is to be observed on. */
export function concludeObserving(state: RolloutState): EventBody | null {
  const required = requiredMs(state)
  if (required === null) return null
  const isOver = state.observedMs >= required - EPSILON_MS
  if (!isOver && !state.promoted) return null
  if (isProven(state)) return leave(state, state.plan.monitoring)
  // A promotion does not replace evidence, and nothing is settled while a run is paused.
  return isOver ? concludeUnproven(state, required) : null
}

/** Leaves the step, unless something keeps it. */
function leave(state: RolloutState, proven: boolean): EventBody | null {
  const { stepIndex: step, waiting, plan } = state
  const wait = waitsFor(state)
  if (wait === null || plan.intent === 'watch') {
    // What was seen before the server asked for a pause is old: the reading after it decides.
    if (state.throttledMs !== null) return null
    return { type: 'step-passed', step, percentage: currentStep(state).percentage, proven }
  }
  if (waiting?.for !== wait.for || waiting.reason !== wait.reason) return { type: 'waiting', step, ...wait }
  return isOverLimit(state) ? concludeLimit(state, wait.reason) : null
}

/** A gate stayed shut for longer than the plan permits. */
function concludeLimit(state: RolloutState, waited: string): EventBody {
  const { lastAnswer } = state.gate
  const reason = `${waited}, for longer than it may take${lastAnswer === null ? '' : `; the last answer: ${lastAnswer}`}`
  return currentStep(state).gate?.onLimit === 'rollback'
    ? { type: 'rollback-started', cause: 'gate', reason }
    : finished('held', 'gate-shut', reason)
}

function concludeUnproven(state: RolloutState, requiredMs: number): EventBody | null {
  const { plan, stepIndex: step } = state
  const contradicted = state.failuresInRow > 0 || doubtsOf(state).length > 0
  // A failure in progress is followed to its end: until it is a breach, or a check says something else.
  const isFailing = state.lastCheck?.verdict === 'fail' || state.lastCheck?.verdict === 'error'
  if (plan.intent === 'lower' || plan.intent === 'watch') {
    // Going down, or ending a watch, needs no proof.
    return isFailing ? null : leave(state, false)
  }
  if (plan.onInconclusive === 'advance' && !contradicted) return leave(state, false)
  if (state.pausedBy !== null) return null
  const reason = lackOf(state) ?? 'nothing proves it'
  if (!state.extended && (plan.onInconclusive === 'extend' || contradicted)) {
    return { type: 'step-extended', step, byMs: requiredMs, reason }
  }
  if (isFailing) return null
  if (plan.onInconclusive === 'rollback') return { type: 'rollback-started', cause: 'inconclusive', reason }
  const { percentage } = currentStep(state)
  return finished('held', 'inconclusive', `too little to say whether ${formatPercent(percentage)} is safe: ${reason}`)
}
