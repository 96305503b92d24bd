import * as z from 'zod'

/** A run that goes on in the background. */
export const detachedDocumentSchema = z.object({
  schema: z.literal('wsctl/detached@1'),
  command: z.string(),
  rolloutId: z.string(),
  server: z.string(),
  pid: z.int().positive().describe('process that works on it'),
  log: z.string().describe('file with what it prints'),
})
export type DetachedDocument = z.output<typeof detachedDocumentSchema>
