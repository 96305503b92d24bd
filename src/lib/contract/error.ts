import * as z from 'zod'
import type { WsctlError } from '../core/error.js'
import { errorSchema, exitCodeSchema, outcomeSchema } from './shared.js'

/** A command other than a run that failed. */
export const errorDocumentSchema = z.object({
  schema: z.literal('wsctl/error@1'),
  command: z.string(),
  outcome: outcomeSchema,
  exitCode: exitCodeSchema,
  error: errorSchema,
})

export function errorDocument(command: string, error: WsctlError): z.output<typeof errorDocumentSchema> {
  const { code, message, suggestions, outcome, exitCode } = error
  return { schema: 'wsctl/error@1', command, outcome, exitCode, error: { code, message, suggestions } }
}
