import type { RolloutEvent } from '../core/event.js'
import { begin, evolve } from '../core/evolve.js'
import type { RolloutState } from '../core/rollout.js'
import type { Layout } from './palette.js'
import { plainLine } from './plain.js'

/** The story of a recorded run, one line an event. */
export function eventLines(events: readonly RolloutEvent[], { palette }: Layout): string {
  const lines: string[] = []
  let state: RolloutState | null = null
  for (const event of events) {
    state = event.type === 'started' ? begin(event) : state && evolve(state, event)
    const line = state && plainLine(event, state, palette)
    if (line !== null) lines.push(line)
  }
  return lines.join('\n')
}
