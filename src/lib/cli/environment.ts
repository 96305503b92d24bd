import { readFileSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { parse } from 'dotenv'
import type { Context } from '../contract/contexts.js'
import { usageError, type WsctlError } from '../core/error.js'

/** The variables of the process and, below them, those of `.env` in the working folder. */
export type Variables = Readonly<Record<string, string | undefined>>

/** A context that is used: the layer below the variables. */
export interface NamedContext {
  readonly name: string
  readonly settings: Context
  /** What named it; null when it is the current one. */
  readonly chosenBy: '--context' | 'WSCTL_CONTEXT' | null
  /** File, line and column of one of its keys. */
  readonly placeOf: (keys: readonly PropertyKey[]) => string
}

/** What surrounds wsctl: all layers below the flags. */
export interface Environment {
  readonly variables: Variables
  /** Names of the variables that `.env` alone sets. */
  readonly dotenv: ReadonlySet<string>
  readonly context: NamedContext | null
}

/**
 * The environment of the process over that of `.env` in the working folder, as yet without a context. A blank
 * variable counts as one that was not set.
 *
 * @param onUnreadable told of a `.env` that cannot be read; it does not count then, unless this throws
 */
export function readEnvironment(folder: string, onUnreadable: (error: WsctlError) => void): Environment {
  const set = Object.fromEntries(Object.entries(process.env).filter(([, value = '']) => value.trim() !== ''))
  const file = readDotenv(join(folder, '.env'), onUnreadable)
  const dotenv = new Set(Object.keys(file).filter((name) => set[name] === undefined))
  return { variables: { ...file, ...set }, dotenv, context: null }
}

function readDotenv(path: string, onUnreadable: (error: WsctlError) => void): Variables {
  try {
    return parse(readFileSync(path))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    onUnreadable(
      usageError(
        `the file ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        'wsctl reads settings from .env in the working folder: mend it, or run wsctl elsewhere',
      ),
    )
    return {}
  }
}

/** Who runs this, for the records, such as `ada@build-7`. */
export function operatorName({ variables }: Environment): string {
  const user = variables['USER'] ?? variables['LOGNAME'] ?? variables['USERNAME'] ?? accountName()
  return `${user}@${hostname()}`
}

/** The account by the system's word; a container may run as a number that has no name. */
function accountName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
