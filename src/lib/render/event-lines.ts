import type { RolloutEvent } from '../core/event.js'
import { begin, evolve } from '../core/evolve.js'
import type { RolloutState } from '../core/rollout.js'
import { describeEvent } from './describe-event.js'
import { formatInstant } from './format.js'
import { LEVEL_WORDS, type Layout } from './palette.js'

/** The story of a recorded run, one line an event. */
export function eventLines(events: readonly RolloutEvent[], { palette }: Layout): string {
  const lines: string[] = []
  let state: RolloutState | null = null
  for (const event of events) {
    state = event.type === 'started' ? begin(event) : state && evolve(state, event)
    const description = state && describeEvent(event, state)
    if (!description) continue
    const { level, text } = description
    lines.push(`${formatInstant(event.time)} ${palette[level](LEVEL_WORDS[level])} ${text}`)
  }
  return lines.join('\n')
}
