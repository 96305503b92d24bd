import { readAuthorities } from '../adapters/authorities.js'
import type { AxiosAdminApi } from '../adapters/axios-admin-api.js'
import type { AxiosFleet } from '../adapters/axios-fleet.js'
import type { TokenSource } from '../adapters/token-source.js'
import { systemClock } from '../adapters/system-clock.js'
import { usageError } from '../core/error.js'
import type { Settings } from './settings.js'

/** What a run needs of the server, or of all servers that are moved as one. */
export type ConnectedServer = AxiosAdminApi | AxiosFleet

/** A client of the configured server, or of the fleet. */
export async function connectAll(settings: Settings): Promise<ConnectedServer> {
  const { fleet } = settings
  if (fleet === undefined) return connect(settings)
  const { openFleet } = await import('./connect-fleet.js')
  return openFleet(fleet, await opener(settings))
}

/** Settings whose servers are known by their addresses, whatever named them. */
export async function lookedUp(settings: Settings): Promise<Settings> {
  if (settings.fleet === undefined) return settings
  const { lookUpFleet } = await import('./connect-fleet.js')
  return lookUpFleet(settings, settings.fleet)
}

/**
 * A client of the configured server. Axios is loaded here, and only by commands that need it.
 *
 * @throws WsctlError (usage) when several are named
 */
export async function connect(settings: Settings): Promise<AxiosAdminApi> {
  const { server, fleet } = settings
  if (fleet !== undefined) {
    throw usageError(
      `this looks at one server, and several were named: ${server}. Nothing was sent`,
      'name one of them: --server http://HOST:PORT',
      'to see how all of them stand: wsctl status',
    )
  }
  return (await opener(settings))(server)
}

async function opener(settings: Settings): Promise<(server: string) => AxiosAdminApi> {
  const { AxiosAdminApi } = await import('../adapters/axios-admin-api.js')
  const { adminPath, statsPath, timeoutMs, allowHttp, authoritiesFile } = settings
  const tokens = await tokenSource(settings)
  const authorities = authoritiesFile === null ? null : await readAuthorities(authoritiesFile)
  return (server) =>
    new AxiosAdminApi({
      server,
      adminPath,
      statsPath,
      timeoutMs,
      allowHttp,
      tokens,
      clock: systemClock,
      ...(authorities !== null && { authorities }),
    })
}

async function tokenSource({ tokenFile, tokenCommand, token }: Settings): Promise<TokenSource> {
  const { commandToken, environmentToken, fileToken, noToken } = await import('../adapters/token-source.js')
  if (tokenFile !== null) return fileToken(tokenFile, systemClock)
  if (tokenCommand !== null) return commandToken(tokenCommand, systemClock)
  if (token === null) return noToken()
  if (token.value !== null) return environmentToken(token.value, token.variable)
  throw usageError(
    `the variable ${token.variable}, which is to hold the token, is not set`,
    `set it, or name another source of the token: --token-file FILE, --token-command COMMAND`,
  )
}
