import type { Check } from './analysis.js'
import { conclude } from './conclude.js'
import type { CallFailure } from './error.js'
import type { EventBody, Instant, Observation, RolloutEvent } from './event.js'
import { evolve } from './evolve.js'
import { isFleet } from './fleet.js'
import { judge, unjudged } from './judge.js'
import { learnFleet } from './learn-fleet.js'
import { learnReadFailure } from './learn-read-failure.js'
import { objection } from './control.js'
import { environmentTarget } from './next-action.js'
import { currentTarget, isGoingBack, type RolloutState } from './rollout.js'
import { shows, wentDown, type ServerStatus } from './server.js'
import { isUntold } from './untold.js'

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
      return { type: 'interrupted', signal: observation.signal, ignored: isGoingBack(state) }
    case 'commanded':
      return { type: 'commanded', command: observation.command, objection: objection(state, observation.command) }
    case 'gate-asked':
      return { type: 'gate-asked', step: state.stepIndex, attempt: observation.attempt }
    case 'gate-answered':
      return learnGateAnswer(state, observation)
    case 'status-read':
      return isFleet(observation.status)
        ? learnFleet(state, observation.status, observation)
        : learnStatus(state, observation.status, observation)
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
        target === null
          ? asExpected
          : shows(status.settings, target) && !(asExpected && isUntold(state.expected, phase, target))
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
      return { type: 'checked', step, status, failure: null, check: judged(state, status, atMs), begunMs }
    default:
      return null
  }
}

function learnAnswer(state: RolloutState, failure: CallFailure | null): EventBody | null {
  const { phase } = state
  if (phase.name === 'applying') return { type: 'write-answered', step: state.stepIndex, failure }
  if (phase.name === 'reverting') return { type: 'revert-called', failure }
  if (phase.name !== 'rolling-back') return null
  const { task, attempt } = phase.rollback
  if (task === 'reset-percentage') return { type: 'percentage-reset', failure: failure?.message ?? null }
  return { type: 'rollback-called', call: task === 'configure' ? 'configure' : 'emergency-rollback', attempt, failure }
}

function judged(state: RolloutState, status: ServerStatus, atMs: number): Check {
  const check = judge(state, status, atMs)
  return state.plan.monitoring ? check : unjudged(check)
}
