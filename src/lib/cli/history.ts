import { fold, type RunFolder } from '../adapters/run-folder.js'
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
  const events = await runs.events(await runs.find(prefix))
  const state = fold(events)
  if (state === null) {
    throw new WsctlError('journal-unreadable', `the journal of run ${prefix} holds no beginning`, { outcome: 'failed' })
  }
  const { eventLines } = await import('../render/event-lines.js')
  const { resultText } = await import('../render/result.js')
  command.print(toResult(state, []), ({ out }) => `${eventLines(events, out)}\n\n${resultText(state, [], out)}`)
}
