import type { Action } from './event.js'
import { knownPins } from './evolve-rollback.js'
import { isFleet, pinnedAlike } from './fleet.js'
import { gateToAsk } from './gate.js'
import { limitsOf } from './limits.js'
import { needsReset, resetServers } from './percentage-reset.js'
import { currentTarget, requiredMs, type RollbackState, type RolloutState } from './rollout.js'
import type { Configuration, Pins, Snapshot } from './server.js'

/**
 * What the engine is to do next, from the state alone.
 *
 * @param nowMs monotonic ms, from which the delay is reckoned
 * @throws RangeError when the run has nothing left to do
 */
export function nextAction(state: RolloutState, nowMs: number): Action {
  const { phase, stepIndex: step } = state
  const until = (dueMs: number): number => Math.max(0, dueMs - nowMs)
  switch (phase.name) {
    case 'applying': {
      const target = currentTarget(state)
      return phase.call === 'configure' && target !== null
        ? { kind: 'configure', delayMs: until(phase.dueMs), configuration: target, ...only(phase.lacking) }
        : { kind: 'read-status', delayMs: until(phase.dueMs) }
    }
    case 'applied':
    case 'passed':
      if (needsRecord(state)) return { kind: 'record-environment', delayMs: 0, configuration: environmentTarget(state) }
      return { kind: 'read-status', delayMs: until(dueWithin(state, state.atMs + limitsOf(state).pollIntervalMs)) }
    case 'observing': {
      const question = gateToAsk(state)
      if (question !== null && question.dueMs <= phase.dueMs) {
        const { gate, attempt, dueMs } = question
        return { kind: 'ask-gate', delayMs: until(dueMs), gate, step, attempt }
      }
      return { kind: 'read-status', delayMs: until(dueWithin(state, phase.dueMs)) }
    }
    case 'measuring':
    case 'doubting':
      return { kind: 'read-status', delayMs: until(phase.dueMs) }
    case 'reverting': {
      const { call, dueMs, configuration, lacking } = phase.revert
      return call === 'configure'
        ? { kind: 'configure', delayMs: until(dueMs), configuration, ...only(lacking) }
        : { kind: 'read-status', delayMs: until(dueMs) }
    }
    case 'rolling-back':
      return rollbackAction(state, phase.rollback, until(phase.rollback.dueMs))
    case 'ready':
    case 'breached':
    case 'interrupted':
    case 'aborted':
    case 'stopped':
    case 'finished':
      throw new RangeError(`a run that is ${phase.name} has no next action`)
  }
}

/** Which of a fleet a write is for. */
function only(servers: readonly string[] | undefined): { readonly servers?: readonly string[] } {
  return servers === undefined ? {} : { servers }
}

/** The next poll, or the end of the step when that comes first, nothing is failing, and the server asked for no pause. */
function dueWithin(state: RolloutState, dueMs: number): number {
  const required = requiredMs(state)
  if (state.throttledMs !== null) return dueMs
  if (required === null || state.failuresInRow > 0 || required <= state.observedMs) return dueMs
  return Math.min(dueMs, state.atMs + required - state.observedMs)
}

function rollbackAction(state: RolloutState, rollback: RollbackState, delayMs: number): Action {
  const task = pendingTask(state, rollback)
  switch (task) {
    case 'emergency-rollback':
      return { kind: task, delayMs, ...only(rollback.calling) }
    case 'clear-cache':
      return { kind: task, delayMs }
    case 'look':
    case 'read-back':
      return { kind: 'read-status', delayMs }
    case 'configure':
    case 'reset-percentage': {
      const pins = knownPins(state)
      if (pins === null) throw new RangeError('a configuration without known lists was about to be written')
      const servers = meantServers(state, rollback, task, pins)
      return { kind: 'configure', delayMs, configuration: safeConfiguration(pins), ...only(servers) }
    }
    case 'record-environment':
      return { kind: 'record-environment', delayMs, configuration: environmentTarget(state) }
    case 'done':
      throw new RangeError('a rollback that is done has no next action')
  }
}

/** Which servers of a fleet a write of a rollback is for; undefined: it is for whichever there are. */
function meantServers(
  { status }: RolloutState,
  rollback: RollbackState,
  task: 'configure' | 'reset-percentage',
  pins: Pins,
): readonly string[] | undefined {
  if (!isFleet(status)) return task === 'configure' ? rollback.calling : undefined
  return task === 'configure' ? pinnedAlike(status, pins, rollback.calling) : resetServers(status, rollback, pins)
}

/** Tasks that have nothing to do in this state are passed over. */
export function pendingTask(state: RolloutState, rollback: RollbackState): RollbackState['task'] {
  if (rollback.task === 'reset-percentage' && !needsReset(state, rollback)) {
    return pendingTask(state, { ...rollback, task: 'record-environment' })
  }
  return rollback.task === 'record-environment' && state.plan.environmentFile === null ? 'done' : rollback.task
}

/** Everybody on legacy, with the pins kept for the next rollout. */
export function safeConfiguration(pins: Pins): Configuration {
  return { mode: 'disabled', percentage: 0, legacyFallback: true, ...pins }
}

/**
 * Whether the environment file still has to follow the present step. It is lowered as soon as the
 * server shows the lower value, and raised only when a step has passed: a server that restarts in
 * the middle of a step falls back to what has been proven.
 */
export function needsRecord(state: RolloutState): boolean {
  const { plan, phase } = state
  if (plan.environmentFile === null || state.recordedStep === state.stepIndex) return false
  if (currentTarget(state) === null) return false
  return phase.name === (plan.intent === 'lower' ? 'applied' : 'passed')
}

/**
 * What the environment file is to say in this state. A list that is empty on the server empties the one in
 * the file only when this run emptied it: users whom the server has lost are then still pinned somewhere.
 */
export function environmentTarget(state: RolloutState): Snapshot {
  const target = state.phase.name === 'rolling-back' ? null : currentTarget(state)
  const { rolloutUsers, forceLegacyUsers } = target ?? knownPins(state) ?? NOT_KNOWN
  return {
    ...(target ?? { mode: 'disabled', percentage: 0, legacyFallback: true }),
    rolloutUsers: unlessUntouched(state, rolloutUsers, 'rolloutUsers'),
    forceLegacyUsers: unlessUntouched(state, forceLegacyUsers, 'forceLegacyUsers'),
  }
}

const NOT_KNOWN = { rolloutUsers: null, forceLegacyUsers: null }

function unlessUntouched({ plan }: RolloutState, users: readonly string[] | null, list: keyof Pins): typeof users {
  if (users === null || users.length > 0) return users
  const before = plan.before?.[list] ?? null
  const wasEmptied = before === null ? plan.intent === 'set' : before.length > 0
  return wasEmptied ? users : null
}
