/** Checks of what the run sets out to do, against where the server is. */
import { fail, pass, unchecked, warn, type Judgement } from './judgement.js'
import { frozenBy, thawsAt } from './freeze.js'
import { findPins, unknownPins } from './pins.js'
import { settingsOf, type PreflightFacts } from './preflight-facts.js'
import type { RolloutPlan } from './rollout.js'
import { describeSettings } from './server.js'
import { span } from './span.js'

const NO_ANSWER = unchecked('the server could not be read')

/** How long the steps of a plan take together, ms. */
export function plannedMs({ steps, baseline }: Pick<RolloutPlan, 'steps' | 'baseline'>): number {
  const beforeMs = baseline !== null && 'durationMs' in baseline ? baseline.durationMs : 0
  return steps.reduce((sum, { durationMs }) => sum + (durationMs ?? 0), beforeMs)
}

/** How long they take when each is extended by its own length, ms. */
export function longestMs(plan: Pick<RolloutPlan, 'steps' | 'baseline' | 'onInconclusive'>): number {
  return plannedMs(plan) * (plan.onInconclusive === 'extend' ? 2 : 1)
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

export function judgeStart(facts: PreflightFacts): Judgement {
  const settings = settingsOf(facts)
  if (settings === null) return NO_ANSWER
  const { startRefusal, plan } = facts
  if (startRefusal !== null) return fail(startRefusal.message, ...startRefusal.suggestions)
  const frozen = plan.intent === 'raise' ? frozenBy(plan.freeze, facts.nowMs) : null
  if (frozen !== null)
    return fail(
      `nothing is raised within ${frozen.text}${endOf(plan, facts)}`,
      'wait until it is over, or leave --freeze out',
    )
  const target = plan.steps[0]?.target
  return pass(
    `the server is at ${describeSettings(settings)}${target ? `, and the run begins at ${describeSettings(target)}` : ''}`,
  )
}

function endOf({ freeze }: RolloutPlan, { nowMs }: PreflightFacts): string {
  const thawMs = thawsAt(freeze, nowMs)
  return thawMs === null ? '' : `, which ends in ${span(thawMs - nowMs)}`
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
