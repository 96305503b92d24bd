import { readFileSync } from 'node:fs'
import { complete, offer, type Candidate, type Completion, type KnownCommand, type LookedUp } from './complete.js'
import type { WantedRuns } from './sources.js'
import { splitLine } from './split-line.js'

const LONGEST_DESCRIPTION = 70

/**
 * Answers a shell that asks how a line goes on. It never fails, and never says anything else: an error within
 * a line that is being typed is of no use.
 *
 * @param argv the shell; for bash then the line up to the cursor and what breaks words, else the words, of
 *   which the last is the one to complete
 * @param manifest of the commands
 */
export async function answerShell([shell, ...typed]: readonly string[], manifest: URL): Promise<void> {
  try {
    const words = shell === 'bash' ? splitLine(typed[0] ?? '').slice(1) : typed
    const current = words.at(-1) ?? ''
    const { commands } = JSON.parse(readFileSync(manifest, 'utf8')) as {
      readonly commands: Readonly<Record<string, KnownCommand>>
    }
    const completion = await lookUp(complete(words, Object.values(commands)), words, shell !== 'bash')
    process.stdout.write(answerText(completion, shell === 'bash' ? brokenOff(current, typed[1] ?? '') : 0))
  } catch (error) {
    if (process.env['DEBUG']) process.stderr.write(`${String(error)}\n`)
  }
}

/** What the manifest does not tell: contexts and runs from the disk, topics and items from what prints them. */
async function lookUp(completion: Completion, words: readonly string[], isDescribed: boolean): Promise<Completion> {
  if (!('before' in completion)) return completion
  const { before, kind } = completion
  const current = words.at(-1) ?? ''
  const found = await candidatesOf(kind, words, { begin: current.slice(before.length), isDescribed })
  return offer(
    found.map(({ value, description }) => ({ value: before + value, description })),
    current,
  )
}

async function candidatesOf(
  kind: LookedUp,
  words: readonly string[],
  wanted: WantedRuns,
): Promise<readonly Candidate[]> {
  const sources = await import('./sources.js')
  switch (kind) {
    case 'contexts':
      return sources.contexts()
    case 'runs':
      return sources.runs(words, wanted)
    case 'topics':
      return sources.topics()
    case 'items':
      return sources.items()
  }
}

/** @param cut so many letters of each word stand on the line already, as words of their own */
function answerText(completion: Completion, cut: number): string {
  switch (completion.kind) {
    case 'files':
      return `${['files', ...completion.endings].join(' ')}\n`
    case 'words':
      return `${['words', ...completion.words.map((word) => candidateLine(word, cut))].join('\n')}\n`
    default:
      return `${completion.kind}\n`
  }
}

function candidateLine({ value, description }: Candidate, cut: number): string {
  const [line = ''] = description.split('\n')
  const short = line.length > LONGEST_DESCRIPTION ? `${line.slice(0, LONGEST_DESCRIPTION - 1)}…` : line
  return `${value.slice(cut)}\t${short}`
}

/** Bash takes `--flag=value` for three words, of which it completes the last. */
function brokenOff(current: string, breaks: string): number {
  return (
    Math.max(-1, ...['=', ':'].filter((each) => breaks.includes(each)).map((each) => current.lastIndexOf(each))) + 1
  )
}
