import * as z from 'zod'

/** `explain`. */
export const explanationDocumentSchema = z.object({
  schema: z.literal('wsctl/explanation@1'),
  topics: z.array(
    z.object({
      name: z.string(),
      kind: z.string().describe('exit code, verdict, threshold, phase or code'),
      also: z.array(z.string()).readonly().describe('what else may be typed for it, such as the exit code'),
      means: z.string(),
      why: z.string(),
      next: z.array(z.string()).readonly().describe('what to do, most useful first'),
    }),
  ),
})
export type ExplanationDocument = z.output<typeof explanationDocumentSchema>
