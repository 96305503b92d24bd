import { analyse, unmeasured, type Check, type Measurement } from './analysis.js'
import { conclude } from './conclude.js'
import type { CallFailure } from './error.js'
import type { EventBody, Instant, Observation, RolloutEvent } from './event.js'
import { deltaOf, gather, grow } from './evolve-observing.js'
import { evolve } from './evolve.js'
import { judgeSequentially } from './judge-sequentially.js'
import { limitsOf } from './limits.js'
import { objection } from './control.js'
import { environmentTarget } from './next-action.js'
import { currentTarget, type Phase, type RolloutState } from './rollout.js'
import { isSequential } from './sequential.js'
import { effectivePercentage, holdsSame, shows, wentDown, type Configuration, type ServerStatus } from './server.js'
import { isFirstThrottle } from './throttling.js'
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
    const event: RolloutEvent = stamp(body, present.seq + 1, observation)
    events.push(event)
    present = evolve(present, event)
    return true
  }
  record(learn(state, observation))
  while (record(conclude(present)));
  return events
}

/** Numbers and dates an event. */
export function stamp<Body extends EventBody>(body: Body, seq: number, { atMs, time }: Instant) {
  return { ...body, seq, atMs, time }
}

function learn(state: RolloutState, observation: Observation): EventBody | null {
  switch (observation.kind) {
    case 'begun':
      return null
    case 'interrupted':
      return { type: 'interrupted', signal: observation.signal, ignored: state.phase.name === 'rolling-back' }
    case 'commanded':
      return { type: 'commanded', command: observation.command, objection: objection(state, observation.command) }
    case 'gate-asked':
      return { type: 'gate-asked', step: state.stepIndex, attempt: observation.attempt }
    case 'gate-answered':
      return learnGateAnswer(state, observation)
    case 'status-read':
      return learnStatus(state, observation.status, observation)
    case 'read-failed':
      return learnReadFailure(state, observation.failure, observation)
    case 'call-answered':
      return learnAnswer(state, observation.failure)
    case 'cache-answered':
      return { type: 'cache-cleared', offered: observation.offered, failure: observation.failure }
    case 'environment-answered':
      return learnRecording(state, observation.failure)
  }
}

function learnRecording(state: RolloutState, failure: string | null): EventBody | null {
  const path = state.plan.environmentFile
  if (path === null) return null
  const { mode, percentage } = environmentTarget(state)
  return { type: 'environment-recorded', path, mode, percentage, failure }
}

/** An answer to a question of a step that is over, or of a process that died, is nobody's. */
function learnGateAnswer(
  { stepIndex, gate }: RolloutState,
  { step, attempt, open, message }: Extract<Observation, { readonly kind: 'gate-answered' }>,
): EventBody | null {
  if (step !== stepIndex || !gate.pending || attempt !== gate.attempts) return null
  return { type: 'gate-answered', step, attempt, open, message }
}

type Timed = Instant & { readonly begunMs: number }

function learnStatus(state: RolloutState, status: ServerStatus, { atMs, begunMs }: Timed): EventBody | null {
  const { phase, stepIndex: step } = state
  const dropped = state.status !== null && wentDown(state.status.counters, status.counters)
  const asExpected = !dropped && (state.expected === null || shows(status.settings, state.expected))
  switch (phase.name) {
    case 'rolling-back':
      return { type: 'rollback-read', status, failure: null }
    case 'measuring':
      return { type: 'measured', status, failure: null, begunMs }
    case 'applying': {
      const target = currentTarget(state)
      const shown =
        target === null ? asExpected : shows(status.settings, target) && !(asExpected && isUntold(state, phase, target))
      // The first reads may still show the old value; one that showed the new value may not go back.
      const fits = shown || (asExpected && phase.confirmations === 0)
      if (dropped || !fits) return { type: 'doubted', step, status }
      if (phase.call === 'look') return { type: 'write-cleared', step, status }
      return { type: 'read-back', step, status, failure: null, shown }
    }
    case 'doubting':
      return { type: 'doubted', step, status }
    case 'applied':
    case 'observing':
      if (!asExpected) return { type: 'doubted', step, status }
      return { type: 'checked', step, status, failure: null, check: judge(state, status, atMs), begunMs }
    default:
      return null
  }
}

/**
 * Of its lists a server tells only the length. Where nothing else was to change, a reading says nothing of
 * whether a write that failed took effect.
 */
function isUntold(
  { expected }: RolloutState,
  { writeFailure }: Extract<Phase, { name: 'applying' }>,
  target: Configuration,
): boolean {
  return writeFailure !== null && (expected === null || !holdsSame(expected, target))
}

function learnReadFailure(state: RolloutState, failure: CallFailure, { begunMs }: Timed): EventBody | null {
  const { phase, stepIndex: step } = state
  // A rollback does not ask how busy the server is: it has pauses of its own.
  if (phase.name !== 'rolling-back' && isFirstThrottle(state, failure)) return { type: 'throttled', failure }
  switch (phase.name) {
    case 'rolling-back':
      return { type: 'rollback-read', status: null, failure }
    case 'measuring':
      return { type: 'measured', status: null, failure, begunMs }
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

function judge(state: RolloutState, status: ServerStatus, atMs: number): Check {
  const { plan } = state
  const limits = limitsOf(state)
  const delta = deltaOf(state, status, atMs)
  const window = grow(state, delta, atMs)
  const windowStartMs = atMs - limits.windowMs
  const { mode } = status.settings
  const stepTotal = delta ? add(state.stepTotal, delta) : state.stepTotal
  const measurement: Measurement = {
    recent: lookBack(window, {
      step: state.stepIndex,
      sinceMs: state.statusMs ?? atMs,
      windowStartMs,
      minAttempts: limits.minAttempts,
    }),
    windowErrors: errorsWithin(window, windowStartMs),
    stepTotal,
    percentage: mode === 'gradual' || mode === 'full' ? effectivePercentage(status.settings) : null,
  }
  const evidence = gather(state, delta)
  const check =
    evidence !== null && isSequential(plan)
      ? judgeSequentially(measurement, { evidence, stepTotal, limits, plan })
      : analyse(measurement, limits)
  return plan.monitoring ? check : { ...check, verdict: 'inconclusive', reason: 'not judged (--no-monitoring)' }
}
