import type { RolloutEvent } from '../core/event.js'
import { foldOnto } from '../core/fold.js'
import type { RolloutState } from '../core/rollout.js'
import type { Layout } from './palette.js'
import { plainLine } from './plain.js'
import { layProse } from './prose.js'

/** Where sentences begin, behind time and level. */
const HANGING = ' '.repeat(26)

/** The story of a recorded run, one line an event. */
export function eventLines(events: readonly RolloutEvent[], { palette, width }: Layout): string {
  const lines: string[] = []
  let state: RolloutState | null = null
  for (const event of events) {
    state = foldOnto(state, event)
    const line = state && plainLine(event, state, palette)
    if (line !== null) lines.push(...layProse(line, width, { rest: HANGING }))
  }
  return lines.join('\n')
}
