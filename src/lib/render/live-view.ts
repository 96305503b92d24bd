/** What the live view shows, as lines of text: a function of the run, the time and the width. */
import type { Check } from '../core/analysis.js'
import { CONFIRMATIONS } from '../core/evolve-applying.js'
import { OBSERVED_POLLS_PER_SPAN } from '../core/evolve-observing.js'
import { ROLLBACK_CONFIRMATIONS } from '../core/percentage-reset.js'
import { limitsOf } from '../core/limits.js'
import { READINGS_TO_DIAGNOSE } from '../core/processes.js'
import { requiredMs, type Phase, type RollbackState, type RolloutState } from '../core/rollout.js'
import { describeSettings } from '../core/server.js'
import { describePosition, describeStep, isUnguarded } from './describe-plan.js'
import { fleetLines } from './fleet-lines.js'
import { countOf, formatCount, formatDuration } from './format.js'
import type { Layout, Level } from './palette.js'
import { stepsBar } from './steps-bar.js'
import { cut, printable, wrapAndCut } from './text.js'
import { thresholdLines } from './threshold-lines.js'

const INDENT = '  '
/** Lines that a server's words may take before they are cut. */
const MESSAGE_LINES = 2

/**
 * The view of a run, none of its lines wider than the layout.
 *
 * @param nowMs monotonic, on the clock that dates the events; lets the time left run between them
 * @param course the last checks, oldest first
 */
export function liveView(
  state: RolloutState,
  nowMs: number,
  layout: Layout,
  course: readonly Check[] = [],
): readonly string[] {
  const { plan, phase, status } = state
  const { palette, width } = layout
  const says = status ? describeSettings(status.settings) : 'not read yet'
  const head = palette.strong(cut([plan.command, plan.server, says].map(printable).join(INDENT), width - INDENT.length))
  const bar = plan.steps.length > 1 ? [INDENT + stepsBar(state, width - INDENT.length, palette)] : []
  const body =
    phase.name === 'rolling-back'
      ? rollbackLines(phase.rollback, state, nowMs, layout)
      : [...indented(activity(state, nowMs), activityLevel(state), layout), ...observationLines(state, layout, course)]
  return [head, ...bar, ...body, ...fleetLines(state, layout, INDENT), connectionsLine(state, layout)]
}

function indented(text: string, level: Level | 'dim' | 'strong', { palette, width }: Layout): readonly string[] {
  const lines = wrapAndCut(printable(text), width - INDENT.length, MESSAGE_LINES)
  return lines.map((line) => INDENT + palette[level](line))
}

function activityLevel({ phase, failuresInRow, pausedBy, waiting }: RolloutState): Level {
  if (pausedBy !== null || waiting !== null) return 'warning'
  if (phase.name === 'breached' || phase.name === 'stopped' || phase.name === 'aborted') return 'bad'
  return failuresInRow > 0 || phase.name === 'doubting' || phase.name === 'interrupted' ? 'warning' : 'info'
}

function activity(state: RolloutState, nowMs: number): string {
  const position = describePosition(state)
  return `${position ? `${position}, ` : ''}${describePhase(state.phase, state, nowMs)}`
}

function describePhase(phase: Phase, state: RolloutState, nowMs: number): string {
  const step = describeStep(state.plan.steps[state.stepIndex])
  switch (phase.name) {
    case 'measuring':
      return 'observing before the first step'
    case 'ready':
      return 'about to begin'
    case 'applying':
      return describeApplying(phase, step)
    case 'applied':
    case 'observing': {
      const failures = state.failuresInRow > 0 ? 'confirming a failed check' : describeWatching(phase, state, nowMs)
      const kept = state.waiting?.reason ?? (state.pausedBy === null ? null : `paused by ${state.pausedBy}`)
      if (kept !== null) return `${step}: ${failures}, ${kept}`
      return `${step}: ${failures}, ${describeTimeLeft(state, nowMs)}`
    }
    case 'doubting':
      return `${step}: a reading did not fit, reading again (${phase.readings.length} of ${READINGS_TO_DIAGNOSE})`
    case 'passed':
      return `${step}: done`
    case 'breached':
      return `breach: ${phase.reason}`
    case 'interrupted':
      return 'interrupted'
    case 'aborted':
      return phase.reason
    case 'stopped':
      return phase.reason
    case 'reverting':
      return 'going back to the step before'
    case 'rolling-back':
      return 'rolling back'
    case 'finished':
      return phase.outcome
  }
}

function describeWatching(
  phase: Extract<Phase, { readonly name: 'applied' | 'observing' }>,
  { throttledMs }: RolloutState,
  nowMs: number,
): string {
  if (phase.name === 'applied' || throttledMs === null) return 'observing'
  return `read again, as the server asks, in ${wholeSeconds(Math.max(0, phase.dueMs - nowMs))}`
}

function describeApplying(
  { call, confirmations }: Extract<Phase, { readonly name: 'applying' }>,
  step: string,
): string {
  switch (call) {
    case 'look':
      return `${step}: looking before it is set`
    case 'configure':
      return `setting ${step}`
    case 'read-back':
      return `reading back ${step} (${confirmations} of ${CONFIRMATIONS})`
  }
}

function observedMs(state: RolloutState, nowMs: number): number {
  const { statusMs, throttledMs, observedMs: vouched } = state
  const since = statusMs === null ? 0 : Math.max(0, (throttledMs ?? nowMs) - statusMs)
  return vouched + Math.min(since, OBSERVED_POLLS_PER_SPAN * limitsOf(state).pollIntervalMs)
}

function describeTimeLeft(state: RolloutState, nowMs: number): string {
  const required = requiredMs(state)
  const observed = observedMs(state, nowMs)
  if (required === null) return `for ${wholeSeconds(observed)} so far, until stopped`
  const left = `${wholeSeconds(Math.max(0, required - observed))} left of ${formatDuration(required)}`
  return state.extended ? `${left} (extended)` : left
}

/** Rounded up, so that 0 means over. */
function wholeSeconds(ms: number): string {
  const rounded = Math.ceil(ms / 1000) * 1000
  return rounded === 0 ? '0s' : formatDuration(rounded)
}

function observationLines(state: RolloutState, layout: Layout, course: readonly Check[]): readonly string[] {
  const { plan, lastCheck, failuresInRow, stepTotal } = state
  if (plan.steps.every((step) => step.durationMs === 0)) return []
  const checks = state.steps.at(-1)?.checks ?? 0
  const last = lastCheck === null ? 'no check yet' : `last check ${lastCheck.verdict}: ${lastCheck.reason}`
  const failed = `${failuresInRow} of ${limitsOf(state).consecutiveFailures} failures in a row`
  const counts = `${failed}, ${countOf(checks, 'check')}, ${countOf(stepTotal.attempts, 'attempt')}`
  return [
    ...thresholdLines(lastCheck, limitsOf(state), course, layout),
    ...(isUnguarded(plan)
      ? indented('nothing is judged, so nothing will roll back (--no-monitoring)', 'warning', layout)
      : indented(counts, failuresInRow > 0 ? 'bad' : 'info', layout)),
    ...indented(last, 'dim', layout),
  ]
}

function rollbackLines(rollback: RollbackState, state: RolloutState, nowMs: number, layout: Layout): readonly string[] {
  const left = Math.max(0, state.plan.rollbackTimeoutMs - (nowMs - rollback.startedMs))
  const trying = rollback.verified ? 'verified' : `attempt ${rollback.attempt}, ${wholeSeconds(left)} left to try`
  return [
    ...indented(
      `ROLLING BACK to legacy: ${describeTask(rollback)}, ${trying}`,
      rollback.verified ? 'good' : 'bad',
      layout,
    ),
    ...indented(`why: ${rollback.reason}`, 'info', layout),
    ...(rollback.lastFailure === null ? [] : indented(`last failure: ${rollback.lastFailure}`, 'warning', layout)),
  ]
}

function describeTask({ task, confirmations }: RollbackState): string {
  switch (task) {
    case 'look':
      return 'reading the status'
    case 'emergency-rollback':
      return 'calling emergency-rollback'
    case 'configure':
      return 'setting disabled 0 %'
    case 'read-back':
      return `reading back (${Math.min(confirmations, ROLLBACK_CONFIRMATIONS)} of ${ROLLBACK_CONFIRMATIONS})`
    case 'clear-cache':
      return 'clearing the assignment cache'
    case 'reset-percentage':
      return 'setting the percentage to 0'
    case 'record-environment':
      return 'updating the environment file'
    case 'done':
      return 'done'
  }
}

function connectionsLine({ status }: RolloutState, { palette, width }: Layout): string {
  const count = (open: number | null | undefined): string => (open == null ? 'none yet' : formatCount(open))
  const text = `open now: legacy ${count(status?.open.legacy)}, unified ${count(status?.open.unified)}`
  return INDENT + palette.dim(cut(text, width - INDENT.length))
}
