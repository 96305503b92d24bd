import * as z from 'zod'
import { exitCodeOf } from '../core/outcome.js'
import { examineSelf, SELF_CHECKS, type SelfFacts } from '../core/self-check.js'
import { count, exitCodeSchema, outcomeSchema, time } from './shared.js'

const ORIGINS = ['flag', 'variable', 'dotenv', 'context', 'default'] as const

/** `doctor`. */
export const doctorDocumentSchema = z.object({
  schema: z.literal('wsctl/doctor@1'),
  outcome: outcomeSchema.describe('failed when something would stop a rollout, else completed'),
  exitCode: exitCodeSchema,
  versions: z.object({
    wsctl: z.string(),
    node: z.string(),
    platform: z.string().describe('system, processor and release'),
  }),
  contexts: z.object({
    path: z.string(),
    exists: z.boolean(),
    mode: z.string().nullable().describe('rights, such as 0600; null without a file'),
    used: z.string().nullable().describe('the context that is in use'),
  }),
  settings: z.array(
    z.object({
      setting: z.string(),
      value: z.string().nullable().describe('never the token; null: none'),
      from: z.enum(ORIGINS).describe('dotenv: the file .env in the working folder'),
      name: z.string().nullable().describe('of the flag, the variable or the context'),
    }),
  ),
  token: z
    .object({
      source: z.string(),
      expiresAt: time.nullable().describe('null: it does not say'),
      renewable: z.boolean(),
    })
    .nullable()
    .describe('null: there is none, or it cannot be read'),
  records: z
    .object({
      folder: z.string(),
      freeBytes: count.nullable(),
      runs: count,
      left: z.array(z.string()).describe('ids of runs that were left without a process'),
    })
    .nullable()
    .describe('null: settings are wrong'),
  server: z
    .object({
      latencyMs: z.number().describe('ms'),
      aheadMs: z.number().nullable().describe('how far its clock is ahead, ms; to half a second'),
    })
    .nullable()
    .describe('null: it did not answer'),
  terminal: z.object({
    stdout: z.boolean().describe('whether it is a terminal'),
    stderr: z.boolean().describe('whether it is a terminal'),
    columns: count.nullable(),
    colour: z.boolean(),
    live: z.boolean().describe('whether progress may be drawn over itself'),
    type: z.string().nullable().describe('TERM'),
  }),
  findings: z.array(
    z.object({
      check: z.enum(SELF_CHECKS),
      verdict: z.enum(['pass', 'warn', 'fail']),
      reason: z.string(),
      suggestions: z.array(z.string()).readonly(),
    }),
  ),
})
export type DoctorDocument = z.output<typeof doctorDocumentSchema>

/** What the package says of the versions of Node that it runs on. */
export const packageSchema = z.object({ engines: z.object({ node: z.string() }) })

/** What is told besides the checks. */
export type AboutSelf = Pick<DoctorDocument, 'versions' | 'settings' | 'terminal'>

export function toDoctorDocument(facts: SelfFacts, about: AboutSelf): DoctorDocument {
  const findings = [...examineSelf(facts)]
  const outcome = findings.some(({ verdict }) => verdict === 'fail') ? 'failed' : 'completed'
  const { contexts, token, records, greeting } = facts
  const { path, exists, mode, used } = contexts
  return {
    schema: 'wsctl/doctor@1',
    outcome,
    exitCode: exitCodeOf(outcome),
    versions: about.versions,
    contexts: { path, exists, mode, used },
    settings: about.settings,
    token:
      token == null || token instanceof Error
        ? null
        : { source: token.origin, expiresAt: toIso(token.expiresMs), renewable: token.renewable },
    records: records && {
      folder: records.folder,
      freeBytes: records.freeBytes,
      runs: records.runs,
      left: [...records.left],
    },
    server:
      greeting === null || greeting instanceof Error ? null : { latencyMs: greeting.tookMs, aheadMs: greeting.aheadMs },
    terminal: about.terminal,
    findings,
  }
}

function toIso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
