import * as z from 'zod'
import { count, percentage } from './shared.js'

/** `plan lint` and `plan init`: a plan file without a mistake. */
export const planCheckDocumentSchema = z.object({
  schema: z.literal('wsctl/plan-check@1'),
  path: z.string(),
  name: z.string().nullable(),
  steps: count,
  maxPercentage: percentage,
})
export type PlanCheckDocument = z.output<typeof planCheckDocumentSchema>
