import type { Check } from '../core/analysis.js'
import type { EventOf, RollbackEvent, RolloutEvent } from '../core/event.js'
import { isAlarm } from '../core/judge-sequentially.js'
import { limitsOf } from '../core/limits.js'
import { exitCodeOf, type Outcome } from '../core/outcome.js'
import { describePause } from '../core/pause.js'
import { currentStep, type ResumePolicy, type RolloutState } from '../core/rollout.js'
import { describeSettings } from '../core/server.js'
import { describeFleetChange, describeRevert } from './describe-fleet.js'
import { describeAgain, describeKeeping } from './describe-waiting.js'
import { describeDuration, describePlan, describePosition, describeStep, isUnguarded } from './describe-plan.js'
import { countOf, formatDuration, formatRate } from './format.js'
import type { Level } from './palette.js'
import { printable } from './text.js'

/** An event for people. */
export interface EventDescription {
  readonly level: Level
  /** One plain sentence without a full stop; free of control characters whatever the server said. */
  readonly text: string
}

/**
 * The sentence for an event; null for one that brings nothing to know, such as a confirming read.
 *
 * @param state the run after the event
 */
export function describeEvent(event: RolloutEvent, state: RolloutState): EventDescription | null {
  const description = describe(event, state)
  return description && { level: description[0], text: printable(description[1]) }
}

type Draft = readonly [Level, string]

function describe(event: RolloutEvent, state: RolloutState): Draft | null {
  const { plan } = state
  switch (event.type) {
    case 'started':
      return describeStart(event)
    case 'resumed':
      return describeResumed(event, state)
    case 'measured':
    case 'throttled':
    case 'baseline-taken':
    case 'waiting':
    case 'gate-asked':
    case 'gate-answered':
    case 'commanded':
      return describeKeeping(event, state)
    case 'step-started':
      return describeStepStart(event, state)
    case 'write-answered':
      return describeWrite(event, state)
    case 'read-back':
      return event.failure && ['warning', `${at(state)}: reading back failed: ${event.failure.message}`]
    case 'apply-failed':
      return ['warning', `${at(state)}: ${event.reason} (${inARow(state)})`]
    case 'step-applied':
      return describeApplied(event, state)
    case 'checked':
      return describeCheck(event.check, state)
    case 'write-cleared':
    case 'doubted':
      return null
    case 'restart-detected':
      return ['warning', describeRestart(event)]
    case 'fleet-changed':
      return describeFleetChange(event)
    case 'revert-started':
    case 'revert-called':
    case 'revert-read':
      return describeRevert(event)
    case 'foreign-change-detected':
      return ['warning', state.foreignChange?.text ?? `the server now says ${describeSettings(event.status.settings)}`]
    case 'several-processes-detected':
      return [
        'bad',
        `${event.readings.length} readings over fresh connections contradict each other: several server processes` +
          (event.server === undefined ? '' : ` behind ${event.server}`),
      ]
    case 'step-extended':
      return ['warning', `${at(state)}: extended by ${formatDuration(event.byMs)}: ${event.reason}`]
    case 'step-passed':
      return describePassed(event, state)
    case 'breached':
      return ['bad', `breach at ${describeStep(plan.steps[event.step])}: ${event.reason}`]
    case 'interrupted':
      return ['warning', `${event.signal} received: ${describeInterrupt(event, state)}`]
    case 'journal-failed':
      return ['bad', `the journal could not be written: ${event.message}; nothing more is raised`]
    case 'environment-recorded':
      return event.failure === null
        ? ['info', `${event.path} now says ${describeSettings(event)}`]
        : ['warning', `${event.path} was not updated: ${event.failure}`]
    case 'finished':
      return [
        levelOf(event.outcome),
        `${plan.command} ended: ${event.outcome} (exit ${exitCodeOf(event.outcome)})${describeReason(event)}`,
      ]
    case 'rollback-started':
    case 'rollback-called':
    case 'rollback-read':
    case 'rollback-verified':
    case 'rollback-abandoned':
    case 'cache-cleared':
    case 'percentage-reset':
      return describeRollback(event)
  }
}

/** A run that was begun for the background is not taken up again there, but goes on. */
function describeResumed({ seq, operator, policy, backgroundPid }: EventOf<'resumed'>, state: RolloutState): Draft {
  const where = backgroundPid === undefined ? '' : ` in the background as process ${backgroundPid}`
  if (where !== '' && seq === 2) return ['info', `${state.plan.command}: goes on${where}`]
  return ['info', `${at(state, state.plan.command)}: taken up again by ${operator}${where}${RESUMED[policy]}`]
}

const RESUMED: Readonly<Record<ResumePolicy, string>> = {
  continue: '',
  hold: '; after the step under way nothing more is raised',
  rollback: ', to roll back',
}

/** A breach has been told in full; that users may not be back cannot be told too often. */
function describeReason({ outcome, code, reason }: EventOf<'finished'>): string {
  const isTold = (code === 'breach' || code === 'not-applied') && outcome !== 'rollback-unverified'
  return isTold ? '' : `: ${reason}`
}

/** How an outcome is coloured. */
export function levelOf(outcome: Outcome): Level {
  switch (outcome) {
    case 'completed':
      return 'good'
    case 'held':
    case 'refused':
    case 'rolled-back':
      return 'warning'
    case 'failed':
    case 'usage':
    case 'rollback-unverified':
    case 'unreachable':
    case 'breached':
      return 'bad'
  }
}

function describeStart({ plan, operator }: EventOf<'started'>): Draft {
  const from = plan.before ? `; the server is at ${describeSettings(plan.before)}` : ''
  const start = `${plan.command} by ${operator} at ${plan.server}: ${describePlan(plan)}${from}`
  return isUnguarded(plan) ? ['warning', `${start}; nothing is judged, so nothing will roll back`] : ['info', start]
}

/** The beginning of a sentence about the present step. */
function at(state: RolloutState, otherwise = describeStep(state.plan.steps[state.stepIndex])): string {
  return describePosition(state) ?? otherwise
}

function inARow(state: RolloutState): string {
  return `${state.failuresInRow} of ${limitsOf(state).consecutiveFailures} failures in a row`
}

function describeStepStart(event: EventOf<'step-started'>, state: RolloutState): Draft | null {
  const step = currentStep(state)
  if (step.target === null) return null
  const position = describePosition(state)
  return ['info', `${position ? `${position}: ` : ''}setting ${describeStep(step)}${event.again ? ' again' : ''}`]
}

function describeWrite({ failure, atMs }: EventOf<'write-answered'>, state: RolloutState): Draft | null {
  if (failure === null) return null
  return state.throttledMs === atMs
    ? ['warning', `${at(state)}: not written yet: the server ${describePause(failure)}; ${describeAgain(state)}`]
    : ['warning', `${at(state)}: writing it failed: ${failure.message}; reading back whether it took effect`]
}

function describeApplied(event: EventOf<'step-applied'>, state: RolloutState): Draft {
  const position = describePosition(state)
  const { durationMs } = currentStep(state)
  const shown = `${position ? `${position}: ` : ''}the server shows ${describeSettings(event.status.settings)}`
  return durationMs === 0 ? ['good', shown] : ['info', `${shown}, observing ${describeDuration(durationMs)}`]
}

function describeRates(rates: Pick<Check, 'attempts' | 'errorRate' | 'fallbackRate' | 'successRate'>): string {
  return (
    `${countOf(rates.attempts, 'attempt')}, errors ${formatRate(rates.errorRate)}, ` +
    `fallbacks ${formatRate(rates.fallbackRate)}, connected ${formatRate(rates.successRate)}`
  )
}

function describeCheck(check: Check, state: RolloutState): Draft {
  const place = `${currentStep(state).percentage} %`
  switch (check.verdict) {
    case 'pass':
      return ['good', `${place}: check passed, ${describeRates(check)}`]
    case 'inconclusive':
      return ['info', `${place}: check inconclusive, ${check.reason}`]
    case 'fail':
      // An alarm is a breach by itself, whatever the row.
      return ['bad', `${place}: check failed${isAlarm(check) ? '' : `, ${inARow(state)}`}: ${check.reason}`]
    case 'error':
      return ['bad', `${place}: check without a valid answer, ${inARow(state)}: ${check.reason}`]
  }
}

function describeRestart({ status, settingsKept }: EventOf<'restart-detected'>): string {
  return settingsKept
    ? 'the server restarted with its settings kept; the step is observed from its beginning'
    : `the server restarted and fell back to ${describeSettings(status.settings)}; the step is set once more`
}

function describePassed(event: EventOf<'step-passed'>, state: RolloutState): Draft | null {
  if (currentStep(state).durationMs === 0) return null
  const { attempts } = state.stepTotal
  if (event.proven) return ['good', `${at(state)}: passed, ${countOf(attempts, 'attempt')}`]
  return state.plan.monitoring
    ? ['warning', `${at(state)}: ended without proof, ${countOf(attempts, 'attempt')}`]
    : ['info', `${at(state)}: time is up, ${countOf(attempts, 'attempt')}, not judged`]
}

function describeInterrupt(event: EventOf<'interrupted'>, { plan }: RolloutState): string {
  if (event.ignored) return 'the rollback under way is finished first'
  switch (plan.onInterrupt) {
    case 'hold':
      return 'the percentage is held where it is'
    case 'rollback':
      return 'rolling back'
    case 'finish':
      return 'ending'
  }
}

/** Nobody who is connected is moved: contract of the admin API, fact 6. */
function describeVerified({ status }: EventOf<'rollback-verified'>): string {
  const open = status.open.unified ?? 0
  const left = open === 0 ? '' : `; ${countOf(open, 'connection')} still open on unified until the users come back`
  return `verified: new connections go to legacy, the server says ${describeSettings(status.settings)}${left}`
}

function describeRollback(event: RollbackEvent): Draft | null {
  switch (event.type) {
    case 'rollback-started':
      // A breach has just been told in full.
      return event.cause === 'breach'
        ? ['bad', 'rolling everybody back to legacy']
        : [event.cause === 'requested' ? 'info' : 'bad', `rolling everybody back to legacy: ${event.reason}`]
    case 'rollback-called':
      return event.failure
        ? [
            'warning',
            `${event.call}, attempt ${event.attempt}, failed: ${event.failure.message}; reading back whether it took effect`,
          ]
        : ['info', `${event.call}, attempt ${event.attempt}, was accepted`]
    case 'rollback-read':
      if (event.failure) return ['warning', `reading back failed: ${event.failure.message}`]
      return event.status === null || event.status.settings.mode === 'disabled'
        ? null
        : ['warning', `the server still says ${describeSettings(event.status.settings)}`]
    case 'rollback-verified':
      return ['good', describeVerified(event)]
    case 'rollback-abandoned':
      return ['bad', `the rollback could not be verified: ${event.reason}`]
    case 'cache-cleared':
      if (event.failure) return ['warning', `the assignment cache was not cleared: ${event.failure.message}`]
      return event.offered ? ['info', 'the assignment cache was cleared'] : null
    case 'percentage-reset':
      return event.failure === null
        ? ['info', 'the percentage was set to 0']
        : ['warning', `the percentage was not set to 0: ${event.failure}`]
  }
}
