import * as z from 'zod'
import { exitCodeOf } from '../core/outcome.js'
import type { RolloutState } from '../core/rollout.js'
import { effectivePercentage } from '../core/server.js'
import { exitCodeSchema, outcomeSchema, percentage, time } from './shared.js'

/** `history`, without an id. */
export const historyDocumentSchema = z.object({
  schema: z.literal('wsctl/history@1'),
  runs: z.array(
    z.object({
      rolloutId: z.string(),
      command: z.string(),
      server: z.string(),
      outcome: outcomeSchema.nullable().describe('null: it is running, or was cut off'),
      exitCode: exitCodeSchema.nullable(),
      startedAt: time,
      endedAt: time.nullable(),
      from: percentage.nullable().describe('share of users on unified before, whole per cent'),
      to: percentage.nullable().describe('share of users on unified after, whole per cent'),
      reason: z.string().nullable(),
    }),
  ),
})

export function toHistoryDocument(states: readonly RolloutState[]): z.output<typeof historyDocumentSchema> {
  return {
    schema: 'wsctl/history@1',
    runs: states.map((state) => {
      const { plan, phase } = state
      const end = phase.name === 'finished' ? phase : null
      return {
        rolloutId: plan.id,
        command: plan.command,
        server: plan.server,
        outcome: end?.outcome ?? null,
        exitCode: end && exitCodeOf(end.outcome),
        startedAt: state.startedAt,
        endedAt: state.endedAt,
        from: plan.before && effectivePercentage(plan.before),
        to: state.status && effectivePercentage(state.status.settings),
        reason: end?.reason ?? null,
      }
    }),
  }
}
