import type { Writable } from 'node:stream'
import type { EventOf, RolloutEvent } from '../core/event.js'
import { exitCodeOf, type Outcome } from '../core/outcome.js'
import type { RolloutState } from '../core/rollout.js'
import { describeSettings } from '../core/server.js'
import type { Sink } from '../ports/sink.js'
import { describeEvent } from './describe-event.js'
import { describeStep } from './describe-plan.js'
import { LineWriter } from './line-writer.js'
import type { Palette } from './palette.js'
import { plainLine } from './plain.js'
import { StepSections } from './step-sections.js'
import { printable } from './text.js'
import { defused, workflowCommand, type AnnotationLevel } from './workflow-command.js'

/**
 * GitHub shows ten annotations of a kind for each step and drops the rest without a word. One of the
 * warnings is kept back for the end of the run, which tells more than any other; so are two for what follows it.
 */
const MOST_WARNINGS = 7

interface Annotation {
  readonly level: AnnotationLevel
  readonly title: string
  readonly message: string
}

/**
 * For GitHub Actions: the plain lines, folded step by step, and an annotation for what has to be seen on the
 * page of the workflow run.
 *
 * @param warnings what was found before the run, and told already
 */
export function createGithubSink(stream: Writable, palette: Palette, warnings: readonly string[] = []): Sink {
  const writer = new LineWriter(stream)
  const sections = new StepSections({
    open: (_name, title) => writer.write(workflowCommand('group', title)),
    close: () => writer.write(workflowCommand('endgroup')),
  })
  let told = 0
  const annotate = ({ level, title, message }: Annotation): void =>
    writer.write(workflowCommand(level, printable(message), { title: printable(title) }))
  const warnOf = (message: string): void => {
    if (told++ < MOST_WARNINGS) annotate({ level: 'warning', title: 'wsctl', message })
  }
  let known = 0
  return {
    notify: (event, state) => {
      sections.before(event, state)
      const line = plainLine(event, state, palette)
      if (line !== null) writer.write(defused(line))
      if (event.type === 'started') warnings.forEach(warnOf)
      state.warnings.slice(known).forEach(warnOf)
      known = state.warnings.length
      const annotation = annotationFor(event, state)
      if (annotation !== null) annotate(annotation)
      sections.after(event)
    },
    close: async () => {
      sections.close()
      await writer.flush()
    },
  }
}

function annotationFor(event: RolloutEvent, state: RolloutState): Annotation | null {
  switch (event.type) {
    case 'breached':
      return {
        level: 'error',
        title: `wsctl: breach at ${describeStep(state.plan.steps[event.step])}`,
        message: event.reason,
      }
    case 'waiting':
      return event.for === 'approval'
        ? {
            level: 'warning',
            title: 'wsctl: waiting for approval',
            message: describeEvent(event, state)?.text ?? event.reason,
          }
        : null
    case 'finished':
      return annotationOfEnd(event, state)
    default:
      return null
  }
}

function annotationOfEnd({ outcome, reason }: EventOf<'finished'>, { plan, status }: RolloutState): Annotation {
  const title = `wsctl: ${plan.command} ${outcome} (exit ${exitCodeOf(outcome)})`
  // The breach has its own annotation; where everybody is now is what is left to tell.
  const message =
    outcome === 'rolled-back' && status
      ? `everybody is back on legacy, verified: the server says ${describeSettings(status.settings)}`
      : reason
  return { level: LEVELS[outcome], title, message }
}

const LEVELS: Readonly<Record<Outcome, AnnotationLevel>> = {
  completed: 'notice',
  'rolled-back': 'warning',
  held: 'warning',
  failed: 'error',
  usage: 'error',
  'rollback-unverified': 'error',
  refused: 'error',
  unreachable: 'error',
  breached: 'error',
}
