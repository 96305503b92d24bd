import { formatInstant } from './format.js'
import { printable } from './text.js'

/** Fields as in the entries of the document `wsctl/audit@1`. */
interface AuthorView {
  /** ISO 8601. */
  readonly time: string
  readonly operator: string
  readonly pid: number
  readonly command: string
  readonly rolloutId: string | null
  readonly reason: string | null
}

/** Who made a change that is on record: by which command, from which run and process, when and why. */
export function describeAuthor({ time, operator, pid, command, rolloutId, reason }: AuthorView): string {
  const run = rolloutId === null ? '' : `run ${rolloutId}, `
  const why = reason === null ? '' : `: ${reason}`
  return printable(`It was ${command} (${run}process ${pid}) by ${operator}, ${formatInstant(time)}${why}`)
}
