import { concludeFleetDoubt, concludePartial, concludeRevert, raisesAny } from './conclude-fleet.js'
import { concludeMeasuring } from './conclude-measuring.js'
import { concludeObserving } from './conclude-observing.js'
import { concludeRollback } from './conclude-rollback.js'
import { finished } from './finished.js'
import { sinceLastChange } from './doubted-readings.js'
import { isRefusedForGood } from './error.js'
import type { EventBody } from './event.js'
import { CONFIRMATIONS } from './evolve-applying.js'
import { frozenBy } from './freeze.js'
import { isAlarm } from './judge-sequentially.js'
import { limitsOf } from './limits.js'
import { needsRecord } from './next-action.js'
import { diagnose, READINGS_TO_DIAGNOSE } from './processes.js'
import { currentStep, currentTarget, stepAt, type Phase, type RolloutState } from './rollout.js'
import { describeSettings, holdsMore, isAbove, shows } from './server.js'

/** How long a written value may take to show, ms. */
const READ_BACK_LIMIT_MS = 10_000
/** Restarts of the server within one step that are a breach. */
const RESTARTS_TO_BREACH = 2

/** The next thing that follows from the state alone; null when the server has to be asked first. */
export function conclude(state: RolloutState): EventBody | null {
  const { phase, stepIndex: step, plan } = state
  if (isAbandoned(state)) return { type: 'rollback-started', cause: 'crash', reason: ABANDONED }
  switch (phase.name) {
    case 'finished':
      return null
    case 'measuring':
      return barOf(state, 0) ?? concludeMeasuring(state)
    case 'ready':
      if (plan.steps.length === 0) {
        return { type: 'rollback-started', cause: 'requested', reason: plan.reason ?? 'emergency rollback requested' }
      }
      return restartBreach(state) ?? startStep(state, step)
    case 'applying':
      return concludeApplying(state, phase)
    case 'applied':
      if (needsRecord(state) || currentStep(state).durationMs !== 0) return null
      return { type: 'step-passed', step, percentage: currentStep(state).percentage, proven: true }
    case 'observing':
      return alarmBreach(state) ?? failureBreach(state) ?? restartBreach(state) ?? concludeObserving(state)
    case 'doubting':
      return failureBreach(state) ?? (state.fleet ? concludeFleetDoubt(state, phase) : concludeDoubt(state, phase))
    case 'passed':
      if (needsRecord(state)) return null
      return plan.steps[step + 1] ? startStep(state, step + 1) : finished('completed', 'completed', describeEnd(state))
    case 'breached':
      return concludeBreach(state, phase.reason)
    case 'interrupted':
      return concludeInterrupt(state)
    case 'aborted':
      return { type: 'rollback-started', cause: 'abort', reason: phase.reason }
    case 'stopped':
      return finished(phase.outcome, phase.code, phase.reason)
    case 'reverting':
      return concludeRevert(state, phase.revert)
    case 'rolling-back':
      return concludeRollback(state, phase.rollback)
  }
}

const ABANDONED = 'the process that ran it died, and a rollback was asked for in that case'

/** A run that died with the order to roll back, unless it had come to its end or to a rollback by itself. */
function isAbandoned({ resumePolicy, phase }: RolloutState): boolean {
  if (resumePolicy !== 'rollback') return false
  return phase.name !== 'rolling-back' && phase.name !== 'stopped' && phase.name !== 'finished'
}

function startStep(state: RolloutState, step: number): EventBody {
  const { plan } = state
  const bar = barOf(state, step)
  if (bar !== null) return bar
  const last = state.steps.at(-1)
  const again = last?.index === step && last.outcome === 'running'
  if (state.resumePolicy === 'hold' && !again && plan.intent !== 'lower') {
    const reason = `the process that ran it died; after ${describeProgress(state)} nothing more is raised`
    return finished('held', 'crash', reason)
  }
  return { type: 'step-started', step, percentage: stepAt(plan, step).percentage, again }
}

/**
 * What forbids writing a step; null when nothing does. A failing journal forbids raising, never lowering
 * or watching. A step down raises as well when it is written again to a server that restarted with less.
 */
function barOf(state: RolloutState, step: number): EventBody | null {
  const { journalFailed, plan, status } = state
  if (plan.intent === 'watch') return null
  const target = plan.steps[step]?.target ?? null
  const present = status?.settings ?? plan.before
  const isRaised = target !== null && present !== null && (isAbove(target, present) || raisesAny(state, step))
  if (journalFailed && (plan.intent !== 'lower' || isRaised)) {
    return finished('held', 'journal-failed', 'the journal cannot be written, so nothing more is raised')
  }
  const frozen = isRaised ? frozenBy(plan.freeze, Date.parse(state.time)) : null
  if (frozen === null) return null
  const hasBegun = state.steps.some(({ outcome }) => outcome !== 'running')
  return finished(hasBegun ? 'held' : 'refused', 'frozen', `nothing is raised within ${frozen.text}`)
}

function restartBreach(state: RolloutState): EventBody | null {
  if (state.restarts < RESTARTS_TO_BREACH || state.plan.intent === 'watch') return null
  return {
    type: 'breached',
    step: state.stepIndex,
    reason: `${restartedServer(state)} restarted ${state.restarts} times within one step`,
  }
}

/** Of a fleet, the one that did so most often. */
function restartedServer({ fleet, restarts }: RolloutState): string {
  const [server] = Object.entries(fleet?.members ?? {}).find(([, member]) => member.restarts === restarts) ?? []
  return server ?? 'the server'
}

/** Odds like that are a row of failures in themselves. */
function alarmBreach({ lastCheck, plan, stepIndex: step }: RolloutState): EventBody | null {
  if (!plan.monitoring || lastCheck === null || !isAlarm(lastCheck)) return null
  return { type: 'breached', step, reason: lastCheck.reason }
}

function failureBreach(state: RolloutState): EventBody | null {
  const { failuresInRow } = state
  if (failuresInRow < limitsOf(state).consecutiveFailures) return null
  const reason = `${failuresInRow} failed checks in a row; the last one: ${lastReason(state)}`
  return { type: 'breached', step: state.stepIndex, reason }
}

function lastReason({ lastCheck }: RolloutState): string {
  return lastCheck?.reason ?? 'nothing was measured'
}

function concludeApplying(state: RolloutState, phase: Extract<Phase, { name: 'applying' }>): EventBody | null {
  const { stepIndex: step } = state
  const { percentage } = currentStep(state)
  const why = phase.lastFailure ?? 'the server shows another value'
  const partial = concludePartial(state, phase, { isTriedEnough: isTriedEnough(state), why })
  if (partial !== null) return partial
  if (isTriedEnough(state)) {
    return {
      type: 'breached',
      step,
      reason: `${state.failuresInRow} failed attempts in a row to reach ${percentage} %: ${why}`,
    }
  }
  if (phase.call === 'configure') return barOf(state, step)
  if (phase.confirmations >= CONFIRMATIONS && state.status !== null) {
    const { rejoining: rejoined } = phase
    return { type: 'step-applied', step, percentage, status: state.status, ...(rejoined && { rejoined }) }
  }
  if (isRefusal(state, phase)) return refused(state, why)
  // Readings that agree so far are followed to the last, however slowly the server answers.
  if (phase.confirmations > 0 || state.atMs - phase.startedMs < READ_BACK_LIMIT_MS) return null
  const seconds = READ_BACK_LIMIT_MS / 1000
  const reason =
    phase.call === 'look'
      ? `the server could not be read for ${seconds} s, so ${percentage} % was not written: ${why}`
      : `${percentage} % does not show ${seconds} s after writing it: ${why}`
  return { type: 'apply-failed', step, reason }
}

function isTriedEnough(state: RolloutState): boolean {
  return state.failuresInRow >= limitsOf(state).consecutiveFailures
}

/**
 * A server that said no, and still is where it was left, has nothing to be asked again. Going down goes on
 * all the same, to the rollback in the end; so does a step whose server restarted, which may be anywhere.
 */
function isRefusal(
  { plan, restarts }: RolloutState,
  { writeFailure, unchanged }: Extract<Phase, { name: 'applying' }>,
): boolean {
  if (plan.intent === 'lower' || restarts > 0) return false
  return writeFailure !== null && isRefusedForGood(writeFailure) && unchanged >= CONFIRMATIONS
}

function refused({ plan, status }: RolloutState, why: string): EventBody {
  const where = status ? `, and still is at ${describeSettings(status.settings)}` : ''
  const reason = `the server refused what was to be set${where}: ${why}`
  return finished(plan.intent === 'raise' ? 'held' : 'refused', 'write-refused', reason)
}

function concludeDoubt(state: RolloutState, phase: Extract<Phase, { name: 'doubting' }>): EventBody | null {
  const { stepIndex: step } = state
  const readings = sinceLastChange(phase.readings)
  const [first, last] = [readings[0], readings.at(-1)]
  if (first === undefined || last === undefined || readings.length < READINGS_TO_DIAGNOSE) return null
  const known = state.status?.counters ?? first.counters
  switch (diagnose(known, readings)) {
    case 'several-processes':
      return { type: 'several-processes-detected', step, readings }
    case 'foreign-change':
      return { type: 'foreign-change-detected', step, status: last }
    case 'restarted': {
      const target = currentTarget(state)
      // Lists that grew with the restart hold users whom nobody here knows: writing the step again would unpin them.
      if (target !== null && holdsMore(last.settings, target)) {
        return { type: 'foreign-change-detected', step, status: last }
      }
      const settingsKept = state.expected === null || shows(last.settings, state.expected)
      return { type: 'restart-detected', step, status: last, settingsKept }
    }
  }
}

function concludeBreach(state: RolloutState, reason: string): EventBody {
  switch (state.plan.onBreach) {
    case 'rollback':
      return { type: 'rollback-started', cause: 'breach', reason }
    case 'exit':
      return finished('breached', 'breach', reason)
    case 'hold':
      return state.plan.intent === 'set'
        ? finished('unreachable', 'not-applied', reason)
        : finished('held', 'breach', reason)
  }
}

function concludeInterrupt(state: RolloutState): EventBody {
  switch (state.plan.onInterrupt) {
    case 'hold':
      return finished('held', 'interrupted', `interrupted during ${describeProgress(state)}`)
    case 'finish':
      return finished('completed', 'interrupted', `stopped by the operator after ${describeProgress(state)}`)
    case 'rollback':
      return { type: 'rollback-started', cause: 'interrupt', reason: 'interrupted by the operator' }
  }
}

function describeProgress(state: RolloutState): string {
  const checks = state.steps.reduce((sum, step) => sum + step.checks, 0)
  const count = `${checks} ${checks === 1 ? 'check' : 'checks'}`
  return state.plan.intent === 'watch'
    ? count
    : `step ${state.stepIndex + 1} of ${state.plan.steps.length}, after ${count}`
}

function describeEnd(state: RolloutState): string {
  const at = state.status ? `the server is at ${describeSettings(state.status.settings)}` : 'the last step is done'
  return state.steps.some((step) => step.outcome === 'unproven')
    ? `${at}; some steps ended without enough traffic to judge`
    : at
}
