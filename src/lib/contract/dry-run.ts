import * as z from 'zod'
import { ORDERS } from '../core/control.js'

const lines = z.array(z.object({ line: z.int().positive().describe('from 1'), text: z.string() })).readonly()
const when = z.string().nullable().describe('what has to come first; null: nothing')

/** A command under `--dry-run`: what it would write, in order, when all goes well. */
export const dryRunDocumentSchema = z.object({
  schema: z.literal('wsctl/dry-run@1'),
  command: z.string(),
  server: z.string().nullable().describe('null: the command talks to none'),
  writes: z.array(
    z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('request'),
        when,
        method: z.literal('POST'),
        path: z.string().describe('below the address of the server'),
        body: z.record(z.string(), z.unknown()).nullable().describe('sent as JSON; null: nothing is sent'),
      }),
      z.object({
        kind: z.literal('environment-file'),
        when,
        path: z.string(),
        removed: lines.describe('lines of the file that go; what is none of the seven variables is not shown'),
        added: lines.describe('lines that come'),
      }),
      z.object({ kind: z.literal('file'), when, path: z.string(), removed: lines, added: lines }),
      z.object({
        kind: z.literal('record'),
        when,
        path: z.string().describe('a file that is only ever added to'),
        entry: z.record(z.string(), z.unknown()).describe('the line that is added'),
      }),
      z.object({
        kind: z.literal('order'),
        when,
        path: z.string().describe('the folder in which it is left for the run'),
        rolloutId: z.string(),
        order: z.enum(ORDERS),
        step: z.int().positive().nullable().describe('number of the step that a promotion means, from 1'),
        by: z.string(),
        reason: z.string().nullable(),
        objection: z.string().nullable().describe('why the run would not follow it now; null: it would'),
      }),
      z.object({
        kind: z.literal('message'),
        when,
        target: z.string(),
        title: z.string(),
        message: z.string(),
      }),
    ]),
  ),
  warnings: z.array(z.string()).readonly().describe('what the checks before a run warn of'),
  notes: z.array(z.string()).readonly().describe('what is to be known besides'),
})
export type DryRunDocument = z.output<typeof dryRunDocumentSchema>
export type DryRunWrite = DryRunDocument['writes'][number]
