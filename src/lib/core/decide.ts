import { analyse, unmeasured, type Check } from './analysis.js'
import { conclude } from './conclude.js'
import type { CallFailure } from './error.js'
import type { EventBody, Instant, Observation, RolloutEvent } from './event.js'
import { deltaOf, evolve } from './evolve.js'
import { environmentTarget } from './next-action.js'
import { currentTarget, type RolloutState } from './rollout.js'
import { effectivePercentage, shows, wentDown, type ServerStatus } from './server.js'
import { add, errorsWithin, lookBack } from './window.js'

/**
 * What follows from an observation: first what was learnt, then everything that can be concluded
 * from it without looking at the server again. Conclusions are drawn from the state alone, so a
 * journal that was cut off between two of them leads to the same ones.
 */
export function decide(state: RolloutState, observation: Observation): readonly RolloutEvent[] {
  const events: RolloutEvent[] = []
  let present = state
  const record = (body: EventBody | null): boolean => {
    if (body === null) return false
    const event = stamp(body, present.seq + 1, observation)
    events.push(event)
    present = evolve(present, event)
    return true
  }
  record(learn(state, observation))
  while (record(conclude(present)));
  return events
}

/** Numbers and dates an event. */
export function stamp(body: EventBody, seq: number, { atMs, time }: Instant): RolloutEvent {
  return { ...body, seq, atMs, time }
}

function learn(state: RolloutState, observation: Observation): EventBody | null {
  switch (observation.kind) {
    case 'begun':
      return null
    case 'interrupted':
      return { type: 'interrupted', signal: observation.signal, ignored: state.phase.name === 'rolling-back' }
    case 'status-read':
      return learnStatus(state, observation.status, observation)
    case 'read-failed':
      return learnReadFailure(state, observation.failure, observation)
    case 'call-answered':
      return learnAnswer(state, observation.failure)
    case 'cache-answered':
      return { type: 'cache-cleared', offered: observation.offered, failure: observation.failure }
    case 'environment-answered':
      return {
        type: 'environment-recorded',
        path: state.plan.environmentFile ?? '',
        mode: environmentTarget(state).mode,
        percentage: environmentTarget(state).percentage,
        failure: observation.failure,
      }
  }
}

type Timed = Instant & { readonly begunMs: number }

function learnStatus(state: RolloutState, status: ServerStatus, { atMs, begunMs }: Timed): EventBody | null {
  const { phase, stepIndex: step } = state
  if (phase.name === 'rolling-back') return { type: 'rollback-read', status, failure: null }
  const expected = showsExpected(state, status)
  const dropped = state.status !== null && wentDown(state.status.counters, status.counters)
  switch (phase.name) {
    case 'applying':
      // The first reads may still show the old value; one that showed the new value may not go back.
      if (phase.confirmations > 0 && (!expected || dropped)) return { type: 'doubted', step, status }
      return { type: 'read-back', step, status, failure: null, shown: expected }
    case 'doubting':
      return { type: 'doubted', step, status }
    case 'applied':
    case 'observing':
      if (!expected || dropped) return { type: 'doubted', step, status }
      return { type: 'checked', step, status, failure: null, check: judge(state, status, atMs), begunMs }
    default:
      return null
  }
}

function learnReadFailure(state: RolloutState, failure: CallFailure, { begunMs }: Timed): EventBody | null {
  const { phase, stepIndex: step } = state
  switch (phase.name) {
    case 'rolling-back':
      return { type: 'rollback-read', status: null, failure }
    case 'applying':
      return { type: 'read-back', step, status: null, failure, shown: false }
    case 'applied':
    case 'observing':
    case 'doubting':
      return { type: 'checked', step, status: null, failure, check: unmeasured(failure.message), begunMs }
    default:
      return null
  }
}

function learnAnswer(state: RolloutState, failure: CallFailure | null): EventBody | null {
  const { phase } = state
  if (phase.name === 'applying') return { type: 'write-answered', step: state.stepIndex, failure }
  if (phase.name !== 'rolling-back') return null
  const { task, attempt } = phase.rollback
  if (task === 'reset-percentage') return { type: 'percentage-reset', failure: failure?.message ?? null }
  return { type: 'rollback-called', call: task === 'configure' ? 'configure' : 'emergency-rollback', attempt, failure }
}

/** A step that writes nothing expects what it saw last. */
function showsExpected(state: RolloutState, status: ServerStatus): boolean {
  const target = currentTarget(state)
  if (target !== null) return shows(status.settings, target)
  if (state.status === null) return true
  const { settings } = state.status
  return (
    settings.mode === status.settings.mode &&
    settings.percentage === status.settings.percentage &&
    settings.legacyFallback === status.settings.legacyFallback
  )
}

function judge(state: RolloutState, status: ServerStatus, atMs: number): Check {
  const { thresholds, monitoring } = state.plan
  const delta = deltaOf(state, status, atMs)
  const window = delta ? [...state.window, delta] : state.window
  const windowStartMs = atMs - thresholds.windowMs
  const { mode } = status.settings
  const check = analyse(
    {
      recent: lookBack(window, {
        step: state.stepIndex,
        sinceMs: state.statusMs ?? atMs,
        windowStartMs,
        minAttempts: thresholds.minAttempts,
      }),
      windowErrors: errorsWithin(window, windowStartMs),
      stepTotal: delta ? add(state.stepTotal, delta) : state.stepTotal,
      percentage: mode === 'gradual' || mode === 'full' ? effectivePercentage(status.settings) : null,
    },
    thresholds,
  )
  return monitoring ? check : { ...check, verdict: 'inconclusive', reason: 'not judged (--no-monitoring)' }
}
