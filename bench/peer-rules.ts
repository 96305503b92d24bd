/** The rules of other tools, re-stated to compare with: each sees the same checks, one after the other. */
import type { Happened } from './traffic.js'

export interface PeerRule {
  readonly name: string
  /** Begins a run; what it returns says of each check whether the run is rolled back now. */
  readonly begin: (limit: number) => (check: Happened) => boolean
}

function isOver({ attempts, failures }: Happened, limit: number): boolean {
  return attempts > 0 && failures / attempts > limit
}

/** Rolls back once more than `most` checks were over the limit, in all. */
function moreInAll(most: number): PeerRule['begin'] {
  return (limit) => {
    let over = 0
    return (check) => {
      if (isOver(check, limit)) over += 1
      return over > most
    }
  }
}

export const PEER_RULES: readonly PeerRule[] = [
  { name: 'any check', begin: moreInAll(0) },
  // Argo Rollouts: `failureLimit: 3` fails with the measurement after.
  { name: 'Argo, failureLimit 3', begin: moreInAll(3) },
  // Flagger: `threshold: 5`.
  { name: 'Flagger, threshold 5', begin: moreInAll(4) },
  {
    name: 'cumulative rate',
    begin: (limit) => {
      let [attempts, failures] = [0, 0]
      return (check) => {
        attempts += check.attempts
        failures += check.failures
        return attempts >= 100 && isOver({ attempts, failures }, limit)
      }
    },
  },
]
