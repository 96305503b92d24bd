import { existsSync } from 'node:fs'
import { fold, noBeginning, RunFolder } from '../adapters/run-folder.js'
import { ServerLocks } from '../adapters/server-locks.js'
import type { Claim } from '../contract/claim.js'
import { toHistoryDocument, toUnfinishedDocument } from '../contract/history.js'
import { toResult } from '../contract/result.js'
import { WsctlError } from '../core/error.js'
import type { RolloutState } from '../core/rollout.js'
import type { BaseCommand } from './base-command.js'
import { adviceOnAuthor, withChangeAuthor } from './change-author.js'
import type { Settings } from './settings.js'

/** Lists the recorded runs, newest first. A journal that cannot be read is told on stderr. */
export async function listRuns(command: BaseCommand, { stateDir }: Settings): Promise<void> {
  const runs = new RunFolder(stateDir)
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
  const claims = await new ServerLocks(stateDir).claims()
  const running = claims.filter(({ isAlive }) => isAlive).map(({ claim }) => claim.rolloutId)
  const document = toHistoryDocument(states, new Set(running))
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

/** Shows one run: what happened, line by line and as a chart, how it ended, and what to do about it when it did not. */
export async function showRun(command: BaseCommand, { stateDir }: Settings, prefix: string): Promise<void> {
  const runs = new RunFolder(stateDir)
  const id = await runs.find(prefix)
  const events = await runs.events(id)
  const folded = fold(events)
  if (folded === null) throw noBeginning(id)
  const { state, author } = await withChangeAuthor(folded, { stateDir })
  const claim = await new ServerLocks(stateDir).workingOn(id)
  const log = runs.logOf(id)
  const advice = [
    ...adviceOnAuthor(author),
    ...(state.phase.name === 'finished' ? [] : adviceFor(state, claim)),
    ...(existsSync(log) ? [`to see what it showed in the background: less ${log}`] : []),
  ]
  const { eventLines } = await import('../render/event-lines.js')
  const { resultText } = await import('../render/result.js')
  const document =
    state.phase.name === 'finished'
      ? toResult(state, advice)
      : toUnfinishedDocument(state, claim ? 'running' : 'left', advice)
  const { courseChart } = await import('../report/text-chart.js')
  command.print(document, ({ out }) =>
    [eventLines(events, out), courseChart(events, out), resultText(state, advice, out)]
      .filter((part) => part !== '')
      .join('\n\n'),
  )
}

function adviceFor({ plan }: RolloutState, claim: Claim | null): readonly string[] {
  const back = `to take everybody back: wsctl rollback emergency --server ${plan.server}`
  if (claim === null) return [`it was left; to take it up again: wsctl rollout resume ${plan.id}`, back]
  const { pid, operator } = claim
  return [`process ${pid} of ${operator} is at work on it; to end it where it is: kill ${pid}`, back]
}
