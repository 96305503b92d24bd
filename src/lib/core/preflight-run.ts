/** Checks of what the run sets out to do, against where the server is and what happens on it. */
import { attemptsToNotice, formatPercent } from './analysis.js'
import { DEFAULT_CONFIDENCE, DEFAULT_DESIGN_EFFECT } from './judging.js'
import { fail, pass, unchecked, warn, type Judgement } from './judgement.js'
import { frozenBy } from './freeze.js'
import { findPins, unknownPins } from './pins.js'
import { settingsOf, surveyOf, type PreflightFacts } from './preflight-facts.js'
import type { RolloutPlan } from './rollout.js'
import { attemptsToFindDoubling, isSequential } from './sequential.js'
import { describeSettings } from './server.js'
import { span } from './span.js'
import { attemptsOf, difference } from './window.js'

const NO_ANSWER = unchecked('the server could not be read')
const NO_COUNTERS = unchecked('there are no counters of one steady server process to compare')

/** How long the steps of a plan take together, ms. */
export function plannedMs({ steps, baseline }: Pick<RolloutPlan, 'steps' | 'baseline'>): number {
  const beforeMs = baseline !== null && 'durationMs' in baseline ? baseline.durationMs : 0
  return steps.reduce((sum, { durationMs }) => sum + (durationMs ?? 0), beforeMs)
}

/** How long they take when each is extended by its own length, ms. */
export function longestMs(plan: Pick<RolloutPlan, 'steps' | 'baseline' | 'onInconclusive'>): number {
  return plannedMs(plan) * (plan.onInconclusive === 'extend' ? 2 : 1)
}

/** Attempts a second while the readings were made; null when they were none of one steady process. */
export function attemptsPerSecond(facts: PreflightFacts): number | null {
  const seen = trafficOf(facts)
  return seen === null || seen.overMs === 0 ? null : (seen.attempts / seen.overMs) * 1000
}

function trafficOf(facts: PreflightFacts): { readonly attempts: number; readonly overMs: number } | null {
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

const RENEW = 'give one that can be renewed: --token-command COMMAND (run again before it expires) or --token-file FILE'

export function judgeTokenLife({ token, plan, nowMs }: PreflightFacts): Judgement {
  if (token === null) return unchecked('no token was given')
  const { origin, expiresMs, renewable } = token
  const needed = plannedMs(plan) === 0 ? 'the run observes nothing' : `the run takes ${span(plannedMs(plan))}`
  if (expiresMs === null) {
    if (plannedMs(plan) === 0) return pass(`the token does not say when it expires; ${needed}`)
    return renewable
      ? pass(`the token does not say when it expires; once it is refused, a new one is taken from ${origin}`)
      : warn(`the token in ${origin} does not say when it expires, and cannot be renewed; ${needed}`, RENEW)
  }
  const leftMs = expiresMs - nowMs
  const left = leftMs > 0 ? `expires in ${span(leftMs)}` : `expired ${span(-leftMs)} ago`
  if (renewable) return pass(`the token ${left}, and a new one is taken from ${origin} in time; ${needed}`)
  if (leftMs <= plannedMs(plan)) return fail(`the token in ${origin} ${left}, and ${needed}`, RENEW)
  const safeMs = longestMs(plan) + plan.rollbackTimeoutMs
  if (leftMs > safeMs) return pass(`the token ${left}; ${needed}`)
  return warn(
    `the token in ${origin} ${left}; ${needed}, but up to ${span(safeMs)} with every extension and a rollback at the end`,
    RENEW,
  )
}

export function judgeTraffic(facts: PreflightFacts): Judgement {
  const seen = trafficOf(facts)
  if (seen === null) return NO_COUNTERS
  const rate = attemptsPerSecond(facts) ?? 0
  if (rate > 0) return pass(`${seen.attempts} attempts in ${span(seen.overMs)}, ${describeRate(rate)}`)
  const { minAttempts } = facts.plan.thresholds
  const stepMs = shortestStepMs(facts.plan)
  const needed =
    stepMs === null
      ? ''
      : `; each step of ${span(stepMs)} needs ${minAttempts}, one every ${span(stepMs / minAttempts)}`
  return warn(
    `nobody tried to connect in ${span(seen.overMs)}${needed}`,
    'are users sent to this server? See: wsctl status --watch',
  )
}

/** The shortest observation in the plan, ms; null when nothing is observed. */
function shortestStepMs({ steps }: RolloutPlan): number | null {
  const observed = steps.flatMap(({ durationMs }) => (durationMs ? [durationMs] : []))
  return observed.length === 0 ? null : Math.min(...observed)
}

function describeRate(perSecond: number): string {
  return `about ${Number(perSecond.toPrecision(2))} a second`
}

/** Whether the steps are long enough, at the rate of attempts seen, for the thresholds to mean something. */
export function judgeThresholds(facts: PreflightFacts): Judgement {
  const { plan } = facts
  const stepMs = shortestStepMs(plan)
  if (stepMs === null) return unchecked('nothing is observed')
  if (!plan.monitoring) return unchecked('nothing is judged (--no-monitoring)')
  const perSecond = attemptsPerSecond(facts)
  if (perSecond === null) return NO_COUNTERS
  if (perSecond === 0) return unchecked('no traffic was seen')
  const perMs = perSecond / 1000
  const doubts = doubtsAbout(plan, stepMs, perMs)
  if (doubts.length > 0) {
    return warn(doubts.map(({ reason }) => reason).join('; '), ...new Set(doubts.map(({ suggestion }) => suggestion)))
  }
  const { minAttempts, maxRoutingErrors, windowMs } = plan.thresholds
  return pass(
    `${minAttempts} attempts take ${span(minAttempts / perMs)} of a step of ${span(stepMs)}; ` +
      `${maxRoutingErrors} routing errors in ${span(windowMs)} are ${formatPercent((maxRoutingErrors / (perMs * windowMs)) * 100)} of the attempts` +
      describeDoubling(plan, perMs),
  )
}

/** The most attempts that any step takes to tell twice its limit of errors from chance; Infinity where one never does. */
function attemptsForDoubling(plan: RolloutPlan): number {
  const how = isSequential(plan)
    ? plan.analysis
    : { confidence: DEFAULT_CONFIDENCE, designEffect: DEFAULT_DESIGN_EFFECT }
  const observed = plan.steps.filter(({ durationMs }) => durationMs !== 0)
  return Math.max(...observed.map((step) => attemptsToFindDoubling(step.thresholds ?? plan.thresholds, plan, how)))
}

function describeDoubling(plan: RolloutPlan, perMs: number): string {
  const attempts = attemptsForDoubling(plan)
  if (!Number.isFinite(attempts)) return ''
  return `; twice the limit of errors is told from chance after about ${attempts} attempts, which take ${span(attempts / perMs)}`
}

interface Doubt {
  readonly reason: string
  readonly suggestion: string
}

function doubtsAbout(plan: RolloutPlan, stepMs: number, perMs: number): readonly Doubt[] {
  const { minAttempts, minAdoption, windowMs, pollIntervalMs } = plan.thresholds
  const flag = plan.command === 'deploy full' ? '--duration' : '--step-duration'
  const longer = (attempts: number): string => `make steps longer: ${flag} ${span(attempts / perMs, Math.ceil)}`
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
      suggestion: longer(minAttempts),
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
      suggestion: longer(noticed),
    })
  }
  const doubled = attemptsForDoubling(plan)
  if (isSequential(plan) && Number.isFinite(doubled) && seen >= minAttempts && seen < doubled) {
    doubts.push({
      reason: `a step sees about ${Math.round(seen)} attempts, and it takes about ${doubled} to tell twice the limit of errors from chance`,
      suggestion: longer(doubled),
    })
  }
  return doubts
}

export function judgeStart(facts: PreflightFacts): Judgement {
  const settings = settingsOf(facts)
  if (settings === null) return NO_ANSWER
  const { startRefusal, plan } = facts
  if (startRefusal !== null) return fail(startRefusal.message, ...startRefusal.suggestions)
  const frozen = plan.intent === 'raise' ? frozenBy(plan.freeze, facts.nowMs) : null
  if (frozen !== null)
    return fail(`nothing is raised within ${frozen.text}`, 'wait until it is over, or leave --freeze out')
  const target = plan.steps[0]?.target
  return pass(
    `the server is at ${describeSettings(settings)}${target ? `, and the run begins at ${describeSettings(target)}` : ''}`,
  )
}

export function judgePins(facts: PreflightFacts): Judgement {
  const settings = settingsOf(facts)
  if (settings === null) return NO_ANSWER
  const findings = findPins(settings, facts.pinSources)
  if (findings.pins !== null) {
    const { rolloutUsers, forceLegacyUsers } = findings.pins
    return pass(`known: ${rolloutUsers.length} on the rollout list, ${forceLegacyUsers.length} forced to legacy`)
  }
  const { message, suggestions } = unknownPins(findings)
  return fail(message, ...suggestions)
}
