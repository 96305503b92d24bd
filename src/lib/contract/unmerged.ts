import * as z from 'zod'

/** The `schema` field of the first line of a file of what the shared state has not got yet. */
export const UNMERGED_SCHEMA = 'wsctl/unmerged@1'

/** First line: for which shared state it is, and which process writes it. */
export const unmergedHeaderSchema = z
  .object({
    schema: z.literal(UNMERGED_SCHEMA),
    state: z.string().describe('the shared state, without user and password'),
    place: z.string().describe('machine, boot and process space in which the number of the process means something'),
    pid: z.int().positive(),
    processStart: z.string().nullable().describe('tells the process from a later one with its number; null: not known'),
  })
  .readonly()
export type UnmergedHeader = z.output<typeof unmergedHeaderSchema>

/** Any other line: what is to be merged. */
export const unmergedRecordSchema = z.discriminatedUnion('kind', [
  z
    .object({
      kind: z.literal('event'),
      run: z.string(),
      seq: z.int().positive(),
      fence: z.string().describe('fencing number of the run when it was written'),
      line: z.string().describe('as in a journal'),
    })
    .readonly(),
  z
    .object({ kind: z.literal('audit'), key: z.string(), line: z.string().describe('as in an audit record') })
    .readonly(),
])
export type UnmergedRecord = z.output<typeof unmergedRecordSchema>
export type UnmergedEvent = Extract<UnmergedRecord, { readonly kind: 'event' }>
