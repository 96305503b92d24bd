/** What was measured in the course of a run. */
import type { Report } from '../contract/report.js'
import { attemptsToNotice, type ThresholdName } from '../core/analysis.js'
import type { EventOf } from '../core/event.js'
import { limitsOf } from '../core/limits.js'
import { stepAt } from '../core/rollout.js'
import { effectivePercentage } from '../core/server.js'
import type { Thresholds } from '../core/thresholds.js'
import type { Moment } from './moments.js'

/** Every check of a step, in order. */
export function checksOf(moments: readonly Moment[]): Report['checks'] {
  return moments.flatMap(({ event, state }) =>
    event.type === 'checked'
      ? [toCheck(event, limitsOf(state), stepAt(state.plan, event.step).percentage, state.stepTotal.attempts)]
      : [],
  )
}

function toCheck(
  { time, step, check }: EventOf<'checked'>,
  thresholds: Thresholds,
  percentage: number,
  stepAttempts: number,
): Report['checks'][number] {
  const findings = new Map(check.findings.map((finding) => [finding.threshold, finding]))
  const limit = (name: ThresholdName, otherwise: number): number => findings.get(name)?.limit ?? otherwise
  const isAdoptionTold = stepAttempts >= attemptsToNotice(percentage, thresholds.minAdoption)
  return {
    time,
    step: step + 1,
    percentage,
    verdict: check.verdict,
    reason: check.reason,
    attempts: check.attempts,
    errorRate: check.errorRate,
    fallbackRate: check.fallbackRate,
    successRate: check.successRate,
    adoption: isAdoptionTold ? (findings.get('min-adoption')?.value ?? null) : null,
    routingErrors: findings.get('max-routing-errors')?.value ?? null,
    odds: check.findings.reduce<number | null>(
      (highest, { odds }) => (odds === undefined ? highest : Math.max(odds, highest ?? 0)),
      null,
    ),
    broken: check.findings.filter(({ broken }) => broken).map(({ threshold }) => threshold),
    limits: {
      errorRate: limit('max-error-rate', thresholds.maxErrorRate),
      fallbackRate: limit('max-fallback-rate', thresholds.maxFallbackRate),
      successRate: limit('min-success-rate', thresholds.minSuccessRate),
      adoption: limit('min-adoption', thresholds.minAdoption),
      routingErrors: limit('max-routing-errors', thresholds.maxRoutingErrors),
    },
  }
}

/** The share of users on the unified system that the server showed, whenever it changed. */
export function percentagesOf(moments: readonly Moment[]): Report['percentages'] {
  const shown: Report['percentages'] = []
  for (const { event, state } of moments) {
    const settings = state.said ?? state.plan.before
    if (settings === null) continue
    const percentage = effectivePercentage(settings)
    if (percentage !== shown.at(-1)?.percentage) shown.push({ time: event.time, percentage })
  }
  return shown
}

/** Connections open on each system, whenever the server was read. */
export function connectionsOf(moments: readonly Moment[]): Report['connections'] {
  return moments.flatMap(({ event }) =>
    'status' in event && event.status !== null
      ? [{ time: event.time, legacy: event.status.open.legacy, unified: event.status.open.unified }]
      : [],
  )
}
