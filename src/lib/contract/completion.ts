import * as z from 'zod'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** `completion`. */
export const completionDocumentSchema = z.object({
  schema: z.literal('wsctl/completion@1'),
  shell: z.enum(SHELLS),
  script: z.string(),
})
export type CompletionDocument = z.output<typeof completionDocumentSchema>
