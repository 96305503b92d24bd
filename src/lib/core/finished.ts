import type { EventBody } from './event.js'
import type { Outcome } from './outcome.js'

/** The end of a run, of whatever kind. */
export function finished(outcome: Outcome, code: string, reason: string): EventBody {
  return { type: 'finished', outcome, code, reason }
}
