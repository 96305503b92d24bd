import * as z from 'zod'
import { exitCodeOf } from '../core/outcome.js'
import type { PreflightFacts } from '../core/preflight-facts.js'
import { longestMs, plannedMs } from '../core/preflight-run.js'
import { attemptsPerSecond } from '../core/preflight-traffic.js'
import { examine, PREFLIGHT_CHECKS, PREFLIGHT_VERDICTS } from '../core/preflight.js'
import { count, exitCodeSchema, outcomeSchema } from './shared.js'

const check = z.enum(PREFLIGHT_CHECKS)

/** `preflight`. */
export const preflightDocumentSchema = z.object({
  schema: z.literal('wsctl/preflight@1'),
  server: z.string(),
  outcome: outcomeSchema.describe('refused when a check failed, else completed'),
  exitCode: exitCodeSchema,
  findings: z.array(
    z.object({
      check,
      verdict: z.enum(PREFLIGHT_VERDICTS),
      reason: z.string(),
      suggestions: z.array(z.string()).readonly().describe('what to type next'),
    }),
  ),
  unchecked: z.array(z.object({ check, reason: z.string() })).describe('what could not be looked into'),
  plan: z.object({
    steps: count,
    plannedMs: z.number().describe('of all steps, ms'),
    longestMs: z.number().describe('with every extension, ms'),
  }),
  attemptsPerSecond: z.number().nullable().describe('while it was looked; null when it could not be told'),
})
export type PreflightDocument = z.output<typeof preflightDocumentSchema>

export function toPreflightDocument(facts: PreflightFacts): PreflightDocument {
  const { findings, unchecked } = examine(facts)
  const { plan } = facts
  const outcome = findings.some(({ verdict }) => verdict === 'fail') ? 'refused' : 'completed'
  return {
    schema: 'wsctl/preflight@1',
    server: plan.server,
    outcome,
    exitCode: exitCodeOf(outcome),
    findings: [...findings],
    unchecked: [...unchecked],
    plan: { steps: plan.steps.length, plannedMs: plannedMs(plan), longestMs: longestMs(plan) },
    attemptsPerSecond: attemptsPerSecond(facts),
  }
}
