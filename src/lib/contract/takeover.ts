import * as z from 'zod'
import type { Claim } from '../core/claim.js'
import { time } from './shared.js'

/** What a companion does with a run, as far as it can be told. */
const COMPANION_TASKS = ['observing', 'rolling-back'] as const

/** A run that its companion goes on with, because its process died. */
const takenOverSchema = z.object({
  at: time.describe('about when the process ended, and since when its companion goes on'),
  diedPid: z.int().positive().describe('process that ended'),
  diedOperator: z.string().describe('who ran it, and on which machine'),
  companionPid: z.int().positive(),
  doing: z.enum(COMPANION_TASKS).describe('observing: it raises nothing more, and rolls back on a breach'),
})
export type TakenOver = z.output<typeof takenOverSchema>

/** In every document about a run at work. */
export const takenOver = takenOverSchema
  .nullable()
  .describe('its companion goes on with it, because its process died; null: that is not so')

/** Null when it is no companion that works on the run. */
export function toTakenOver(
  { takeover, since, pid }: Pick<Claim, 'takeover' | 'since' | 'pid'>,
  isRollingBack: boolean,
): TakenOver | null {
  if (takeover === null) return null
  const { policy, diedPid, diedOperator } = takeover
  const doing = isRollingBack || policy === 'rollback' ? 'rolling-back' : 'observing'
  return { at: since, diedPid, diedOperator, companionPid: pid, doing }
}
