import * as z from 'zod'

/** `sandbox`, once it listens. */
export const sandboxDocumentSchema = z.object({
  schema: z.literal('wsctl/sandbox@1'),
  server: z.string().describe('base URL'),
  token: z.string().describe('the admin token that it takes; it guards nothing'),
})
export type SandboxDocument = z.output<typeof sandboxDocumentSchema>
