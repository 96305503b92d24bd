import { userInfo } from 'node:os'
import { isAbsolute, join } from 'node:path'
import type { Variables } from './environment.js'

/** What a folder is for. */
type Purpose = 'state' | 'config' | 'cache'

/** What the platform says of this process. */
export interface Platform {
  readonly name: NodeJS.Platform
  /** Of the process, never of `.env`: a folder that somebody works in must not move records or contexts. */
  readonly variables: Variables
  /** Home of the account by the system's word; it may throw, or be blank, where the account has none. */
  readonly accountHome: () => string
}

/** Stands for a folder where there is none to be had: whatever is tried there fails, and at once. */
export const NOWHERE = '/dev/null/no-folder-for-records'

/** Where each platform keeps things, below the home; the variable names another place for that. */
const PLACES: Readonly<Partial<Record<NodeJS.Platform, Readonly<Record<Purpose, Place>>>>> = {
  darwin: {
    state: { variable: null, inHome: ['Library', 'Application Support'], within: ['wsctl'] },
    config: { variable: null, inHome: ['Library', 'Preferences'], within: ['wsctl'] },
    cache: { variable: null, inHome: ['Library', 'Caches'], within: ['wsctl'] },
  },
  win32: {
    state: { variable: 'LOCALAPPDATA', inHome: ['AppData', 'Local'], within: ['wsctl', 'Data'] },
    config: { variable: 'APPDATA', inHome: ['AppData', 'Roaming'], within: ['wsctl', 'Config'] },
    cache: { variable: 'LOCALAPPDATA', inHome: ['AppData', 'Local'], within: ['wsctl', 'Cache'] },
  },
}
const XDG: Readonly<Record<Purpose, Place>> = {
  state: { variable: 'XDG_STATE_HOME', inHome: ['.local', 'state'], within: ['wsctl'] },
  config: { variable: 'XDG_CONFIG_HOME', inHome: ['.config'], within: ['wsctl'] },
  cache: { variable: 'XDG_CACHE_HOME', inHome: ['.cache'], within: ['wsctl'] },
}

interface Place {
  readonly variable: string | null
  readonly inHome: readonly string[]
  readonly within: readonly string[]
}

/**
 * The platform's folder for something of wsctl. A variable that is empty or relative does not count, by the XDG
 * specification; nor does such a home, for records would then be wherever somebody works.
 */
export function platformFolder(purpose: Purpose, platform: Platform = thisPlatform()): string {
  const { variable, inHome, within } = (PLACES[platform.name] ?? XDG)[purpose]
  const named = variable === null ? null : absolute(platform.variables[variable])
  if (named !== null) return join(named, ...within)
  const home = homeFolder(platform)
  return home === null ? NOWHERE : join(home, ...inHome, ...within)
}

function homeFolder({ name, variables, accountHome }: Platform): string | null {
  const named = absolute(variables[name === 'win32' ? 'USERPROFILE' : 'HOME'])
  if (named !== null) return named
  try {
    return absolute(accountHome())
  } catch {
    return null
  }
}

function absolute(path: string | undefined): string | null {
  return path !== undefined && isAbsolute(path) ? path : null
}

function thisPlatform(): Platform {
  return { name: process.platform, variables: process.env, accountHome: () => userInfo().homedir }
}
