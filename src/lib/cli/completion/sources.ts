import { RunFolder } from '../../adapters/run-folder.js'
import { chooseContext, openContextsFile } from '../contexts.js'
import { readEnvironment } from '../environment.js'
import { resolveSettings } from '../settings.js'
import type { Candidate } from './complete.js'

/** Contexts with their servers, the current one first. */
export async function contexts(): Promise<readonly Candidate[]> {
  const { contexts: found, current } = await (await openContextsFile()).read()
  return Object.entries(found)
    .map(([value, { server }]) => ({ value, description: server }))
    .sort((a, b) => Number(b.value === current) - Number(a.value === current))
}

/** Ids of the runs that the words of a line would find, newest first. */
export async function runs(words: readonly string[]): Promise<readonly string[]> {
  const environment = readEnvironment(process.cwd(), () => undefined)
  const valueOf = (flag: string): string | undefined => {
    const at = words.indexOf(flag)
    return at === -1 ? words.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1) : words[at + 1]
  }
  const named = { context: valueOf('--context'), 'no-context': words.includes('--no-context') }
  const context = await chooseContext(named, environment, () => undefined)
  const flags = { server: valueOf('--server'), 'state-dir': valueOf('--state-dir') }
  return new RunFolder(resolveSettings(flags, { ...environment, context }).stateDir).ids()
}
