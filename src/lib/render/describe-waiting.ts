import { describeOrder } from '../core/control.js'
import type { EventOf } from '../core/event.js'
import { describePause } from '../core/pause.js'
import { currentStep, type RolloutState } from '../core/rollout.js'
import { rate } from '../core/analysis.js'
import { describePosition, describeStep } from './describe-plan.js'
import { countOf, formatDuration, formatRate } from './format.js'
import type { Level } from './palette.js'

/** The events by which a run is measured, kept and led on, rather than going on by itself. */
export type KeepingEvent = EventOf<
  'measured' | 'throttled' | 'baseline-taken' | 'waiting' | 'gate-asked' | 'gate-answered' | 'commanded'
>

/** As `describeEvent`, for those events. */
export function describeKeeping(event: KeepingEvent, state: RolloutState): readonly [Level, string] | null {
  switch (event.type) {
    case 'measured':
      return event.failure && ['bad', `before the first step: no valid answer: ${event.failure.message}`]
    case 'throttled':
      return [
        'warning',
        `${place(state)}: the server ${describePause(event.failure)}, which is no failed check; ${describeAgain(state)}`,
      ]
    case 'baseline-taken':
      return ['info', `before the first step: ${describeBaseline(event)}`]
    case 'waiting':
      return ['warning', `${place(state)}: passed, and kept: ${event.reason}${describeHow(event, state)}`]
    case 'gate-asked':
      return null
    case 'gate-answered':
      return event.open
        ? ['good', `${place(state)}: the gate is open: ${event.message}`]
        : ['info', `${place(state)}: the gate stays shut: ${event.message}`]
    case 'commanded':
      return event.objection === null
        ? ['warning', `${place(state)}: ${describeOrder(event.command)}`]
        : ['warning', `${event.command.order} by ${event.command.by} was refused: ${event.objection}`]
  }
}

/** When a server that asked for a pause is read again. */
export function describeAgain({ phase, atMs }: RolloutState): string {
  return `it is read again in ${formatDuration('dueMs' in phase ? phase.dueMs - atMs : 0)}`
}

/** What was usual before the first step. */
function describeBaseline({ tally, observedMs }: Pick<EventOf<'baseline-taken'>, 'tally' | 'observedMs'>): string {
  const { attempts, errors, fallbacks } = tally
  return (
    `${countOf(attempts, 'attempt')} in ${formatDuration(observedMs)}, errors ${formatRate(rate(errors, attempts))}, ` +
    `fallbacks ${formatRate(rate(fallbacks, attempts))}`
  )
}

/** What to type, for a wait that somebody can end. */
function describeHow({ for: what }: EventOf<'waiting'>, { plan, stepIndex }: RolloutState): string {
  switch (what) {
    case 'approval':
      return `; to let it go on: wsctl rollout promote ${plan.id} --step ${stepIndex + 1}`
    case 'pause':
      return `; to let it go on: wsctl rollout resume ${plan.id}`
    case 'gate':
    case 'freeze':
      return ''
  }
}

function place(state: RolloutState): string {
  return describePosition(state) ?? describeStep(currentStep(state))
}
