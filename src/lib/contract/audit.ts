import * as z from 'zod'
import type { AuditEntry, NewEntry } from '../core/audit-entry.js'
import { SERVER_CHANGES } from '../core/change.js'
import { count, snapshotSchema, time } from './shared.js'

/** The `schema` field of each line of the record. */
const ENTRY_SCHEMA = 'wsctl/audit-entry@1'

const settings = snapshotSchema
  .unwrap()
  .extend({
    explicitRolloutUsers: count.nullable().describe('length of the rollout list; null: not known'),
    forcedLegacyUsers: count.nullable().describe('length of the force-legacy list; null: not known'),
  })
  .readonly()
  .nullable()

const variables = z.record(z.string(), z.string().nullable()).readonly().nullable()

const common = {
  schema: z.literal(ENTRY_SCHEMA),
  time,
  operator: z.string().describe('who, and on which machine'),
  pid: z.int().nonnegative(),
  command: z.string(),
  rolloutId: z.string().nullable().describe('null: it was no run'),
  server: z
    .string()
    .nullable()
    .describe(
      'base URL; null: neither flag, variable nor context named one, as may be when an environment file was changed by hand',
    ),
  reason: z.string().nullable().describe('null: the command says it all'),
  failure: z
    .string()
    .nullable()
    .describe('null: it was accepted; a call that failed may have worked all the same, which its run reads back'),
}

/** One change to a server or to its environment file, or an item of the checklist that somebody signed. */
export const auditEntrySchema = z.discriminatedUnion('target', [
  z.object({
    ...common,
    target: z.literal('server'),
    change: z.enum(SERVER_CHANGES),
    before: settings.describe('as it was read last; null: it was never read'),
    after: settings.describe('what was asked for; null: it rests on what was never read'),
  }),
  z.object({
    ...common,
    target: z.literal('environment-file'),
    change: z.enum(['write', 'set', 'restore']).describe('write: by a run'),
    path: z.string(),
    before: variables.describe("the server's variables, null where not set; null: they could not be read"),
    after: variables.describe("the server's variables, null where not set; null: they could not be read"),
  }),
  z.object({
    ...common,
    target: z.literal('checklist'),
    change: z.literal('sign'),
    reason: z.string().describe("what the operator vouches for, in the operator's words"),
    item: z.string().describe('id of an item of the checklist'),
  }),
])

/** `audit`. */
export const auditDocumentSchema = z.object({
  schema: z.literal('wsctl/audit@1'),
  path: z.string(),
  entries: z.array(auditEntrySchema).describe('newest first'),
})
export type AuditDocument = z.output<typeof auditDocumentSchema>

/** One line, without its end. */
export function encodeEntry(entry: NewEntry): string {
  return JSON.stringify({ schema: ENTRY_SCHEMA, ...entry })
}

/** Reads one line; null when it is none, as one that was torn, or that a later wsctl wrote. */
export function decodeEntry(line: string): AuditEntry | null {
  try {
    return auditEntrySchema.parse(JSON.parse(line))
  } catch {
    return null
  }
}
