import { toRollout, toRolloutDocument } from '../contract/rollout.js'
import { liveView } from '../render/live-view.js'
import { rolloutsTable } from '../render/rollouts.js'
import type { BaseCommand } from './base-command.js'
import { findRun, type RunFlags } from './runs-at-work.js'

/** Prints the view of a run as its own terminal shows it. */
export async function showRollout(command: BaseCommand, flags: RunFlags, id: string | undefined): Promise<void> {
  const run = await findRun(flags, command.environment, id)
  command.print(toRolloutDocument(run), ({ out }) =>
    [rolloutsTable([toRollout(run)], out), '', ...liveView(run.state, run.state.atMs, out)].join('\n'),
  )
}
