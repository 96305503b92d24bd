import type { UnfinishedState } from '../../contract/history.js'
import { CHECKLIST } from '../../core/checklist.js'
import type { RunStore } from '../../ports/state-store.js'
import { formatInstant } from '../../render/format.js'
import { chooseContext, openContextsFile } from '../contexts.js'
import { readEnvironment } from '../environment.js'
import { resolveSettings } from '../settings.js'
import { requireRecords } from '../state-folder.js'
import { openState } from '../state-store.js'
import { unfinishedStates } from '../unfinished-states.js'
import { plain, type Candidate } from './complete.js'

/** Contexts with their servers, the current one first. */
export async function contexts(): Promise<readonly Candidate[]> {
  const { contexts: found, current } = await (await openContextsFile()).read()
  return Object.entries(found)
    .map(([value, { server }]) => ({ value, description: server }))
    .sort((a, b) => Number(b.value === current) - Number(a.value === current))
}

/** Far more than anybody reads through. */
const MOST_RUNS = 50

export interface WantedRuns {
  /** How their ids begin. */
  readonly begin: string
  /** Whether it is told what they were: it costs a look at both ends of each journal. */
  readonly isDescribed: boolean
}

/** The runs that the words of a line would find, newest first. */
export async function runs(
  words: readonly string[],
  { begin, isDescribed }: WantedRuns,
): Promise<readonly Candidate[]> {
  const environment = readEnvironment(process.cwd(), () => undefined)
  const valueOf = (flag: string): string | undefined => {
    const at = words.indexOf(flag)
    return at === -1 ? words.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1) : words[at + 1]
  }
  const named = { context: valueOf('--context'), 'no-context': words.includes('--no-context') }
  const context = await chooseContext(named, environment, () => undefined)
  const flags = { server: valueOf('--server'), 'state-dir': valueOf('--state-dir'), state: valueOf('--state') }
  const settings = resolveSettings(flags, { ...environment, context })
  // Nobody who presses Tab means to have tables made.
  if (settings.state === null) await requireRecords(settings)
  const { runs: folder, locks } = await openState(settings)
  const ids = (await folder.ids()).filter((id) => id.startsWith(begin)).slice(0, MOST_RUNS)
  if (!isDescribed) return plain(ids)
  const stateOf = await unfinishedStates(locks)
  return Promise.all(
    ids.map(async (value) => ({ value, description: await describeRun(folder, value, stateOf(value)) })),
  )
}

/** Such as `deploy gradual, rolled-back, 0 %, 2026-11-24T09:00:00Z`; empty for a journal that cannot be read. */
async function describeRun(folder: RunStore, id: string, state: UnfinishedState): Promise<string> {
  try {
    const outline = await folder.outline(id)
    if (outline === null) return ''
    const { plan, end, percentage, seenAt } = outline
    const share = percentage === null ? [] : [`${percentage} %`]
    return [plan.command, end?.outcome ?? state, ...share, formatInstant(seenAt)].join(', ')
  } catch {
    return ''
  }
}

/** Every word that `explain` knows. */
export async function topics(): Promise<readonly Candidate[]> {
  const { TOPICS } = await import('../../render/topics/all-topics.js')
  const found = new Map<string, string>()
  for (const { name, also, kind, means } of TOPICS) {
    for (const word of [name, ...also]) if (!found.has(word)) found.set(word, `${kind}: ${means}`)
  }
  return [...found].map(([value, description]) => ({ value, description }))
}

/** The items of the checklist. */
export function items(): readonly Candidate[] {
  return CHECKLIST.map(({ id, text }) => ({ value: id, description: text }))
}
