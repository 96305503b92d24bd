import { isSameServer } from '../adapters/claim-files.js'
import { WsctlError } from '../core/error.js'
import type { RolloutState } from '../core/rollout.js'
import type { RunStore } from '../ports/state-store.js'

/** Records that are looked through for the last run on a server. */
const RUNS_TO_LOOK_AT = 50

/**
 * The newest run on a server that ended. A record that cannot be read is passed over: history tells of it.
 *
 * @param isMeant whether it is one that is looked for
 */
export async function lastRun(
  runs: RunStore,
  server: string,
  isMeant: (state: RolloutState) => boolean = () => true,
): Promise<RolloutState | null> {
  const ids = await runs.ids().catch(() => [])
  for (const id of ids.slice(0, RUNS_TO_LOOK_AT)) {
    try {
      if (!isSameServer((await runs.plan(id)).server, server)) continue
      const state = await runs.state(id)
      if (state?.phase.name === 'finished' && isMeant(state)) return state
    } catch (error) {
      if (!(error instanceof WsctlError)) throw error
    }
  }
  return null
}
