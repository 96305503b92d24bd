import * as z from 'zod'
import { bucketOf, type AssignmentReason } from '../core/assignment.js'
import type { UserAnswer } from './admin-api.js'

const REASONS = ['forced-legacy', 'listed', 'bucket', 'mode'] as const satisfies readonly AssignmentReason[]

/** `user`. */
export const userDocumentSchema = z.object({
  schema: z.literal('wsctl/user@1'),
  users: z.array(
    z.object({
      userId: z.string(),
      system: z.enum(['legacy', 'unified']),
      useUnified: z.boolean(),
      reason: z.enum(REASONS),
      inExplicitList: z.boolean(),
      forcedLegacy: z.boolean(),
      bucket: z.int().min(0).max(99).describe("bucket of the server's hash, 0-99"),
      movesAtPercentage: z
        .int()
        .min(0)
        .max(100)
        .nullable()
        .describe('percentage of mode gradual from which the user is on unified; null: never, forced to legacy'),
    }),
  ),
})

export function toUserDocument(answers: readonly UserAnswer[]): z.output<typeof userDocumentSchema> {
  return {
    schema: 'wsctl/user@1',
    users: answers.map((answer) => {
      const bucket = bucketOf(answer.user_id)
      return {
        userId: answer.user_id,
        system: answer.system,
        useUnified: answer.use_unified,
        reason: reasonOf(answer),
        inExplicitList: answer.in_explicit_list,
        forcedLegacy: answer.forced_legacy,
        bucket,
        movesAtPercentage: movesAt(answer, bucket),
      }
    }),
  }
}

/** Modes disabled and full leave nothing to lists and buckets, but for the users forced to legacy. */
function reasonOf({
  migration_mode: mode,
  forced_legacy: forced,
  in_explicit_list: listed,
}: UserAnswer): AssignmentReason {
  if (mode === 'disabled') return 'mode'
  if (forced) return 'forced-legacy'
  if (mode === 'full') return 'mode'
  if (listed) return 'listed'
  return mode === 'gradual' ? 'bucket' : 'mode'
}

function movesAt({ forced_legacy: forced, in_explicit_list: listed }: UserAnswer, bucket: number): number | null {
  if (forced) return null
  return listed ? 0 : bucket + 1
}
