import type { EventOf } from './event.js'
import { expectFleetStep } from './evolve-fleet.js'
import { SHUT_GATE } from './gate.js'
import { limitsOf } from './limits.js'
import { pauseAfter } from './pause.js'
import { stepAt, type Phase, type RolloutState, type StepRecord } from './rollout.js'
import { expectStep } from './sequential.js'
import { isFirstThrottle, throttle } from './throttling.js'
import type { ServerStatus } from './server.js'
import { EMPTY_TALLY } from './window.js'

type Applying = Extract<Phase, { readonly name: 'applying' }>

/** Readings in a row before a written value is believed. */
export const CONFIRMATIONS = 3
/** Pause before the next of several confirming reads, ms: long enough for another process's turn. */
export const CONFIRM_PAUSE_MS = 50
/** Pause before reading again while the value does not show yet, ms. */
const READ_BACK_PAUSE_MS = 500

/** Folds the events by which a step is written and read back. */
export function evolveApplying(
  state: RolloutState,
  event: EventOf<'write-cleared' | 'write-answered' | 'read-back' | 'apply-failed'>,
): RolloutState {
  switch (event.type) {
    case 'write-cleared':
      return withApplying(seenWhileApplying(state, event.status, event.atMs), {
        call: 'configure',
        dueMs: event.atMs,
        lastFailure: null,
        ...lackingIn(event),
      })
    case 'write-answered':
      return written(state, event)
    case 'read-back':
      return readBack(state, event)
    case 'apply-failed': {
      const askedMs = state.phase.name === 'applying' ? state.phase.dueMs : state.atMs
      const dueMs = Math.max(askedMs, state.atMs + limitsOf(state).confirmIntervalMs)
      return withApplying(
        { ...state, failuresInRow: state.failuresInRow + 1 },
        { call: firstCall(state), startedMs: dueMs, dueMs, confirmations: 0, writeFailure: null },
      )
    }
  }
}

/** A busy server took no note of the write: once it has had its pause, it is looked at and written to again. */
function written(state: RolloutState, { failure, atMs }: EventOf<'write-answered'>): RolloutState {
  if (failure !== null && isFirstThrottle(state, failure)) {
    const { phase, ...rest } = throttle(state, { failure, atMs })
    if (phase.name !== 'applying') return state
    return { ...rest, phase: { ...phase, call: firstCall(state), startedMs: phase.dueMs } }
  }
  return withApplying(state, {
    call: 'read-back',
    startedMs: atMs,
    dueMs: atMs + pauseAfter(failure, 0),
    lastFailure: failure?.message ?? null,
    writeFailure: failure,
    unchanged: 0,
  })
}

export function startStep(state: RolloutState, event: EventOf<'step-started'>): RolloutState {
  const record: StepRecord = {
    index: event.step,
    percentage: event.percentage,
    outcome: 'running',
    startedAt: event.time,
    endedAt: null,
    tally: EMPTY_TALLY,
    checks: 0,
  }
  return applyAfresh({
    ...state,
    stepIndex: event.step,
    steps: event.again ? state.steps : [...state.steps, record],
    extended: event.again ? state.extended : false,
    restarts: event.again ? state.restarts : 0,
    ...(state.fleet &&
      !event.again && { fleet: expectFleetStep(state.fleet, state.plan, stepAt(state.plan, event.step)) }),
    gate: event.again ? state.gate : SHUT_GATE,
    promoted: false,
    waiting: null,
    lastCheck: null,
    sequential:
      event.again || state.sequential === null
        ? state.sequential
        : expectStep(state.sequential, state.plan, stepAt(state.plan, event.step)),
  })
}

/**
 * Begins with the writing of the step under way.
 *
 * @param rejoining of a fleet, which are brought to a step that the others are observed in
 */
export function applyAfresh(state: RolloutState, rejoining?: readonly string[]): RolloutState {
  const phase: Applying = {
    name: 'applying',
    call: firstCall(state),
    startedMs: state.atMs,
    dueMs: state.atMs,
    confirmations: 0,
    lastFailure: null,
    writeFailure: null,
    unchanged: 0,
    ...(rejoining && { rejoining }),
  }
  return { ...state, phase }
}

function withApplying(state: RolloutState, change: Partial<Omit<Applying, 'name'>>): RolloutState {
  return state.phase.name === 'applying' ? { ...state, phase: { ...state.phase, ...change } } : state
}

/** A step that writes nothing is only read; every other one looks before it writes. */
function firstCall({ plan, stepIndex }: RolloutState): Applying['call'] {
  return plan.steps[stepIndex]?.target === null ? 'read-back' : 'look'
}

function readBack(state: RolloutState, event: EventOf<'read-back'>): RolloutState {
  if (state.phase.name !== 'applying') return state
  const { phase } = state
  const pauseMs = event.shown ? CONFIRM_PAUSE_MS : READ_BACK_PAUSE_MS
  return withApplying(seenWhileApplying(state, event.status, event.atMs), {
    confirmations: event.shown ? phase.confirmations + 1 : 0,
    unchanged: event.status && !event.shown ? phase.unchanged + 1 : 0,
    dueMs: event.atMs + pauseAfter(event.failure, pauseMs),
    lastFailure: event.failure?.message ?? phase.lastFailure,
    ...lackingIn(event),
  })
}

function lackingIn({ lacking }: { readonly lacking?: readonly string[] }): Pick<Applying, 'lacking'> {
  return lacking === undefined ? {} : { lacking }
}

/** While some of a fleet are brought to the step, what the others do is seen by the next check. */
function seenWhileApplying(state: RolloutState, status: ServerStatus | null, atMs: number): RolloutState {
  const isRejoining = state.phase.name === 'applying' && state.phase.rejoining !== undefined
  return status === null || isRejoining ? state : { ...state, status, statusMs: atMs }
}
