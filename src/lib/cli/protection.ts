import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { isSameServer } from '../adapters/claim-files.js'
import type { Context } from '../contract/contexts.js'
import { WsctlError, usageError } from '../core/error.js'
import { quote } from './address.js'
import type { BaseCommand } from './base-command.js'
import { contextsPath, openContextsFile } from './contexts.js'
import type { Environment } from './environment.js'

/** Where somebody can be asked. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }
}

/** What a change is about to be made to. */
export interface Changed {
  /** Null for a change to an environment file alone. */
  readonly server: string | null
  readonly environmentFile: string | null
  /** In words, such as `deploy gradual is about to change https://chat.example.com`. */
  readonly sentence: string
}

/**
 * Asks before a change to what a context protects: its name has to be typed. It does not matter how the server
 * was named: the protection is that of the server, not of the flag. A file of contexts that cannot be read
 * leaves open what is protected, and so is an error.
 *
 * @param isMeant of `--yes`: it was settled elsewhere that the change is meant
 * @throws WsctlError (usage) where nobody can be asked; `not-confirmed` (exit 13) when something else was typed
 */
export async function confirmChange(
  command: Pick<BaseCommand, 'argv' | 'environment' | 'typed'>,
  changed: Changed,
  isMeant: boolean,
  { terminal = process, path = contextsPath() }: { readonly terminal?: Terminal; readonly path?: string } = {},
): Promise<void> {
  if (isMeant) return
  const name = await protectorOf(command.environment, changed, path)
  if (name === null) return
  const because = `${changed.sentence}, which the context ${name} protects`
  if (terminal.stdin.isTTY !== true || terminal.stderr.isTTY !== true) {
    throw usageError(
      `${because}, and nobody can be asked here. Nothing was changed`,
      `if it is meant: wsctl ${[command.typed, ...command.argv.map(quote)].join(' ')} --yes`,
    )
  }
  const { wrap } = await import('../render/text.js')
  const lines = wrap(`${because}.`, terminal.stderr.columns ?? Number.POSITIVE_INFINITY)
  const answer = await ask(`${lines.join('\n')}\nType ${name} to go on: `, terminal)
  if (answer === name) return
  throw new WsctlError('not-confirmed', `${name} was not typed. Nothing was changed`, {
    outcome: 'refused',
    suggestions: ['to do it without being asked: --yes'],
  })
}

/** The context that protects it: the one in use, or any whose server or environment file it is. */
async function protectorOf({ context }: Environment, changed: Changed, path: string): Promise<string | null> {
  const isInUse = context !== null && (changed.server === null || isAbout(context.settings, changed))
  if (isInUse && context.settings.protected === true) return context.name
  if (!existsSync(path)) return null
  const { contexts } = await (await openContextsFile(path)).read()
  const found = Object.entries(contexts).find(
    ([, settings]) => settings.protected === true && isAbout(settings, changed),
  )
  return found?.[0] ?? null
}

function isAbout(context: Context, { server, environmentFile }: Changed): boolean {
  if (server !== null && isSameServer(server, context.server)) return true
  const file = context['env-file']
  return file !== undefined && environmentFile !== null && resolve(environmentFile) === file
}

/** What is typed on one line; null when it ends without one, by Ctrl-C or Ctrl-D. */
async function ask(question: string, { stdin, stderr }: Terminal): Promise<string | null> {
  const reader = createInterface({ input: stdin, output: stderr })
  const ended = new AbortController()
  reader.once('close', () => ended.abort())
  try {
    return (await reader.question(question, { signal: ended.signal })).trim()
  } catch {
    stderr.write('\n')
    return null
  } finally {
    reader.close()
  }
}
