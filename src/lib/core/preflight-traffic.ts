/** Checks of what happens on a server against what the steps of a run need. */
import { attemptsToNotice, formatPercent } from './analysis.js'
import { certaintyOf } from './judging.js'
import { pass, unchecked, warn, type Judgement } from './judgement.js'
import { surveyOf, type PreflightFacts } from './preflight-facts.js'
import type { RolloutPlan, Step } from './rollout.js'
import { attemptsToFindDoubling, isSequential } from './sequential.js'
import { span } from './span.js'
import type { Thresholds } from './thresholds.js'
import { attemptsOf, difference } from './window.js'

const NO_COUNTERS = unchecked('there are no counters of one steady server process to compare')

interface Traffic {
  readonly attempts: number
  readonly overMs: number
}

/** Attempts a second while the readings were made; null when they were none of one steady process. */
export function attemptsPerSecond(facts: PreflightFacts): number | null {
  const seen = trafficOf(facts)
  return seen === null || seen.overMs === 0 ? null : (seen.attempts / seen.overMs) * 1000
}

function trafficOf(facts: PreflightFacts): Traffic | null {
  const first = facts.readings[0]
  const last = facts.readings.at(-1)
  if (first === undefined || last === undefined || first === last) return null
  const survey = surveyOf(facts)
  if (survey !== 'steady' && survey !== 'too-few') return null
  return {
    attempts: attemptsOf(difference(first.status.counters, last.status.counters)),
    overMs: last.atMs - first.atMs,
  }
}

/** The observation that has the least time for the attempts that it needs. */
interface Tightest {
  readonly stepMs: number
  readonly limits: Thresholds
}

/** Null when nothing is observed. */
function tightestOf({ steps, thresholds }: RolloutPlan): Tightest | null {
  const needs = ({ stepMs, limits }: Tightest): number => limits.minAttempts / stepMs
  return steps.reduce<Tightest | null>((tightest, { durationMs, thresholds: own }: Step) => {
    const step = durationMs ? { stepMs: durationMs, limits: own ?? thresholds } : null
    return step !== null && (tightest === null || needs(step) > needs(tightest)) ? step : tightest
  }, null)
}

export function judgeTraffic(facts: PreflightFacts): Judgement {
  const seen = trafficOf(facts)
  if (seen === null) return NO_COUNTERS
  const rate = attemptsPerSecond(facts) ?? 0
  if (rate > 0) return pass(`${seen.attempts} attempts in ${span(seen.overMs)}, ${describeRate(rate)}`)
  const step = tightestOf(facts.plan)
  const needed = step === null ? '' : `; ${describeNeed(step)}`
  return warn(
    `nobody tried to connect in ${span(seen.overMs)}${needed}`,
    'are users sent to this server? See: wsctl status --watch',
  )
}

function describeNeed({ stepMs, limits: { minAttempts } }: Tightest): string {
  return `each step of ${span(stepMs)} needs ${minAttempts}, one every ${span(stepMs / minAttempts)}`
}

function describeRate(perSecond: number): string {
  return `about ${Number(perSecond.toPrecision(2))} a second`
}

/** Of a step, until a rate means anything: what is over by then was not judged. */
const LONGEST_WAIT_SHARE = 1 / 3

/** Whether the steps are long enough, at the rate of attempts seen, for the thresholds to mean something. */
export function judgeThresholds(facts: PreflightFacts): Judgement {
  const { plan } = facts
  const step = tightestOf(plan)
  if (step === null) return unchecked('nothing is observed')
  if (!plan.monitoring) return unchecked('nothing is judged (--no-monitoring)')
  const seen = trafficOf(facts)
  if (seen === null || seen.overMs === 0) return NO_COUNTERS
  if (seen.attempts === 0) return noneConclusive(plan, step, seen.overMs)
  const perMs = seen.attempts / seen.overMs
  const told = paceOf(step, seen)
  const doubts = [...doubtsAboutLittle(step, seen), ...doubtsAbout(plan, step, perMs)]
  if (doubts.length > 0) {
    const reasons = doubts.map(({ reason }) => reason)
    return warn([told, ...reasons].join('; '), ...suggestionsFor(plan, doubts))
  }
  const { maxRoutingErrors, windowMs } = step.limits
  const share = formatPercent((maxRoutingErrors / (perMs * windowMs)) * 100)
  return pass(
    `${told}; ${maxRoutingErrors} routing errors in ${span(windowMs)} are ${share} of the attempts` +
      describeDoubling(plan, perMs),
  )
}

/** The most attempts that any step takes to tell twice its limit of errors from chance; Infinity where one never does. */
function attemptsForDoubling(plan: RolloutPlan): number {
  const certainty = certaintyOf(plan.analysis)
  const observed = plan.steps.filter(({ durationMs }) => durationMs !== 0)
  return Math.max(
    ...observed.map((step) => attemptsToFindDoubling(step.thresholds ?? plan.thresholds, plan, certainty)),
  )
}

function describeDoubling(plan: RolloutPlan, perMs: number): string {
  const attempts = attemptsForDoubling(plan)
  if (!Number.isFinite(attempts)) return ''
  return `; twice the limit of errors is told from chance after about ${attempts} attempts, which take ${span(attempts / perMs)}`
}

function countOf(attempts: number): string {
  return `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`
}

/** What was seen, how long it takes until a rate means anything, and what a step sees. */
function paceOf({ stepMs, limits: { minAttempts } }: Tightest, { attempts, overMs }: Traffic): string {
  const perMs = attempts / overMs
  return (
    `${countOf(attempts)} in ${span(overMs)}: about ${span(minAttempts / perMs)} until ` +
    `${countOf(minAttempts)}; a step of ${span(stepMs)} sees about ${Math.round(perMs * stepMs)}`
  )
}

function noneConclusive(plan: RolloutPlan, { stepMs, limits }: Tightest, overMs: number): Judgement {
  return warn(
    `no attempt in ${span(overMs)}: without traffic no step can be conclusive, for a rate needs ${limits.minAttempts} attempts, and ` +
      `a step of ${span(stepMs)} ${ENDS[plan.onInconclusive]}`,
    'begin when users connect, or look again then: wsctl preflight',
  )
}

/** How a step ends that saw too little. */
const ENDS: Readonly<Record<RolloutPlan['onInconclusive'], string>> = {
  extend: 'is then extended once, and the rollout held',
  advance: 'then goes on without proof',
  hold: 'then holds the rollout',
  rollback: 'then rolls back',
}

/**
 * Attempts that a row of as many as were seen may be chance for: with 19 of 20 such rows the true number is
 * higher. An approximation of the Poisson distribution's lower bound (Wilson and Hilferty).
 */
function atLeast(attempts: number): number {
  return attempts * (1 - 1 / (9 * attempts) - 1.645 / (3 * Math.sqrt(attempts))) ** 3
}

/** Steps that are long enough, but not by much, or only when the little that was seen was no chance. */
function doubtsAboutLittle(
  { stepMs, limits: { minAttempts } }: Tightest,
  { attempts, overMs }: Traffic,
): readonly Doubt[] {
  const perMs = attempts / overMs
  if (perMs * stepMs < minAttempts) return []
  const neededMs = minAttempts / perMs
  if (neededMs > stepMs * LONGEST_WAIT_SHARE) {
    const share = formatPercent((neededMs / stepMs) * 100)
    return [
      {
        reason: `the first ${share} of a step cannot be judged`,
        enoughMs: neededMs / LONGEST_WAIT_SHARE,
      },
    ]
  }
  const surelyPerMs = atLeast(attempts) / overMs
  if (surelyPerMs * stepMs >= minAttempts) return []
  return [
    {
      reason: `that few may be chance: it may be no more than ${Math.floor(surelyPerMs * stepMs)} in a step`,
      enoughMs: minAttempts / surelyPerMs,
    },
  ]
}

interface Doubt {
  readonly reason: string
  /** What to do about it; undefined where longer steps are all it takes. */
  readonly suggestion?: string
  /** Length of a step that is enough, ms. */
  readonly enoughMs?: number
}

/** Of several lengths that are enough the longest is. */
function suggestionsFor({ command }: RolloutPlan, doubts: readonly Doubt[]): readonly string[] {
  const enoughMs = Math.max(0, ...doubts.flatMap((doubt) => doubt.enoughMs ?? []))
  const flag = command === 'deploy full' ? '--duration' : '--step-duration'
  return [
    ...doubts.flatMap(({ suggestion }) => suggestion ?? []),
    ...(enoughMs === 0 ? [] : [`make steps longer: ${flag} ${span(enoughMs, Math.ceil)}`]),
  ]
}

function doubtsAbout(plan: RolloutPlan, { stepMs, limits }: Tightest, perMs: number): readonly Doubt[] {
  const { minAttempts, minAdoption, windowMs, pollIntervalMs } = limits
  const seen = perMs * stepMs
  const doubts: Doubt[] = []
  if (stepMs < pollIntervalMs) {
    doubts.push({
      reason: `a step of ${span(stepMs)} is over before the second check, as --poll-interval is ${span(pollIntervalMs)}`,
      suggestion: `check more often: --poll-interval ${span(stepMs / 5, Math.ceil)}`,
    })
  }
  if (seen < minAttempts) {
    doubts.push({
      reason: `${minAttempts} attempts take ${span(minAttempts / perMs)}, longer than a step of ${span(stepMs)}`,
      enoughMs: minAttempts / perMs,
    })
  } else if (perMs * windowMs < minAttempts) {
    doubts.push({
      reason: `a check looks back ${span(windowMs)} at most, in which there are about ${Math.round(perMs * windowMs)} of the ${minAttempts} attempts that a rate needs`,
      suggestion: `look back further: --window ${span(minAttempts / perMs, Math.ceil)}`,
    })
  }
  const observed = plan.steps.filter(({ percentage, durationMs }) => percentage > 0 && durationMs !== 0)
  const lowest = observed[0]?.percentage ?? 0
  const noticed = attemptsToNotice(lowest, minAdoption)
  if (Number.isFinite(noticed) && seen >= minAttempts && seen < noticed) {
    doubts.push({
      reason: `at ${lowest} % it takes ${noticed} attempts to notice that users are turned away without an error, and a step sees about ${Math.round(seen)}`,
      enoughMs: noticed / perMs,
    })
  }
  const doubled = attemptsForDoubling(plan)
  if (isSequential(plan) && Number.isFinite(doubled) && seen >= minAttempts && seen < doubled) {
    doubts.push({
      reason: `a step sees about ${Math.round(seen)} attempts, and it takes about ${doubled} to tell twice the limit of errors from chance`,
      enoughMs: doubled / perMs,
    })
  }
  return doubts
}
