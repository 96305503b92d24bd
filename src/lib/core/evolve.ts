import { evolveApplying, startStep, applyAfresh } from './evolve-applying.js'
import { check, doubt, observeAfresh, observeOn, observing, restart } from './evolve-observing.js'
import { comparable, describeForeignChange } from './differences.js'
import { heardAt, hear } from './contact.js'
import { discountSleep, evolveRollback, rollbackAfresh } from './evolve-rollback.js'
import { measure } from './evolve-measuring.js'
import type { EventOf, RolloutEvent } from './event.js'
import { beginFleet, changeFleet, forgetWindows, rejoined, settleStep } from './evolve-fleet.js'
import { evolveRevert, revertAfresh } from './evolve-going-back.js'
import { memberOf, settingsOfMember } from './fleet.js'
import { expectedOf } from './fleet-state.js'
import { describeOrder } from './control.js'
import { SHUT_GATE } from './gate.js'
import { usualRates } from './limits.js'
import {
  currentTarget,
  type Phase,
  type RolloutPlan,
  type ResumePolicy,
  type RolloutState,
  type StepRecord,
} from './rollout.js'
import type { Outcome } from './outcome.js'
import { EMPTY_EVIDENCE, isSequential } from './sequential.js'
import { snapshotOf } from './server.js'
import { closeStep, reopenStep, warn } from './step-records.js'
import { endsThrottling, throttle } from './throttling.js'
import { EMPTY_TALLY } from './window.js'

/** The state of a run that has only just been journaled. */
export function begin(event: EventOf<'started'>): RolloutState {
  const baseline = event.plan.baseline !== null && 'tally' in event.plan.baseline ? event.plan.baseline : null
  const fleet = beginFleet(event.plan)
  return {
    plan: event.plan,
    ...(fleet && { fleet }),
    seq: event.seq,
    atMs: event.atMs,
    time: event.time,
    startedAt: event.time,
    endedAt: null,
    phase: isToMeasure(event.plan) ? { name: 'measuring', dueMs: event.atMs } : { name: 'ready' },
    stepIndex: 0,
    steps: [],
    baseline,
    usual: baseline && usualRates(event.plan, baseline),
    pausedBy: null,
    promoted: false,
    gate: SHUT_GATE,
    waiting: null,
    expected: event.plan.before,
    said: null,
    foreignChange: null,
    contact: heardAt(event.plan.before && event.time),
    status: null,
    statusMs: null,
    throttledMs: null,
    window: [],
    stepTotal: EMPTY_TALLY,
    observedMs: 0,
    extended: false,
    failuresInRow: 0,
    lastCheck: null,
    lastConclusive: null,
    sequential: isSequential(event.plan) ? EMPTY_EVIDENCE : null,
    restarts: 0,
    recordedStep: null,
    journalFailed: false,
    resumePolicy: 'continue',
    warnings: [],
  }
}

function isToMeasure({ baseline }: RolloutPlan): boolean {
  return baseline !== null && 'durationMs' in baseline
}

/** Folds one event into the state. Total: every event has an effect in every state, or none. */
export function evolve(previous: RolloutState, event: RolloutEvent): RolloutState {
  const state = fold(previous, event)
  return state.throttledMs !== null && endsThrottling(event) ? { ...state, throttledMs: null } : state
}

function fold(previous: RolloutState, event: RolloutEvent): RolloutState {
  const read = 'status' in event ? event.status : null
  const said = read?.settings ?? previous.said
  const phase = discountSleep(previous.phase, event.atMs - previous.atMs)
  const contact = hear(previous.contact, event)
  const state: RolloutState = { ...previous, seq: event.seq, atMs: event.atMs, time: event.time, said, contact, phase }
  switch (event.type) {
    case 'started':
      return begin(event)
    case 'resumed':
      return resume(reawakened(state, event.policy))
    case 'measured':
      return measure(state, event)
    case 'throttled':
      return throttle(state, event)
    case 'baseline-taken': {
      const baseline = { tally: event.tally, observedMs: event.observedMs }
      const usual = usualRates(state.plan, baseline)
      return { ...state, baseline, usual, failuresInRow: 0, phase: { name: 'ready' } }
    }
    case 'waiting':
      return { ...state, waiting: { for: event.for, reason: event.reason, sinceMs: event.atMs } }
    case 'gate-asked':
      return { ...state, gate: { ...state.gate, attempts: event.attempt, pending: true } }
    case 'gate-answered':
      return gateAnswered(state, event)
    case 'commanded':
      return event.objection === null ? obey(state, event) : state
    case 'step-started':
      return startStep(state, event)
    case 'write-cleared':
    case 'write-answered':
    case 'read-back':
    case 'apply-failed':
      return evolveApplying(state, event)
    case 'fleet-changed':
      return changeFleet(state, event)
    case 'revert-started':
    case 'revert-called':
    case 'revert-read':
      return evolveRevert(state, event)
    case 'step-applied':
      if (event.rejoined) return rejoined(state)
      return applied(state, event)
    case 'checked':
      return check(state, event)
    case 'doubted':
      return doubt(state, event)
    case 'restart-detected':
      return restart(state, event)
    case 'foreign-change-detected':
      return changedFromOutside(state, event)
    case 'several-processes-detected':
      return { ...state, phase: stopped('refused', 'several-processes', severalProcesses(event)) }
    case 'step-extended':
      return { ...state, extended: true }
    case 'step-passed':
      return closeStep(
        { ...state, waiting: null, phase: { name: 'passed' } },
        event.proven ? 'passed' : 'unproven',
        event.time,
      )
    case 'breached':
      return closeStep({ ...state, phase: { name: 'breached', reason: event.reason } }, 'failed', event.time)
    case 'interrupted':
      return event.ignored ? state : { ...state, phase: { name: 'interrupted' } }
    case 'environment-recorded':
      return recorded(state, event)
    case 'journal-failed':
      return warn({ ...state, journalFailed: true }, `the journal could not be written: ${event.message}`)
    case 'finished':
      return closeStep(
        {
          ...state,
          endedAt: event.time,
          phase: { name: 'finished', outcome: event.outcome, code: event.code, reason: event.reason },
        },
        event.outcome === 'completed' ? outcomeOf(state) : 'held',
        event.time,
      )
    case 'rollback-started':
    case 'rollback-called':
    case 'rollback-read':
    case 'rollback-verified':
    case 'rollback-abandoned':
    case 'cache-cleared':
    case 'percentage-reset':
      return evolveRollback(state, event)
  }
}

function applied(state: RolloutState, { status }: EventOf<'step-applied'>): RolloutState {
  const expected = currentTarget(state) ?? snapshotOf(status.settings, state.plan.pins)
  const shown: RolloutState = { ...state, expected, failuresInRow: 0, phase: { name: 'applied' } }
  const fleet = settleStep(shown)
  return observeAfresh({ ...shown, ...(fleet && { fleet }) }, status)
}

function gateAnswered(state: RolloutState, { open, message, atMs }: EventOf<'gate-answered'>): RolloutState {
  const gate = state.plan.steps[state.stepIndex]?.gate
  const everyMs = gate === undefined || gate.kind === 'approval' ? 0 : gate.everyMs
  return { ...state, gate: { ...state.gate, open, pending: false, dueMs: atMs + everyMs, lastAnswer: message } }
}

/** Folds an order that is followed. */
function obey(state: RolloutState, { command, time }: EventOf<'commanded'>): RolloutState {
  switch (command.order) {
    case 'pause': {
      const paused = { ...state, pausedBy: command.by }
      // Whatever follows a step that has passed is begun without looking, so it is observed on instead.
      return state.phase.name === 'passed' ? observeOn(reopenStep(paused)) : paused
    }
    case 'resume':
      return { ...state, pausedBy: null, waiting: null }
    case 'promote':
      return { ...state, promoted: true, gate: { ...state.gate, open: true } }
    case 'hold':
      return { ...state, phase: stopped('held', 'held', describeOrder(command)) }
    case 'abort':
      return closeStep({ ...state, phase: { name: 'aborted', reason: describeOrder(command) } }, 'held', time)
  }
}

/** How a step ended that was stopped on purpose, such as the one of a watch. */
function outcomeOf({ failuresInRow, lastConclusive }: RolloutState): StepRecord['outcome'] {
  return failuresInRow === 0 && lastConclusive === 'pass' ? 'passed' : 'unproven'
}

function severalProcesses({ server }: EventOf<'several-processes-detected'>): string {
  const where = server ?? 'this address'
  return (
    `settings or counters come and go over fresh connections: several server processes answer behind ${where}, ` +
    'and a change reaches only one of them'
  )
}

function stopped(outcome: Outcome, code: string, reason: string): Phase {
  return { name: 'stopped', outcome, code, reason }
}

/** A watch goes on with what is there now; whatever else was to be done is given up. */
function changedFromOutside(state: RolloutState, { status, server }: EventOf<'foreign-change-detected'>): RolloutState {
  const { status: believed, plan } = state
  const member = server === undefined ? null : memberOf(status, server)
  const settings = (member && settingsOfMember(status, member)) ?? status.settings
  const expected = server === undefined ? state.expected : expectedOf(state, server)
  const before = expected && comparable(expected, believed?.settings ?? null)
  const text = describeForeignChange(before, settings, server)
  const foreignChange = { text, settings }
  if (plan.intent === 'watch') {
    const watching = { ...warn(observing(state), text), expected: snapshotOf(status.settings, null) }
    return observeAfresh({ ...watching, foreignChange }, status)
  }
  return { ...state, foreignChange, status, phase: stopped('refused', 'foreign-change', text) }
}

/**
 * The answer to a question of a process that died never comes, and what was waited for is waited for
 * anew. Who asks a paused run to go on means it.
 */
function reawakened(state: RolloutState, resumePolicy: ResumePolicy): RolloutState {
  return {
    ...state,
    resumePolicy,
    // Who takes it up has written that to a journal of its own.
    journalFailed: false,
    pausedBy: resumePolicy === 'continue' ? null : state.pausedBy,
    gate: { ...state.gate, pending: false, dueMs: state.atMs },
    waiting: null,
  }
}

/**
 * Time between the crash and now was not watched: no delta and no span may reach across it. The
 * monotonic clock began anew as well, so everything due is due now. What was written last is read again.
 * How the server fares since then is not known from what passed before: nothing is raised until a
 * check has passed again.
 */
function resume(state: RolloutState): RolloutState {
  const unwatched: RolloutState = {
    ...state,
    statusMs: null,
    throttledMs: null,
    window: [],
    lastConclusive: null,
    ...(state.fleet && { fleet: forgetWindows(state.fleet) }),
  }
  switch (state.phase.name) {
    case 'measuring':
      return { ...unwatched, phase: { name: 'measuring', dueMs: state.atMs } }
    case 'applying':
    case 'applied':
      return applyAfresh(unwatched)
    case 'observing':
      return observeOn(unwatched)
    case 'doubting':
      return state.phase.during === 'applying' ? applyAfresh(unwatched) : observeOn(unwatched)
    case 'reverting':
      return revertAfresh(unwatched, { ...state.phase.revert, startedMs: state.atMs })
    case 'rolling-back':
      return rollbackAfresh(unwatched, state.phase.rollback)
    case 'passed': {
      const raisesNext = state.plan.intent === 'raise' && state.stepIndex < state.plan.steps.length - 1
      return raisesNext ? observeOn(reopenStep(unwatched)) : unwatched
    }
    case 'ready':
    case 'breached':
    case 'interrupted':
    case 'aborted':
    case 'stopped':
    case 'finished':
      return unwatched
  }
}

function recorded(state: RolloutState, event: EventOf<'environment-recorded'>): RolloutState {
  const next: RolloutState = event.failure
    ? warn(state, `the environment file ${event.path} was not updated: ${event.failure}`)
    : state
  return next.phase.name === 'rolling-back'
    ? { ...next, phase: { name: 'rolling-back', rollback: { ...next.phase.rollback, task: 'done' } } }
    : { ...next, recordedStep: next.stepIndex }
}
