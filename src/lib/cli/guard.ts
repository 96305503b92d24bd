import { startWatchdog, type CompanionNews, type Watchdog } from '../adapters/watchdog.js'
import { WsctlError } from '../core/error.js'
import type { CrashPolicy, RolloutPlan } from '../core/rollout.js'
import { span } from '../core/span.js'
import { mayWrite } from './claim-server.js'
import type { Equipment } from './operation.js'
import { tell } from './tell.js'

/** Keeps the process that takes over from growing: it may run for days beside what else the machine has to do. */
const SMALL = '--max-semi-space-size=1'

/**
 * Has a companion watch over the process of a run, to take the run up should it die. A run that only
 * tells needs none.
 *
 * @param warn is told when the companion itself ends, and what that means
 * @throws WsctlError `no-watchdog` (exit 13) when a rollback was asked for that nobody would do
 */
export async function guard(
  { id, runs, access }: Equipment,
  plan: RolloutPlan,
  policy: CrashPolicy | undefined,
  warn: (warning: string) => void,
): Promise<Watchdog | null> {
  if (policy === undefined || !mayWrite(plan)) return null
  const command = [SMALL, ...wsctlCommand('rollout', 'resume', id), `--policy=${policy}`, ...access]
  try {
    return await startWatchdog({ log: runs.logOf(id), command }, (news) => warn(describeNews(news, id, policy)))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    if (policy === 'rollback') {
      throw new WsctlError(
        'no-watchdog',
        `the process that would roll back after a crash cannot be started: ${reason}. Nothing was changed`,
        { outcome: 'refused', suggestions: ['go on without it: --on-crash hold'], cause: error },
      )
    }
    tell(`Note: nobody will notice if this process dies: ${reason}`)
    return null
  }
}

/** What an operator has to know of the companion of a run that goes on. */
export function describeNews(news: CompanionNews, id: string, policy: CrashPolicy): string {
  switch (news.kind) {
    case 'lost':
      return `the companion of this run, process ${news.pid}, ended before the run (${news.how}). ${afterLoss(news.againInMs, id, policy)}`
    case 'not-replaced':
      return `another companion cannot be started: ${news.reason}. ${afterLoss(news.againInMs, id, policy)}`
    case 'replaced':
      return `another companion, process ${news.pid}, watches over this run: should this one die, ${INSTEAD[policy]}`
  }
}

function afterLoss(againInMs: number | null, id: string, policy: CrashPolicy): string {
  if (againInMs !== null) return `The run goes on, and another is started in ${span(againInMs)}`
  return (
    'Nobody watches over this run any more. It goes on, but should its process die, nobody notices' +
    `${policy === 'rollback' ? ' and nobody rolls back, whatever --on-crash says' : ''}. To end it where it is: wsctl rollout hold ${id}`
  )
}

const INSTEAD: Readonly<Record<CrashPolicy, string>> = {
  hold: 'it sees the step to its end, and rolls back on a breach',
  rollback: 'it rolls back',
}

/** Arguments of Node that run this very program; `--` keeps Node from taking flags for its own. */
export function wsctlCommand(...argv: readonly string[]): readonly string[] {
  return ['--', process.argv[1] ?? '', ...argv]
}
