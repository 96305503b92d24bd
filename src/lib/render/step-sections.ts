/** Where a pipeline's log is folded: one section a step, and nothing that has to be seen at once within any. */
import type { RolloutEvent } from '../core/event.js'
import { currentStep, type RolloutState } from '../core/rollout.js'
import { describePosition, describeStep } from './describe-plan.js'
import { printable } from './text.js'

/** Writes the marks of a section; what a mark looks like is the pipeline's affair. */
export interface SectionMarks {
  /** @param time of the event that opens it, ISO 8601 */
  open(name: string, title: string, time: string): void
  close(name: string, time: string): void
}

/** Opens and closes sections around the lines of a run. */
export class StepSections {
  #open: string | null = null
  #time = ''

  constructor(private readonly marks: SectionMarks) {}

  /** Before the line of an event is written. */
  before(event: RolloutEvent, state: RolloutState): void {
    this.#time = event.time
    if (opensSection(event) && !(event.again && this.#open !== null)) {
      this.close()
      this.#open = nameOf(event, state)
      this.marks.open(this.#open, titleOf(state), event.time)
    } else if (endsStep(event)) {
      this.close()
    }
  }

  /** After the line of an event was written: a step's last line belongs to it. */
  after({ type }: RolloutEvent): void {
    if (type === 'step-passed') this.close()
  }

  /** Closes what is open. */
  close(): void {
    if (this.#open === null) return
    this.marks.close(this.#open, this.#time)
    this.#open = null
  }
}

function opensSection(event: RolloutEvent): event is Extract<RolloutEvent, { readonly type: 'step-started' }> {
  return event.type === 'step-started'
}

/** What an operator has to see without unfolding anything. */
function endsStep({ type }: RolloutEvent): boolean {
  switch (type) {
    case 'breached':
    case 'rollback-started':
    case 'interrupted':
    case 'foreign-change-detected':
    case 'several-processes-detected':
    case 'journal-failed':
    case 'finished':
      return true
    default:
      return false
  }
}

/** Unlike any other in the log, whatever else runs in the same job. */
function nameOf({ seq }: RolloutEvent, { plan }: RolloutState): string {
  return `wsctl-${plan.id}-${seq}`.replaceAll(/[^\w.-]/g, '-')
}

function titleOf(state: RolloutState): string {
  const position = describePosition(state)
  const step = currentStep(state)
  const what = step.target === null ? `watching at ${describeStep(step)}` : describeStep(step)
  return printable(position === null ? what : `${position}: ${what}`)
}
