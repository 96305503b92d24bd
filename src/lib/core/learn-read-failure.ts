import { unmeasured } from './analysis.js'
import type { CallFailure } from './error.js'
import type { EventBody } from './event.js'
import { isGoingBack, type RolloutState } from './rollout.js'
import { isFirstThrottle } from './throttling.js'

/** What a reading that failed says. */
export function learnReadFailure(
  state: RolloutState,
  failure: CallFailure,
  { begunMs }: { readonly begunMs: number },
): EventBody | null {
  const { phase, stepIndex: step } = state
  // A rollback does not ask how busy the server is: it has pauses of its own.
  if (!isGoingBack(state) && isFirstThrottle(state, failure)) return { type: 'throttled', failure }
  switch (phase.name) {
    case 'rolling-back':
      return { type: 'rollback-read', status: null, failure }
    case 'reverting':
      return { type: 'revert-read', status: null, failure }
    case 'measuring':
      return { type: 'measured', status: null, failure, begunMs }
    case 'applying':
      return { type: 'read-back', step, status: null, failure, shown: false }
    case 'applied':
    case 'observing':
    case 'doubting':
      return { type: 'checked', step, status: null, failure, check: unmeasured(failure.message), begunMs }
    default:
      return null
  }
}
