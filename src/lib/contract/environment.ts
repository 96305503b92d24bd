import * as z from 'zod'

/** `env`: the variables as they are after the command. */
export const environmentDocumentSchema = z.object({
  schema: z.literal('wsctl/environment@1'),
  path: z.string(),
  variables: z.array(
    z.object({
      name: z.string(),
      value: z.string().nullable().describe('null: the file does not set it'),
      line: z.int().positive().nullable().describe('from 1'),
    }),
  ),
  backup: z.string().nullable().describe('the copy that was made before a change; null when nothing was changed'),
})
export type EnvironmentDocument = z.output<typeof environmentDocumentSchema>
