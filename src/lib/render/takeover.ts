import type { TakenOver } from '../contract/takeover.js'
import { formatInstant } from './format.js'
import { printable } from './text.js'

/** That a process died, and what its companion does since, as a sentence without its end. */
export function takeoverText({ at, diedPid, diedOperator, companionPid, doing }: TakenOver): string {
  return (
    `process ${diedPid} of ${printable(diedOperator)}, which ran it, ended at about ${formatInstant(at)}; ` +
    `its companion, process ${companionPid}, has gone on with it since, and ${DOING[doing]}`
  )
}

const DOING: Readonly<Record<TakenOver['doing'], string>> = {
  observing: 'is observing: it raises nothing more, and rolls back on a breach',
  'rolling-back': 'is rolling back',
}

/** What to type about such a run: it cannot be taken up while its companion works on it. */
export function takeoverAdvice({ doing }: TakenOver, id: string): readonly string[] {
  const watch = `to watch it: wsctl rollout watch ${id}`
  if (doing === 'rolling-back') return [watch]
  return [watch, `to end it where it is: wsctl rollout hold ${id}`, `to take everybody back: wsctl rollout abort ${id}`]
}
