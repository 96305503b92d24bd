import { startWatchdog, type Watchdog } from '../adapters/watchdog.js'
import { WsctlError } from '../core/error.js'
import type { CrashPolicy, RolloutPlan } from '../core/rollout.js'
import { mayWrite } from './claim-server.js'
import type { Equipment } from './operation.js'

/** Keeps the process that takes over from growing: it may run for days beside what else the machine has to do. */
const SMALL = '--max-semi-space-size=1'

/**
 * Has a companion watch over the process of a run, to take the run up should it die. A run that only
 * tells needs none.
 *
 * @throws WsctlError `no-watchdog` (exit 13) when a rollback was asked for that nobody would do
 */
export async function guard(
  { id, runs, access }: Equipment,
  plan: RolloutPlan,
  policy: CrashPolicy | undefined,
): Promise<Watchdog | null> {
  if (policy === undefined || !mayWrite(plan)) return null
  const command = [SMALL, ...wsctlCommand('rollout', 'resume', id), `--policy=${policy}`, ...access]
  try {
    return await startWatchdog({ log: runs.logOf(id), command })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    if (policy === 'rollback') {
      throw new WsctlError(
        'no-watchdog',
        `the process that would roll back after a crash cannot be started: ${reason}. Nothing was changed`,
        { outcome: 'refused', suggestions: ['go on without it: --on-crash hold'], cause: error },
      )
    }
    process.stderr.write(`Note: nobody will notice if this process dies: ${reason}\n`)
    return null
  }
}

/** Arguments of Node that run this very program; `--` keeps Node from taking flags for its own. */
export function wsctlCommand(...argv: readonly string[]): readonly string[] {
  return ['--', process.argv[1] ?? '', ...argv]
}
