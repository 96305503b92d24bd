import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ContextsFile, FoundContexts } from '../adapters/contexts-file.js'
import { PATH_KEYS } from '../contract/contexts.js'
import { usageError, WsctlError } from '../core/error.js'
import type { Environment, NamedContext } from './environment.js'
import { nearestName } from './nearest.js'
import { platformFolder } from './platform-folders.js'
import type { Settings } from './settings.js'

/** Flags that choose a context. */
export interface ContextFlags {
  readonly context?: string | undefined
  readonly 'no-context'?: boolean | undefined
}

/**
 * The file of contexts. Its folder is never named by `.env`: a folder that somebody works in must not bring
 * commands along that wsctl would run.
 */
export function contextsPath(): string {
  const named = process.env['WSCTL_CONFIG_DIR'] ?? ''
  return join(named.trim() === '' ? platformFolder('config') : named, 'contexts.yaml')
}

/** The library that reads it is loaded only where there is something to read. */
export async function openContextsFile(path = contextsPath()): Promise<ContextsFile> {
  const { ContextsFile } = await import('../adapters/contexts-file.js')
  return new ContextsFile(path)
}

/**
 * The context that flag or variable name, else the current one; null when there is none.
 *
 * @param tell takes a warning about the file
 * @throws WsctlError (usage) for one that is not there, and for a file that cannot be used
 */
export async function chooseContext(
  flags: ContextFlags,
  { variables }: Environment,
  tell: (warning: string) => void,
  path = contextsPath(),
): Promise<NamedContext | null> {
  if (flags['no-context'] === true) {
    if (flags.context === undefined) return null
    throw usageError('--context and --no-context were both given', 'give one of them')
  }
  const variable = variables['WSCTL_CONTEXT'] ?? ''
  const named = flags.context ?? (variable === '' ? null : variable)
  const chosenBy = flags.context !== undefined ? '--context' : variable === '' ? null : 'WSCTL_CONTEXT'
  if (named === null && !existsSync(path)) return null
  const found = await (await openContextsFile(path)).read()
  if (found.warning !== null) tell(found.warning)
  const name = named ?? found.current
  if (name === null) return null
  const settings = found.contexts[name]
  if (settings !== undefined) {
    return { name, settings, chosenBy, placeOf: (keys) => found.placeOf(['contexts', name, ...keys]) }
  }
  throw chosenBy === null ? goneError(found, name) : unknownContext(found, name)
}

/** A context that is not there, with the one that was probably meant. */
export function unknownContext({ contexts, path }: FoundContexts, name: string): WsctlError {
  const names = Object.keys(contexts)
  const near = nearestName(name, names)
  return usageError(
    `there is no context ${name} in ${path}`,
    ...(near === null ? [] : [`did you mean: ${near}`]),
    names.length === 0
      ? `there are none yet; to add it: wsctl context add ${name} --server URL`
      : `there are: ${names.join(', ')}`,
  )
}

function goneError({ contexts, placeOf }: FoundContexts, name: string): WsctlError {
  const names = Object.keys(contexts)
  return usageError(
    `${placeOf(['current'])}: current: the current context is ${name}, and there is no such context`,
    names.length === 0 ? 'to add it: wsctl context add NAME --server URL' : 'to choose another: wsctl context use NAME',
    ...(names.length === 0 ? [] : [`there are: ${names.join(', ')}`]),
    'to do without: --no-context',
  )
}

/** Without its context, what should go to some server would go to the default one, where nobody may be. */
export function unknownServer({ code, message, outcome, suggestions }: WsctlError, command: string): WsctlError {
  return new WsctlError(code, `${message}\nSo it is not known which server is meant, and nothing was sent`, {
    outcome,
    suggestions: [`name it: wsctl ${command} --server URL`, ...suggestions],
  })
}

/**
 * Files that a context names and that are not there.
 *
 * @param flags names of the flags of the command: what it does not use may be missing
 * @throws WsctlError (usage) that names context, key and where it stands
 */
export function requireFiles({ context, origins }: Settings, flags: readonly string[]): void {
  if (context === null) return
  const missing = PATH_KEYS.filter((key) => key !== 'state-dir' && flags.includes(key)).flatMap((key) => {
    const path = context.settings[key]
    const { kind } = origins[key === 'token-file' ? 'token' : key]
    return path === undefined || kind !== 'context' || existsSync(path) ? [] : [{ key, path }]
  })
  if (missing.length === 0) return
  throw usageError(
    missing
      .map(
        ({ key, path }) =>
          `${context.placeOf([key])}: ${key} of the context ${context.name} names ${path}, which does not exist`,
      )
      .join('\n'),
    `to see it whole: wsctl context show ${context.name}`,
    ...missing.map(({ key }) => `mend it in ${contextsPath()}, or name another: --${key} FILE`),
  )
}
