import * as z from 'zod'
import { exitCodeOf } from '../core/outcome.js'
import type { RolloutState } from '../core/rollout.js'
import { effectivePercentage } from '../core/server.js'
import { exitCodeSchema, outcomeSchema, percentage, time } from './shared.js'

export const RUN_STATES = ['ended', 'running', 'left'] as const

/** `history`, without an id. */
export const historyDocumentSchema = z.object({
  schema: z.literal('wsctl/history@1'),
  runs: z.array(
    z.object({
      rolloutId: z.string(),
      command: z.string(),
      server: z.string(),
      state: z.enum(RUN_STATES).describe('left: without a process before its end'),
      outcome: outcomeSchema.nullable().describe('null: it has not ended'),
      exitCode: exitCodeSchema.nullable(),
      startedAt: time,
      endedAt: time.nullable(),
      from: percentage.nullable().describe('share of users on unified before, whole per cent'),
      to: percentage.nullable().describe('share of users on unified after, whole per cent'),
      reason: z.string().nullable(),
    }),
  ),
})

/** @param running ids of the runs that a process works on */
export function toHistoryDocument(
  states: readonly RolloutState[],
  running: ReadonlySet<string> = new Set(),
): z.output<typeof historyDocumentSchema> {
  return {
    schema: 'wsctl/history@1',
    runs: states.map((state) => {
      const { plan, phase } = state
      const end = phase.name === 'finished' ? phase : null
      return {
        rolloutId: plan.id,
        command: plan.command,
        server: plan.server,
        state: end ? 'ended' : running.has(plan.id) ? 'running' : 'left',
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
