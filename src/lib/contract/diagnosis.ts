import * as z from 'zod'
import { exitCodeOf } from '../core/outcome.js'
import { settingsOf } from '../core/preflight-facts.js'
import { TROUBLE_LEVELS, TROUBLES, type Trouble, type TroubleFacts } from '../core/trouble.js'
import { attemptsOf, difference } from '../core/window.js'
import { count, exitCodeSchema, modeSchema, outcomeSchema, percentage } from './shared.js'

/** `diagnose`. */
export const diagnosisDocumentSchema = z.object({
  schema: z.literal('wsctl/diagnosis@1'),
  server: z.string(),
  outcome: outcomeSchema.describe('failed when a finding is a problem, else completed'),
  exitCode: exitCodeSchema,
  settings: z.object({ mode: modeSchema, percentage }).nullable().describe('null: the server could not be read'),
  observedMs: z.number().describe('how long the server was looked at, ms'),
  attempts: count.nullable().describe('seen in that time; null when they could not be counted'),
  findings: z.array(
    z.object({
      trouble: z.enum(TROUBLES),
      level: z.enum(TROUBLE_LEVELS),
      title: z.string(),
      evidence: z.array(z.string()).readonly().describe('with the numbers behind it'),
      advice: z.array(z.string()).readonly().describe('what to look at, most likely first'),
      next: z.array(z.string()).readonly().describe('what to type, most useful first'),
    }),
  ),
})
export type DiagnosisDocument = z.output<typeof diagnosisDocumentSchema>

export function toDiagnosisDocument(facts: TroubleFacts, findings: readonly Trouble[]): DiagnosisDocument {
  const { readings, plan } = facts
  const [first, last] = [readings[0], readings.at(-1)]
  const settings = settingsOf(facts)
  const attempts = first && last && attemptsOf(difference(first.status.counters, last.status.counters))
  const outcome = findings.some(({ level }) => level === 'problem') ? 'failed' : 'completed'
  return {
    schema: 'wsctl/diagnosis@1',
    server: plan.server,
    outcome,
    exitCode: exitCodeOf(outcome),
    settings: settings && { mode: settings.mode, percentage: settings.percentage },
    observedMs: first && last ? last.atMs - first.atMs : 0,
    // Counters that went down are those of another process.
    attempts: attempts === undefined || attempts < 0 ? null : attempts,
    findings: [...findings],
  }
}
