import { fold, noBeginning, type RunFolder } from '../adapters/run-folder.js'
import { toHistoryDocument } from '../contract/history.js'
import { toResult } from '../contract/result.js'
import { WsctlError } from '../core/error.js'
import type { RolloutState } from '../core/rollout.js'
import type { BaseCommand } from './base-command.js'

/** Lists the recorded runs, newest first. A journal that cannot be read is told on stderr. */
export async function listRuns(command: BaseCommand, runs: RunFolder): Promise<void> {
  const states: RolloutState[] = []
  for (const id of await runs.ids()) {
    try {
      const state = await runs.state(id)
      if (state !== null) states.push(state)
    } catch (error) {
      if (!(error instanceof WsctlError)) throw error
      command.screen.stderr.write(`${id}: ${error.message}\n`)
    }
  }
  const document = toHistoryDocument(states)
  const { historyTable } = await import('../render/tables.js')
  command.print(document, ({ out }) =>
    states.length === 0
      ? 'No runs are recorded yet.'
      : historyTable(
          document.runs.map((run) => ({ ...run, id: run.rolloutId })),
          out,
        ),
  )
}

/** Shows one run: what happened, line by line, and how it ended. */
export async function showRun(command: BaseCommand, runs: RunFolder, prefix: string): Promise<void> {
  const id = await runs.find(prefix)
  const events = await runs.events(id)
  const state = fold(events)
  if (state === null) throw noBeginning(id)
  const { eventLines } = await import('../render/event-lines.js')
  const { resultText } = await import('../render/result.js')
  command.print(toResult(state, []), ({ out }) => `${eventLines(events, out)}\n\n${resultText(state, [], out)}`)
}
