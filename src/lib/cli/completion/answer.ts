import { readFileSync } from 'node:fs'
import { complete, offer, plain, type Candidate, type Completion, type KnownCommand } from './complete.js'
import { splitLine } from './split-line.js'

/** Far more than anybody reads through. */
const MOST_RUNS = 50
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
    const completion = await lookUp(complete(words, Object.values(commands)), words)
    process.stdout.write(answerText(completion, shell === 'bash' ? brokenOff(current, typed[1] ?? '') : 0))
  } catch (error) {
    if (process.env['DEBUG']) process.stderr.write(`${String(error)}\n`)
  }
}

/** Contexts and runs, from the disk. */
async function lookUp(completion: Completion, words: readonly string[]): Promise<Completion> {
  if (completion.kind !== 'contexts' && completion.kind !== 'runs') return completion
  const { before, kind } = completion
  const sources = await import('./sources.js')
  const found = kind === 'contexts' ? await sources.contexts() : plain((await sources.runs(words)).slice(0, MOST_RUNS))
  const whole = found.map(({ value, description }) => ({ value: before + value, description }))
  return offer(whole, words.at(-1) ?? '')
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
