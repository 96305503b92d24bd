import { isSameServer } from '../adapters/claim-files.js'
import { parseOptions, requestOptionsSchema } from '../contract/options.js'
import { analysisOptionsSchema, analysisValues } from '../contract/analysis.js'
import { parseStateAddress } from '../contract/state-address.js'
import { thresholdsSchema, thresholdValues } from '../contract/thresholds.js'
import { usageError } from '../core/error.js'
import type { Analysis } from '../core/judging.js'
import type { Thresholds } from '../core/thresholds.js'
import type { Environment, NamedContext } from './environment.js'
import { nameOfFleet, parseDns, readServers, type NamedFleet } from './fleet.js'
import { platformFolder } from './platform-folders.js'
import { find, findToken, type Found, type LayeredRow, type NamedToken, type Origin } from './setting-layers.js'

/** Flags that name a server and how to talk to it, as the parser gives them. */
export interface SettingsFlags {
  readonly server?: string | readonly string[] | undefined
  readonly 'servers-from'?: string | undefined
  readonly 'admin-path'?: string | undefined
  readonly 'stats-path'?: string | undefined
  readonly 'token-file'?: string | undefined
  readonly 'token-command'?: string | undefined
  readonly 'token-env'?: string | undefined
  readonly 'ca-file'?: string | undefined
  readonly timeout?: string | undefined
  readonly 'allow-http'?: boolean | undefined
  readonly 'state-dir'?: string | undefined
  readonly state?: string | undefined
  readonly 'env-file'?: string | undefined
  readonly 'no-env-file'?: boolean | undefined
}

/** Where wsctl works and how, after flags, environment, `.env` and context have been weighed. */
export interface Settings {
  /** Base URL; of a fleet, what it is called. */
  readonly server: string
  /** Undefined: it is one server. */
  readonly fleet?: NamedFleet | undefined
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
  /** URL of the PostgreSQL database that is shared; null: what outlives a process is in files of this machine. */
  readonly state: string | null
  /** The context that was used; null when none was, or it is for another server. */
  readonly context: NamedContext | null
  readonly origins: Readonly<Record<SettingKey, Origin>>
}

/** One row of the settings table in the README: flags beat the variables, which beat the default. */
export const SETTING_ROWS = [
  {
    key: 'server',
    setting: 'server',
    flag: '--server',
    variables: ['WSCTL_SERVER'],
    fallback: 'http://localhost:8000',
  },
  {
    key: 'admin-path',
    setting: 'admin path',
    flag: '--admin-path',
    variables: ['WSCTL_ADMIN_PATH'],
    fallback: '/api/websocket-admin',
  },
  {
    key: 'stats-path',
    setting: 'stats path',
    flag: '--stats-path',
    variables: ['WSCTL_STATS_PATH'],
    fallback: '/api/websocket/stats',
  },
  {
    key: 'token',
    setting: 'token',
    flag: '--token-file, --token-command, --token-env',
    variables: ['WSCTL_TOKEN', 'ADMIN_TOKEN'],
    fallback: null,
    note: 'none',
  },
  {
    key: 'ca-file',
    setting: 'trusted authorities',
    flag: '--ca-file',
    variables: ['WSCTL_CA_FILE'],
    fallback: null,
    note: 'those that Node knows',
  },
  { key: 'timeout', setting: 'request time-out', flag: '--timeout', variables: ['WSCTL_TIMEOUT'], fallback: '10s' },
  {
    key: 'env-file',
    setting: "server's environment file",
    flag: '--env-file, --no-env-file',
    variables: ['WSCTL_ENV_FILE'],
    fallback: null,
    note: 'none',
  },
  {
    key: 'state-dir',
    setting: 'records',
    flag: '--state-dir',
    variables: ['WSCTL_STATE_DIR'],
    fallback: null,
    note: "the platform's state folder",
  },
  {
    key: 'state',
    setting: 'shared state',
    flag: '--state',
    variables: ['WSCTL_STATE'],
    fallback: null,
    note: 'none: the records are files',
  },
  {
    key: 'context',
    setting: 'context',
    flag: '--context, --no-context',
    variables: ['WSCTL_CONTEXT'],
    fallback: null,
    note: 'the current one',
  },
] as const

const [SERVER, ADMIN_PATH, STATS_PATH, TOKEN, CA_FILE, TIMEOUT, ENV_FILE, STATE_DIR, STATE] = SETTING_ROWS

/** A setting that has layers. */
export type SettingKey = Exclude<(typeof SETTING_ROWS)[number]['key'], 'context'>

/** The server that flag or environment name, or what several are called; null when they name none. */
export function namedServer(flags: ServerNaming, environment: Environment): string | null {
  return namedServers(flags, environment)?.server ?? null
}

type ServerNaming = Pick<SettingsFlags, 'server' | 'servers-from'>

/** @throws WsctlError (usage) for one that is named twice */
function namedServers(flags: ServerNaming, { variables }: Environment): Pick<Settings, 'server' | 'fleet'> | null {
  const { server, 'servers-from': from } = flags
  if (from !== undefined) return serversFrom(from)
  if (server !== undefined) return serverOrFleet([server].flat(), '--server')
  const [name] = SERVER.variables
  const value = variables[name]
  return value === undefined ? null : serverOrFleet([value], name)
}

function serversFrom(from: string): Pick<Settings, 'server' | 'fleet'> {
  const fleet = { servers: [], from }
  if (from.startsWith('dns:')) parseDns(from)
  return { server: nameOfFleet(fleet), fleet }
}

function serverOrFleet(values: readonly string[], origin: string): Pick<Settings, 'server' | 'fleet'> | null {
  const servers = readServers(values, origin).toSorted()
  const [one, ...more] = servers
  if (one === undefined) return null
  if (more.length === 0) return { server: one }
  const fleet = { servers, from: null }
  return { server: nameOfFleet(fleet), fleet }
}

/** What a context names. */
function serversOf({ settings, name }: NamedContext): Pick<Settings, 'server' | 'fleet'> {
  if (settings['servers-from'] !== undefined) return serversFrom(settings['servers-from'])
  const named = settings.servers && serverOrFleet(settings.servers, `the context ${name}`)
  return named ?? { server: settings.server.replace(/\/+$/, '') }
}

/**
 * Weighs flags, environment and context: the one place that knows their order.
 *
 * @throws WsctlError (usage) for values that cannot be
 */
export function resolveSettings(flags: SettingsFlags, environment: Environment): Settings {
  refuseBoth(flags, 'token-file', 'token-command')
  refuseBoth(flags, 'token-file', 'token-env')
  refuseBoth(flags, 'token-command', 'token-env')
  refuseBoth(flags, 'env-file', 'no-env-file')
  const named = namedServers(flags, environment)
  const context = contextFor(named?.server ?? null, environment.context)
  const serving = named ?? (context && serversOf(context)) ?? { server: SERVER.fallback }
  const look = (row: LayeredRow): Found => find(row, [flags[row.key] ?? []].flat()[0], environment, context)
  const found = {
    server: look(SERVER),
    'admin-path': look(ADMIN_PATH),
    'stats-path': look(STATS_PATH),
    'ca-file': look(CA_FILE),
    timeout: look(TIMEOUT),
    'env-file': flags['no-env-file'] === true ? NO_ENV_FILE : look(ENV_FILE),
    'state-dir': look(STATE_DIR),
    state: look(STATE),
  }
  const { origin: tokenOrigin, ...token } = findToken(TOKEN.variables, flags, environment, context)
  const { timeout } = parseOptions(requestOptionsSchema, { timeout: found.timeout.value ?? TIMEOUT.fallback })
  return {
    ...serving,
    adminPath: found['admin-path'].value ?? ADMIN_PATH.fallback,
    statsPath: found['stats-path'].value ?? STATS_PATH.fallback,
    timeoutMs: timeout,
    allowHttp: flags['allow-http'] ?? context?.settings['allow-http'] ?? false,
    ...token,
    authoritiesFile: found['ca-file'].value,
    environmentFile: found['env-file'].value,
    stateDir: found['state-dir'].value ?? platformFolder('state'),
    state: checkedState(found.state.value),
    context,
    origins: {
      server: flags['servers-from'] === undefined ? found.server.origin : { kind: 'flag', name: '--servers-from' },
      'admin-path': found['admin-path'].origin,
      'stats-path': found['stats-path'].origin,
      'ca-file': found['ca-file'].origin,
      timeout: found.timeout.origin,
      'env-file': found['env-file'].origin,
      'state-dir': found['state-dir'].origin,
      state: found.state.origin,
      token: tokenOrigin,
    },
  }
}

/**
 * The limits by which a run is judged: a flag beats the context.
 *
 * @throws WsctlError (usage) for values that cannot be
 */
export function resolveThresholds(
  flags: Readonly<Record<string, unknown>>,
  { context }: Pick<Settings, 'context'>,
): Thresholds {
  return parseOptions(thresholdsSchema, {
    ...thresholdValues(context?.settings.thresholds ?? {}),
    ...thresholdValues(flags),
  })
}

/**
 * How rates are judged: a flag beats the context.
 *
 * @throws WsctlError (usage) for values that cannot be
 */
export function resolveAnalysis(
  flags: Readonly<Record<string, unknown>>,
  { context }: Pick<Settings, 'context'>,
): Analysis {
  return parseOptions(analysisOptionsSchema, { ...analysisValues(context?.settings ?? {}), ...analysisValues(flags) })
}

/**
 * Empty: none, in spite of variable and context.
 *
 * @throws WsctlError (usage) for what is no URL of a database
 */
function checkedState(url: string | null): string | null {
  if (url === null || url === '') return null
  parseStateAddress(url)
  return url
}

const NO_ENV_FILE: Found = { value: null, origin: { kind: 'flag', name: '--no-env-file' } }

/**
 * A context is for one server: its token must not be sent to another, nor its environment file follow another.
 * Where flag or environment name another server, it is left out; named as well, there is no telling which is meant.
 *
 * @throws WsctlError (usage)
 */
function contextFor(server: string | null, context: NamedContext | null): NamedContext | null {
  if (context === null || server === null || isSameServer(server, context.settings.server)) return context
  if (context.chosenBy !== '--context') return null
  throw usageError(
    `--context ${context.name} is for ${context.settings.server}, and --server or WSCTL_SERVER names ${server}: which is meant?`,
    'the one of the context: leave out --server, and WSCTL_SERVER, which may stand in .env too',
    'the other one: leave out --context, or give --no-context',
  )
}

function refuseBoth(flags: SettingsFlags, one: keyof SettingsFlags, other: keyof SettingsFlags): void {
  if (flags[one] === undefined || flags[other] === undefined || flags[other] === false) return
  throw usageError(`--${one} and --${other} were both given`, 'give one of them')
}
