import * as z from 'zod'

/** `rollout resume --if-left` that had nothing to take up. */
export const notResumedDocumentSchema = z.object({
  schema: z.literal('wsctl/not-resumed@1'),
  rolloutId: z.string().nullable().describe('the run that was left alone; null: none was left'),
  reason: z.string(),
})
export type NotResumedDocument = z.output<typeof notResumedDocumentSchema>
