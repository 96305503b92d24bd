import { existsSync } from 'node:fs'
import { fold } from '../core/fold.js'
import { noBeginning } from '../adapters/run-records.js'
import { toTakenOver, type TakenOver } from '../contract/takeover.js'
import { toHistoryDocument, toUnfinishedDocument, unfinishedStateOf } from '../contract/history.js'
import { toResult } from '../contract/result.js'
import { WsctlError } from '../core/error.js'
import type { RolloutState } from '../core/rollout.js'
import type { FoundClaim, Outline } from '../ports/state-store.js'
import { unrecordedText } from '../render/rollouts.js'
import { takeoverAdvice, takeoverText } from '../render/takeover.js'
import { serverFlags } from './address.js'
import type { BaseCommand } from './base-command.js'
import { adviceOnAuthor, withChangeAuthor } from './change-author.js'
import type { Settings } from './settings.js'
import { openState } from './state-store.js'
import { unfinishedStates } from './unfinished-states.js'

/** Lists the recorded runs, newest first. A journal that cannot be read is told on stderr. */
export async function listRuns(command: BaseCommand, settings: Settings): Promise<void> {
  const { runs, locks } = await openState(settings)
  const listed: Outline[] = []
  const empty: string[] = []
  for (const id of await runs.ids()) {
    try {
      const outline = await runs.outline(id)
      if (outline === null) empty.push(id)
      else listed.push(outline)
    } catch (error) {
      if (!(error instanceof WsctlError)) throw error
      command.screen.stderr.write(`${id}: ${error.message}\n`)
    }
  }
  const stateOf = await unfinishedStates(locks)
  // One that is about to record its beginning is no such case.
  const unrecordedRuns = empty.filter((id) => stateOf(id) !== 'running')
  const document = toHistoryDocument(
    listed,
    stateOf,
    unrecordedRuns.map((id) => ({ rolloutId: id, journal: runs.placeOf(id) })),
  )
  const { historyTable } = await import('../render/tables.js')
  command.print(document, ({ out }) => {
    const rows = document.runs.map((run) => ({ ...run, id: run.rolloutId }))
    const table = rows.length === 0 ? [] : [historyTable(rows, out)]
    const lines = document.unrecorded.map(({ rolloutId, journal }) => `${rolloutId}: ${unrecordedText(journal)}`)
    const parts = [...table, ...(lines.length === 0 ? [] : [lines.join('\n')])]
    return parts.length === 0 ? 'No runs are recorded yet.' : parts.join('\n\n')
  })
}

/** Shows one run: what happened, line by line and as a chart, how it ended, and what to do about it when it did not. */
export async function showRun(command: BaseCommand, settings: Settings, prefix: string): Promise<void> {
  const { runs, locks } = await openState(settings)
  const id = await runs.find(prefix)
  const { events, damage } = await runs.eventsUntilDamage(id)
  const { eventLines } = await import('../render/event-lines.js')
  if (damage !== null) {
    // What was whole is all that can be shown; a document of half a run would pass for the whole.
    if (!command.json && events.length > 0) command.screen.stdout.write(`${eventLines(events, command.screen.out)}\n`)
    throw damage
  }
  const folded = fold(events)
  if (folded === null) throw noBeginning(id, unrecordedText(runs.placeOf(id)))
  const { state, author } = await withChangeAuthor(folded, settings)
  const found = (await locks.claims()).find(({ claim }) => claim.rolloutId === id)
  const takenOver = found?.isAlive ? toTakenOver(found.claim, state.phase.name === 'rolling-back') : null
  const log = runs.logOf(id)
  const advice = [
    ...adviceOnAuthor(author),
    ...(state.phase.name === 'finished' ? [] : adviceFor(state, found, takenOver)),
    ...(existsSync(log) ? [`to see what it showed in the background: less ${log}`] : []),
  ]
  const { resultText } = await import('../render/result.js')
  const document =
    state.phase.name === 'finished'
      ? toResult(state, advice)
      : toUnfinishedDocument(state, unfinishedStateOf(found), advice, takenOver)
  const { courseChart } = await import('../report/text-chart.js')
  command.print(document, ({ out }) =>
    [eventLines(events, out), courseChart(events, out), resultText(state, advice, out)]
      .filter((part) => part !== '')
      .join('\n\n'),
  )
}

function adviceFor(
  { plan }: RolloutState,
  found: FoundClaim | undefined,
  takenOver: TakenOver | null,
): readonly string[] {
  const at = serverFlags(plan)
  const back = `to take everybody back: wsctl rollback emergency${at}`
  if (found === undefined) {
    return [
      'its end was not recorded, as when the disk is full, or a later run settled it: nobody waits for it to go on',
      `to see where the server stands: wsctl status${at}`,
      `to take it up again all the same: wsctl rollout resume ${plan.id}`,
      back,
    ]
  }
  if (!found.isAlive) return [`it was left; to take it up again: wsctl rollout resume ${plan.id}`, back]
  if (takenOver !== null) {
    const [first, ...others] = takeoverAdvice(takenOver, plan.id)
    return [`${takeoverText(takenOver)}; ${first ?? back}`, ...others]
  }
  const { pid, operator } = found.claim
  return [`process ${pid} of ${operator} is at work on it; to end it where it is: wsctl rollout hold ${plan.id}`, back]
}
