import { unfinishedStateOf, type UnfinishedState } from '../contract/history.js'
import type { LockStore } from '../ports/state-store.js'

/** What is known of runs whose journals hold no end, by their ids. */
export async function unfinishedStates(locks: LockStore): Promise<(rolloutId: string) => UnfinishedState> {
  const claims = new Map((await locks.claims()).map((found) => [found.claim.rolloutId, found]))
  return (rolloutId) => unfinishedStateOf(claims.get(rolloutId))
}
