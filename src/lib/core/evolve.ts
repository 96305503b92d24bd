import { evolveRollback } from './evolve-rollback.js'
import type { EventOf, RolloutEvent } from './event.js'
import type { Phase, RolloutState, StepRecord } from './rollout.js'
import { describeSettings, type ServerStatus } from './server.js'
import { add, difference, EMPTY_TALLY, NO_COUNTERS, trim, type Delta } from './window.js'

/** A span between two samples counts as observed up to this many poll intervals, not beyond. */
const OBSERVED_POLLS_PER_SPAN = 2

/** The state of a run that has only just been journaled. */
export function begin(event: EventOf<'started'>): RolloutState {
  return {
    plan: event.plan,
    seq: event.seq,
    atMs: event.atMs,
    startedAt: event.time,
    endedAt: null,
    phase: { name: 'ready' },
    stepIndex: 0,
    steps: [],
    status: null,
    statusMs: null,
    window: [],
    stepTotal: EMPTY_TALLY,
    observedMs: 0,
    extended: false,
    failuresInRow: 0,
    lastCheck: null,
    lastConclusive: null,
    restarts: 0,
    recordedStep: null,
    journalFailed: false,
    warnings: [],
  }
}

/** Folds one event into the state. Total: every event has an effect in every state, or none. */
export function evolve(previous: RolloutState, event: RolloutEvent): RolloutState {
  const state: RolloutState = { ...previous, seq: event.seq, atMs: event.atMs }
  switch (event.type) {
    case 'started':
      return begin(event)
    case 'resumed':
      return resumeWatch(state)
    case 'step-started':
      return startStep(state, event)
    case 'write-answered':
      return withApplying(state, {
        call: 'read-back',
        startedMs: event.atMs,
        dueMs: event.atMs,
        lastFailure: event.failure?.message ?? null,
      })
    case 'read-back':
      return readBack(state, event)
    case 'apply-failed':
      return applyAgain(state)
    case 'step-applied':
      return observeAfresh({ ...state, failuresInRow: 0, phase: { name: 'applied' } }, event.status)
    case 'checked':
      return check(state, event)
    case 'doubted':
      return doubt(state, event)
    case 'restart-detected':
      return restart(state, event)
    case 'foreign-change-detected':
      return state.plan.intent === 'watch'
        ? observeAfresh(warn(observing(state), 'somebody else changed the settings'), event.status)
        : {
            ...state,
            status: event.status,
            phase: stopped('foreign-change', describeForeignChange(state, event.status)),
          }
    case 'several-processes-detected':
      return { ...state, phase: stopped('several-processes', SEVERAL_PROCESSES) }
    case 'step-extended':
      return { ...state, extended: true }
    case 'step-passed':
      return closeStep({ ...state, phase: { name: 'passed' } }, event.proven ? 'passed' : 'unproven', event.time)
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
        'held',
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

const SEVERAL_PROCESSES =
  'settings or counters come and go over fresh connections: several server processes answer behind this address, ' +
  'and a change reaches only one of them'

function stopped(code: string, reason: string): Phase {
  return { name: 'stopped', outcome: 'refused', code, reason }
}

function describeForeignChange(state: RolloutState, status: ServerStatus): string {
  const { settings } = status
  const expected = state.plan.steps[state.stepIndex]?.target
  const was = expected ? describeSettings(expected) : 'something else'
  const lists = `${settings.explicitRolloutUsers} listed and ${settings.forcedLegacyUsers} forced-legacy users`
  return (
    `somebody else changed the server: ${was} was written, it now says ${describeSettings(settings)} with ` +
    `${lists}, fallback ${settings.legacyFallback ? 'on' : 'off'}`
  )
}

function warn(state: RolloutState, warning: string): RolloutState {
  return state.warnings.includes(warning) ? state : { ...state, warnings: [...state.warnings, warning] }
}

function observing(state: RolloutState): RolloutState {
  return { ...state, phase: { name: 'observing', dueMs: state.atMs } }
}

/**
 * Time between the crash and now was not watched: no delta and no span may reach across it. The
 * monotonic clock began anew as well, so everything due is due now.
 */
function resumeWatch(state: RolloutState): RolloutState {
  return { ...state, status: null, statusMs: null, window: [], failuresInRow: 0, phase: resumedPhase(state) }
}

function resumedPhase({ phase, atMs }: RolloutState): Phase {
  switch (phase.name) {
    case 'applying':
      return { ...phase, call: 'read-back', startedMs: atMs, dueMs: atMs, confirmations: 0 }
    case 'applied':
    case 'observing':
    case 'doubting':
      return { name: 'observing', dueMs: atMs }
    case 'rolling-back':
      return { name: 'rolling-back', rollback: { ...phase.rollback, startedMs: atMs, dueMs: atMs, confirmations: 0 } }
    case 'ready':
    case 'passed':
    case 'breached':
    case 'interrupted':
    case 'stopped':
    case 'finished':
      return phase
  }
}

function startStep(state: RolloutState, event: EventOf<'step-started'>): RolloutState {
  const record: StepRecord = {
    index: event.step,
    percentage: event.percentage,
    outcome: 'running',
    startedAt: event.time,
    endedAt: null,
    tally: EMPTY_TALLY,
    checks: 0,
  }
  return {
    ...state,
    stepIndex: event.step,
    steps: event.again ? state.steps : [...state.steps, record],
    extended: event.again ? state.extended : false,
    restarts: event.again ? state.restarts : 0,
    lastCheck: null,
    phase: {
      name: 'applying',
      call: firstCall(state, event.step),
      startedMs: event.atMs,
      dueMs: event.atMs,
      confirmations: 0,
      lastFailure: null,
    },
  }
}

type Applying = Extract<Phase, { readonly name: 'applying' }>

function withApplying(state: RolloutState, change: Partial<Omit<Applying, 'name'>>): RolloutState {
  return state.phase.name === 'applying' ? { ...state, phase: { ...state.phase, ...change } } : state
}

function applyAgain(state: RolloutState): RolloutState {
  const dueMs = state.atMs + state.plan.thresholds.confirmIntervalMs
  return withApplying(
    { ...state, failuresInRow: state.failuresInRow + 1 },
    { call: firstCall(state, state.stepIndex), startedMs: dueMs, dueMs, confirmations: 0 },
  )
}

/** A step that writes nothing begins by reading. */
function firstCall(state: RolloutState, step: number): Applying['call'] {
  return state.plan.steps[step]?.target === null ? 'read-back' : 'configure'
}

function readBack(state: RolloutState, event: EventOf<'read-back'>): RolloutState {
  if (state.phase.name !== 'applying') return state
  const { phase } = state
  return withApplying(event.status ? { ...state, status: event.status, statusMs: event.atMs } : state, {
    confirmations: event.shown ? phase.confirmations + 1 : 0,
    dueMs: event.atMs + (event.shown ? CONFIRM_PAUSE_MS : READ_BACK_PAUSE_MS),
    lastFailure: event.failure?.message ?? phase.lastFailure,
  })
}

/** Pause before the next of several confirming reads, ms: long enough for another process's turn. */
const CONFIRM_PAUSE_MS = 50
/** Pause before reading again while the value does not show yet, ms. */
const READ_BACK_PAUSE_MS = 500

/** A new baseline: what was seen of the step before says nothing about what follows. */
function observeAfresh(state: RolloutState, status: ServerStatus): RolloutState {
  return {
    ...state,
    status,
    statusMs: state.atMs,
    stepTotal: EMPTY_TALLY,
    observedMs: 0,
    lastConclusive: null,
    steps: withLast(state.steps, { tally: EMPTY_TALLY }),
    window: state.window.map((delta) => ({ ...delta, step: -1 })),
  }
}

function withLast(steps: readonly StepRecord[], change: Partial<StepRecord>): readonly StepRecord[] {
  return steps.map((step, index) => (index === steps.length - 1 ? { ...step, ...change } : step))
}

function closeStep(state: RolloutState, outcome: StepRecord['outcome'], time: string): RolloutState {
  const last = state.steps.at(-1)
  return last?.outcome === 'running' ? { ...state, steps: withLast(state.steps, { outcome, endedAt: time }) } : state
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

function check(state: RolloutState, event: EventOf<'checked'>): RolloutState {
  const { check: judged } = event
  const { thresholds, monitoring } = state.plan
  const failed = judged.verdict === 'fail' || judged.verdict === 'error'
  const failuresInRow = failed
    ? state.failuresInRow + 1
    : judged.verdict === 'pass' || !monitoring
      ? 0
      : state.failuresInRow
  const conclusive = judged.verdict === 'pass' || judged.verdict === 'fail' ? judged.verdict : state.lastConclusive
  const interval = failuresInRow > 0 ? thresholds.confirmIntervalMs : thresholds.pollIntervalMs
  const delta = event.status ? deltaOf(state, event.status, event.atMs) : null
  const span = delta ? Math.min(delta.toMs - delta.fromMs, OBSERVED_POLLS_PER_SPAN * thresholds.pollIntervalMs) : 0
  const stepTotal = delta ? add(state.stepTotal, delta) : state.stepTotal
  return {
    ...state,
    status: event.status ?? state.status,
    statusMs: event.status ? event.atMs : state.statusMs,
    window: trim(delta ? [...state.window, delta] : state.window, event.atMs - thresholds.windowMs),
    stepTotal,
    observedMs: state.observedMs + span,
    failuresInRow,
    lastCheck: judged,
    lastConclusive: conclusive,
    steps: withLast(state.steps, { tally: stepTotal, checks: (state.steps.at(-1)?.checks ?? 0) + 1 }),
    phase:
      state.phase.name === 'doubting'
        ? { ...state.phase, dueMs: event.atMs + thresholds.confirmIntervalMs }
        : { name: 'observing', dueMs: event.begunMs + interval },
  }
}

function doubt(state: RolloutState, event: EventOf<'doubted'>): RolloutState {
  const { phase } = state
  const earlier = phase.name === 'doubting' ? phase.readings : []
  return {
    ...state,
    phase: { name: 'doubting', readings: [...earlier, event.status], dueMs: event.atMs + CONFIRM_PAUSE_MS },
  }
}

/** The new process counts from 0; the step is observed again from its beginning. */
function restart(state: RolloutState, event: EventOf<'restart-detected'>): RolloutState {
  const born: ServerStatus = { ...event.status, counters: NO_COUNTERS }
  const counted = deltaOf({ ...state, status: born, statusMs: state.atMs }, event.status, state.atMs)
  const fresh = observeAfresh(state, event.status)
  return {
    ...warn(fresh, 'the server restarted; the step was observed again from its beginning'),
    restarts: state.restarts + 1,
    window: counted ? [...fresh.window, counted] : fresh.window,
    stepTotal: counted ? add(EMPTY_TALLY, counted) : EMPTY_TALLY,
    phase: event.settingsKept ? { name: 'observing', dueMs: state.atMs } : { name: 'ready' },
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
