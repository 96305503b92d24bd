import { foldOnto } from '../core/fold.js'
import { systemClock } from '../adapters/system-clock.js'
import { WsctlError } from '../core/error.js'
import { exitCodeOf } from '../core/outcome.js'
import type { RolloutState } from '../core/rollout.js'
import { combineSinks } from '../render/combine-sinks.js'
import type { BaseCommand } from './base-command.js'
import { openView } from './run-sinks.js'
import { findRun, type RunFlags } from './runs-at-work.js'
import { listenForStop } from './signals.js'
import { openState } from './state-store.js'

/** How often it is looked whether a process still works on the run, ms. */
const ALIVE_MS = 2000

/**
 * Shows a run from elsewhere as its own terminal shows it, and ends with its exit code. Nothing that
 * happens here reaches the run.
 *
 * @throws WsctlError `left` (exit 12) when its process dies before its end
 */
export async function watchRun(command: BaseCommand, flags: RunFlags, id: string | undefined): Promise<void> {
  const run = await findRun(flags, command.environment, id)
  const { runs, locks } = await openState(run.settings)
  const runId = run.state.plan.id
  const clock = { monotonicMs: () => 0 }
  const sink = combineSinks([await openView(command, clock)], { clock: systemClock })
  const stop = listenForStop(() => process.exit(0))
  let state: RolloutState | null = null
  let lookedMs = systemClock.monotonicMs()
  try {
    for await (const events of runs.follow(runId, { clock: systemClock, signal: stop.signal })) {
      for (const event of events) {
        state = foldOnto(state, event)
        // The clocks of two processes begin anywhere: what both have is the time of day.
        const offsetMs = event.atMs - Date.parse(event.time)
        clock.monotonicMs = () => systemClock.wallTime().getTime() + offsetMs
        if (state !== null) sink.notify(event, state)
      }
      if (state?.phase.name === 'finished') break
      if (systemClock.monotonicMs() - lookedMs < ALIVE_MS) continue
      lookedMs = systemClock.monotonicMs()
      if ((await locks.workingOn(runId)) === null) throw leftError(runId)
    }
  } finally {
    stop.release()
    await sink.close()
  }
  if (state?.phase.name === 'finished') process.exitCode = exitCodeOf(state.phase.outcome)
}

function leftError(id: string): WsctlError {
  return new WsctlError('left', `run ${id} was left without a process before its end: nobody watches the server`, {
    outcome: 'held',
    suggestions: [
      `to take it up again: wsctl rollout resume ${id}`,
      'to take everybody back: wsctl rollback emergency',
    ],
  })
}
