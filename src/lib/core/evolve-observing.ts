import type { EventOf } from './event.js'
import { CONFIRM_PAUSE_MS } from './evolve-applying.js'
import { checkFleet, failuresOf, observeFleetAfresh } from './evolve-fleet.js'
import { limitsOf } from './limits.js'
import { pauseAfter } from './pause.js'
import { requiredMs, type RolloutPlan, type RolloutState } from './rollout.js'
import { snapshotOf, type ServerStatus } from './server.js'
import { warn, withLastStep } from './step-records.js'
import type { Thresholds } from './thresholds.js'
import { addEvidence, isSequential, standingsOf, type SequentialEvidence } from './sequential.js'
import { add, difference, EMPTY_TALLY, NO_COUNTERS, trim, type Delta } from './window.js'

/** A span between two samples counts as observed up to this many poll intervals, not beyond. */
export const OBSERVED_POLLS_PER_SPAN = 2

/** Goes on with the next reading, now. */
export function observing(state: RolloutState): RolloutState {
  return { ...state, phase: { name: 'observing', dueMs: state.atMs } }
}

/** Takes up the observation of a step; its last poll, if it came to that, is watched again. */
export function observeOn(state: RolloutState): RolloutState {
  const untilLastPollMs = (requiredMs(state) ?? Infinity) - limitsOf(state).pollIntervalMs
  return observing({ ...state, observedMs: Math.max(0, Math.min(state.observedMs, untilLastPollMs)) })
}

/** A new baseline: what was seen of the step before says nothing about what follows. */
export function observeAfresh(state: RolloutState, status: ServerStatus): RolloutState {
  return {
    ...state,
    status,
    statusMs: state.atMs,
    stepTotal: EMPTY_TALLY,
    observedMs: 0,
    lastConclusive: null,
    steps: withLastStep(state.steps, () => ({ tally: EMPTY_TALLY })),
    window: state.window.map((delta) => ({ ...delta, step: -1 })),
    ...(state.fleet && { fleet: observeFleetAfresh(state.fleet) }),
  }
}

/** The delta that a reading adds to the window; null without an earlier one to compare with. */
export function deltaOf(state: RolloutState, status: ServerStatus, atMs: number): Delta | null {
  if (state.status === null || state.statusMs === null) return null
  return {
    ...difference(state.status.counters, status.counters),
    step: state.stepIndex,
    fromMs: state.statusMs,
    toMs: atMs,
  }
}

/**
 * How much of the time between two readings they vouch for, ms. Since the server asked for a pause, nobody watched.
 *
 * @param throttledMs when it did so in between; null: it did not
 */
export function observedSpan(
  { fromMs, toMs }: Pick<Delta, 'fromMs' | 'toMs'>,
  { pollIntervalMs }: Pick<Thresholds, 'pollIntervalMs'>,
  throttledMs: number | null,
): number {
  return Math.min((throttledMs ?? toMs) - fromMs, OBSERVED_POLLS_PER_SPAN * pollIntervalMs)
}

/**
 * The window with what a reading adds to it. A span that is longer than the window is no evidence: nobody
 * knows when in it something happened. That of two polls is always short enough.
 */
export function grow(state: RolloutState, delta: Delta | null, atMs: number): readonly Delta[] {
  const { window } = state
  const limits = limitsOf(state)
  return trim(isEvidence(delta, limits) ? [...window, delta] : window, atMs - limits.windowMs)
}

/** Whether a difference says when what it holds happened. */
export function isEvidence(delta: Delta | null, { windowMs, pollIntervalMs }: Thresholds): delta is Delta {
  return delta !== null && delta.toMs - delta.fromMs <= Math.max(windowMs, OBSERVED_POLLS_PER_SPAN * pollIntervalMs)
}

/** What was seen of the rates, with what a reading adds to it; null where checks are counted. */
export function gather(state: RolloutState, delta: Delta | null): SequentialEvidence | null {
  const { plan, sequential } = state
  const limits = limitsOf(state)
  if (sequential === null || !isSequential(plan) || !isEvidence(delta, limits)) return sequential
  return addEvidence(sequential, add(EMPTY_TALLY, delta), {
    spanMs: observedSpan(delta, limits, state.throttledMs),
    limits,
    plan,
  })
}

/** Whether some rate is in doubt: then it is looked at more often. */
function isInDoubt(sequential: SequentialEvidence | null, plan: RolloutPlan): boolean {
  return sequential !== null && isSequential(plan) && standingsOf(sequential, plan).some(({ doubt }) => doubt)
}

/** Folds a check: its evidence, its verdict, and when to look again. */
export function check(state: RolloutState, event: EventOf<'checked'>): RolloutState {
  const { check: judged, failure } = event
  const { monitoring } = state.plan
  const limits = limitsOf(state)
  const failed = judged.verdict === 'fail' || judged.verdict === 'error'
  const inARow = failed ? state.failuresInRow + 1 : judged.verdict === 'pass' || !monitoring ? 0 : state.failuresInRow
  const fleet = state.fleet && checkFleet(state, state.fleet, event)
  const failuresInRow = fleet ? failuresOf(fleet) : inARow
  const conclusive = judged.verdict === 'pass' || judged.verdict === 'fail' ? judged.verdict : state.lastConclusive
  const delta = event.status ? deltaOf(state, event.status, event.atMs) : null
  const sequential = gather(state, delta)
  const isCloser = failuresInRow > 0 || (monitoring && isInDoubt(sequential, state.plan))
  const interval = isCloser ? limits.confirmIntervalMs : limits.pollIntervalMs
  const span = delta ? observedSpan(delta, limits, state.throttledMs) : 0
  const stepTotal = delta ? add(state.stepTotal, delta) : state.stepTotal
  const afterRefusalMs = event.atMs + pauseAfter(failure, 0)
  return {
    ...state,
    ...(fleet && { fleet }),
    status: event.status ?? state.status,
    statusMs: event.status ? event.atMs : state.statusMs,
    window: grow(state, delta, event.atMs),
    stepTotal,
    observedMs: state.observedMs + span,
    failuresInRow,
    lastCheck: judged,
    lastConclusive: conclusive,
    sequential,
    steps: withLastStep(state.steps, ({ checks }) => ({ tally: stepTotal, checks: checks + 1 })),
    phase:
      state.phase.name === 'doubting'
        ? { ...state.phase, dueMs: Math.max(event.atMs + limits.confirmIntervalMs, afterRefusalMs) }
        : { name: 'observing', dueMs: Math.max(event.begunMs + interval, afterRefusalMs) },
  }
}

/** Keeps a reading that did not fit, until there are enough of them to say why. */
export function doubt(state: RolloutState, event: EventOf<'doubted'>): RolloutState {
  const { phase } = state
  const [during, earlier] =
    phase.name === 'doubting'
      ? [phase.during, phase.readings]
      : [phase.name === 'applying' ? ('applying' as const) : ('observing' as const), []]
  const dueMs = event.atMs + CONFIRM_PAUSE_MS
  return { ...state, phase: { name: 'doubting', during, readings: [...earlier, event.status], dueMs } }
}

/** The new process counts from 0; the step is observed again from its beginning. */
export function restart(state: RolloutState, event: EventOf<'restart-detected'>): RolloutState {
  const counted: Delta = {
    ...difference(NO_COUNTERS, event.status.counters),
    step: state.stepIndex,
    fromMs: state.atMs,
    toMs: state.atMs,
  }
  const fresh = observeAfresh(state, event.status)
  const wasObserving = state.phase.name === 'doubting' && state.phase.during === 'observing'
  return {
    ...warn(fresh, 'the server restarted; the step was observed again from its beginning'),
    promoted: false,
    expected: event.settingsKept ? state.expected : snapshotOf(event.status.settings, null),
    restarts: state.restarts + 1,
    window: [...fresh.window, counted],
    sequential: gather(fresh, counted),
    stepTotal: add(EMPTY_TALLY, counted),
    phase: event.settingsKept && wasObserving ? { name: 'observing', dueMs: state.atMs } : { name: 'ready' },
  }
}
