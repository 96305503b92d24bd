import * as z from 'zod'
import { CHECKLIST_PHASES, type ChecklistPhase } from '../core/checklist.js'
import type { JudgedItem } from '../core/checklist-evidence.js'
import { count, time } from './shared.js'

/** The phases of a checklist, in documents that hold one. */
export const checklistSchema = z.array(
  z.object({
    phase: z.enum(CHECKLIST_PHASES),
    items: z.array(
      z.object({
        id: z.string(),
        text: z.string(),
        status: z.enum(['proven', 'signed', 'open']).describe('proven: by records; signed: by a person'),
        evidence: z
          .object({ text: z.string(), rolloutId: z.string().nullable().describe('null: several runs, or none') })
          .nullable(),
        signature: z.object({ by: z.string(), at: time, note: z.string() }).nullable().describe('the newest'),
      }),
    ),
  }),
)
export type Checklist = z.output<typeof checklistSchema>

/** `checklist` and `checklist sign`. */
export const checklistDocumentSchema = z.object({
  schema: z.literal('wsctl/checklist@1'),
  server: z.string(),
  since: time
    .nullable()
    .describe('everybody was taken back then, and what was proven before counts no more; null: never'),
  phases: checklistSchema,
  proven: count,
  signed: count,
  open: count,
})
export type ChecklistDocument = z.output<typeof checklistDocumentSchema>

/** The items of these phases. */
export function toChecklist(
  judged: readonly JudgedItem[],
  phases: readonly ChecklistPhase[] = CHECKLIST_PHASES,
): Checklist {
  return phases.map((phase) => ({
    phase,
    items: judged
      .filter(({ item }) => item.phase === phase)
      .map(({ item, status, evidence, signature }) => ({
        id: item.id,
        text: item.text,
        status,
        evidence,
        signature: signature && { by: signature.by, at: signature.at, note: signature.note },
      })),
  }))
}

/** How many items of a checklist are so. */
export function countItems(checklist: Checklist, status: JudgedItem['status']): number {
  return checklist.flatMap(({ items }) => items).filter((item) => item.status === status).length
}

export function toChecklistDocument(server: string, since: string | null, phases: Checklist): ChecklistDocument {
  return {
    schema: 'wsctl/checklist@1',
    server,
    since,
    phases,
    proven: countItems(phases, 'proven'),
    signed: countItems(phases, 'signed'),
    open: countItems(phases, 'open'),
  }
}
