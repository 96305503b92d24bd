import type { Writable } from 'node:stream'
import type { Sink } from '../ports/sink.js'
import { LineWriter } from './line-writer.js'
import type { Palette } from './palette.js'
import { plainLine } from './plain.js'
import { StepSections } from './step-sections.js'

/** Takes the mark out of what is seen: GitLab reads it, a terminal wipes it away. */
const CLEAR_LINE = '\u001B[0K'

/** For GitLab CI: the plain lines, folded step by step. */
export function createGitlabSink(stream: Writable, palette: Palette): Sink {
  const writer = new LineWriter(stream)
  const mark = (kind: 'start' | 'end', name: string, time: string, title: string): void => {
    const seconds = Math.floor(Date.parse(time) / 1000)
    writer.write(`${CLEAR_LINE}section_${kind}:${seconds}:${name}\r${CLEAR_LINE}${title}`)
  }
  const sections = new StepSections({
    open: (name, title, time) => mark('start', name, time, title),
    close: (name, time) => mark('end', name, time, ''),
  })
  return {
    notify: (event, state) => {
      sections.before(event, state)
      const line = plainLine(event, state, palette)
      if (line !== null) writer.write(line)
      sections.after(event)
    },
    close: async () => {
      sections.close()
      await writer.flush()
    },
  }
}
