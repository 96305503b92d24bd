/** A check of a fleet: of the whole, and of each server by itself, so that a bad one does not hide in a healthy sum. */
import { analyse, type Check, type Finding, type Measurement } from './analysis.js'
import { binomialLowerTail } from './binomial.js'
import { observeMember } from './evolve-fleet.js'
import { answered, byServer, NAMED, settingsOfMember, type FleetStatus, type Member } from './fleet.js'
import { expectedOf } from './fleet-state.js'
import { judge, percentageOf } from './judge.js'
import { judgeSequentially } from './judge-sequentially.js'
import { limitsOf } from './limits.js'
import type { RolloutPlan, RolloutState } from './rollout.js'
import { ceilingOf, isSequential, seenOf, type SequentialPlan } from './sequential.js'
import { shows } from './server.js'
import type { Thresholds } from './thresholds.js'
import { add, EMPTY_TALLY, type Tally } from './window.js'

/** Odds of a check that finds any of a healthy fleet's servers at fault by chance; they share it. */
const CHANCE = 0.05

/** Judges a reading of a fleet. The reason names the servers that are at fault. */
export function judgeFleet(state: RolloutState, status: FleetStatus, atMs: number): Check {
  const { plan } = state
  const percentages = new Set(
    status.members.filter(answered).map((member) => percentageOf(settingsOfMember(status, member) ?? status.settings)),
  )
  // Where servers stand at different percentages, what is to be expected of the whole is not known.
  const [percentage = null] = percentages.size === 1 ? percentages : []
  const whole = judge({ ...state, plan: shareOfWhole(plan) }, status, atMs, percentage)
  const atFault = status.members
    .flatMap((member) => judgeMember(state, status, member, atMs) ?? [])
    .toSorted((a, b) => b.severity - a.severity)
  const together = whole.verdict === 'fail'
  const failing = atFault.map(({ server }) => server)
  if (failing.length === 0) return { ...whole, failing, together }
  const named = atFault.slice(0, NAMED).map(({ server, findings }) => `${server}: ${textOf(findings)}`)
  const more = failing.length - named.length
  return {
    ...whole,
    verdict: 'fail',
    reason: [...(together ? [whole.reason] : []), ...named, ...(more > 0 ? [`and ${more} more servers`] : [])].join(
      '; ',
    ),
    findings: [
      ...whole.findings,
      ...atFault.flatMap(({ server, findings }) =>
        findings.map((finding) => ({ ...finding, text: `${server}: ${finding.text}` })),
      ),
    ],
    failing,
    together,
  }
}

interface AtFault {
  readonly server: string
  /** What is broken. */
  readonly findings: readonly Finding[]
  /** Failures of its attempts, 0-1. */
  readonly severity: number
}

/** What is wrong with one server by itself; null when nothing is, or too little is known of it. */
function judgeMember(state: RolloutState, status: FleetStatus, member: Member, atMs: number): AtFault | null {
  const { server } = member
  const limits = limitsOf(state)
  const settings = settingsOfMember(status, member)
  const known = state.fleet?.members[server]
  if (known === undefined || settings === null || !answered(member)) return null
  const expected = expectedOf(state, server)
  // Who has not come to the step says nothing of it.
  if (expected !== null && !shows(settings, expected)) return null
  const own = observeMember(state, known, { before: byServer(state.status).get(server), now: member, atMs })
  if (own.total.attempts < limits.minAttempts) return null
  const recent = own.window.filter(({ step }) => step === state.stepIndex).reduce<Tally>(add, EMPTY_TALLY)
  // Counts are those of the whole: a limit for all of a fleet is none for one of it.
  const measurement: Measurement = {
    recent,
    windowErrors: 0,
    stepTotal: own.total,
    percentage: percentageOf(settings),
  }
  const plan = shareOfMember(state.plan, status.members.length)
  const check =
    own.evidence !== null && isSequential(plan)
      ? judgeSequentially(measurement, { evidence: own.evidence, stepTotal: own.total, limits, plan })
      : analyse(measurement, limits)
  const isBeyondChance = (finding: Finding): boolean =>
    finding.odds !== undefined || exceeds(finding, recent, limits, CHANCE / status.members.length)
  const findings = check.findings.filter((finding) => finding.broken && isBeyondChance(finding))
  if (findings.length === 0) return null
  return { server, findings, severity: recent.attempts === 0 ? 0 : recent.errors / recent.attempts }
}

/** Whether so many failures are not what a rate at its limit brings about now and then, to one of many servers. */
function exceeds({ threshold }: Finding, recent: Tally, limits: Thresholds, chance: number): boolean {
  if (threshold === 'min-adoption' || threshold === 'max-routing-errors') return true
  const { failures, attempts } = seenOf(threshold, recent)
  return binomialLowerTail(attempts - failures, attempts, 1 - ceilingOf(threshold, limits) / 100) < chance
}

function textOf(findings: readonly Finding[]): string {
  return findings.map(({ text }) => text).join('; ')
}

/** The whole and its parts share the chance of a false alarm, half and half. */
function shareOfWhole(plan: RolloutPlan): RolloutPlan {
  return isSequential(plan) && plan.fleet ? withAlpha(plan, (1 - plan.analysis.confidence) / 2) : plan
}

function shareOfMember(plan: RolloutPlan, members: number): RolloutPlan {
  return isSequential(plan) ? withAlpha(plan, (1 - plan.analysis.confidence) / 2 / members) : plan
}

function withAlpha(plan: SequentialPlan, alpha: number): SequentialPlan {
  return { ...plan, analysis: { ...plan.analysis, confidence: 1 - alpha } }
}
