import { readFileSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { parse } from 'dotenv'
import envPaths from 'env-paths'
import { usageError, type WsctlError } from '../core/error.js'
import { parseOptions, requestOptionsSchema } from '../contract/options.js'

/** Flags that name a server and how to talk to it, as the parser gives them. */
export interface SettingsFlags {
  readonly server?: string | undefined
  readonly 'admin-path'?: string | undefined
  readonly 'stats-path'?: string | undefined
  readonly 'token-file'?: string | undefined
  readonly 'token-command'?: string | undefined
  readonly 'ca-file'?: string | undefined
  readonly timeout?: string | undefined
  readonly 'allow-http'?: boolean | undefined
  readonly 'state-dir'?: string | undefined
  readonly 'env-file'?: string | undefined
  readonly 'no-env-file'?: boolean | undefined
}

/** A token from the environment, and the variable that held it. */
interface NamedToken {
  readonly variable: string
  readonly value: string
}

/** Where wsctl works and how, after flags, environment and `.env` have been weighed. */
export interface Settings {
  /** Base URL. */
  readonly server: string
  readonly adminPath: string
  readonly statsPath: string
  /** For one request, ms. */
  readonly timeoutMs: number
  readonly allowHttp: boolean
  readonly tokenFile: string | null
  readonly tokenCommand: string | null
  readonly token: NamedToken | null
  /** Path of the certificates that may vouch for the server; null: the usual authorities. */
  readonly authoritiesFile: string | null
  /** Path of the server's environment file; null when none is managed. */
  readonly environmentFile: string | null
  readonly stateDir: string
}

/** One row of the settings table in the README: flags beat the variables, which beat the default. */
export const SETTING_ROWS = [
  { setting: 'server', flag: '--server', variables: ['WSCTL_SERVER'], fallback: 'http://localhost:8000' },
  { setting: 'admin path', flag: '--admin-path', variables: ['WSCTL_ADMIN_PATH'], fallback: '/api/websocket-admin' },
  { setting: 'stats path', flag: '--stats-path', variables: ['WSCTL_STATS_PATH'], fallback: '/api/websocket/stats' },
  {
    setting: 'token',
    flag: '--token-file, --token-command',
    variables: ['WSCTL_TOKEN', 'ADMIN_TOKEN'],
    fallback: null,
    note: 'none',
  },
  {
    setting: 'trusted authorities',
    flag: '--ca-file',
    variables: ['WSCTL_CA_FILE'],
    fallback: null,
    note: 'those that Node knows',
  },
  { setting: 'request time-out', flag: '--timeout', variables: ['WSCTL_TIMEOUT'], fallback: '10s' },
  {
    setting: "server's environment file",
    flag: '--env-file, --no-env-file',
    variables: ['WSCTL_ENV_FILE'],
    fallback: null,
    note: 'none',
  },
  {
    setting: 'records',
    flag: '--state-dir',
    variables: ['WSCTL_STATE_DIR'],
    fallback: null,
    note: "the platform's state folder",
  },
] as const

const [SERVER, ADMIN_PATH, STATS_PATH, TOKEN, CA_FILE, TIMEOUT, ENV_FILE, STATE_DIR] = SETTING_ROWS

/** The variables of the process and, below them, those of `.env` in the working folder. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The server that flag or environment name; null when it would be the default. */
export function namedServer(flags: Pick<SettingsFlags, 'server'>, environment: Environment): string | null {
  const named = flags.server ?? environment[SERVER.variables[0]]
  return named === undefined || named.trim() === '' ? null : named
}

/**
 * Weighs flags against the environment.
 *
 * @throws WsctlError (usage) for values that cannot be
 */
export function resolveSettings(flags: SettingsFlags, environment: Environment): Settings {
  const fromEnvironment = (variables: readonly string[]): NamedToken | null => {
    for (const variable of variables) {
      const value = environment[variable]
      if (value !== undefined && value.trim() !== '') return { variable, value }
    }
    return null
  }
  const pick = (flag: string | undefined, row: { readonly variables: readonly string[] }): string | null =>
    flag ?? fromEnvironment(row.variables)?.value ?? null

  if (flags['token-file'] !== undefined && flags['token-command'] !== undefined) {
    throw usageError('--token-file and --token-command were both given', 'give one of them')
  }
  if (flags['env-file'] !== undefined && flags['no-env-file'] === true) {
    throw usageError('--env-file and --no-env-file were both given', 'give one of them')
  }
  const { timeout } = parseOptions(requestOptionsSchema, { timeout: pick(flags.timeout, TIMEOUT) ?? TIMEOUT.fallback })
  return {
    server: (pick(flags.server, SERVER) ?? SERVER.fallback).replace(/\/+$/, ''),
    adminPath: pick(flags['admin-path'], ADMIN_PATH) ?? ADMIN_PATH.fallback,
    statsPath: pick(flags['stats-path'], STATS_PATH) ?? STATS_PATH.fallback,
    timeoutMs: timeout,
    allowHttp: flags['allow-http'] ?? false,
    tokenFile: flags['token-file'] ?? null,
    tokenCommand: flags['token-command'] ?? null,
    token: fromEnvironment(TOKEN.variables),
    authoritiesFile: pick(flags['ca-file'], CA_FILE),
    environmentFile: flags['no-env-file'] === true ? null : pick(flags['env-file'], ENV_FILE),
    stateDir: pick(flags['state-dir'], STATE_DIR) ?? defaultStateDir(),
  }
}

/** The platform's folder for state: on Linux the one of the XDG specification. */
function defaultStateDir(): string {
  const paths = envPaths('wsctl', { suffix: '' })
  return process.platform === 'linux' ? paths.log : paths.data
}

/**
 * The environment of the process over that of `.env` in the working folder. A blank variable counts as
 * one that was not set.
 *
 * @param onUnreadable told of a `.env` that cannot be read; it does not count then, unless this throws
 */
export function readEnvironment(folder: string, onUnreadable: (error: WsctlError) => void): Environment {
  const set = Object.entries(process.env).filter(([, value = '']) => value.trim() !== '')
  return { ...readDotenv(join(folder, '.env'), onUnreadable), ...Object.fromEntries(set) }
}

function readDotenv(path: string, onUnreadable: (error: WsctlError) => void): Environment {
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
export function operatorName(environment: Environment): string {
  const user = environment['USER'] ?? environment['LOGNAME'] ?? environment['USERNAME'] ?? accountName()
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
