import { readAuthorities } from '../adapters/authorities.js'
import type { AxiosAdminApi } from '../adapters/axios-admin-api.js'
import type { TokenSource } from '../adapters/token-source.js'
import { systemClock } from '../adapters/system-clock.js'
import { usageError } from '../core/error.js'
import type { Settings } from './settings.js'

/** A client of the configured server. Axios is loaded here, and only by commands that need it. */
export async function connect(settings: Settings): Promise<AxiosAdminApi> {
  const { AxiosAdminApi } = await import('../adapters/axios-admin-api.js')
  const { server, adminPath, statsPath, timeoutMs, allowHttp, authoritiesFile } = settings
  return new AxiosAdminApi({
    server,
    adminPath,
    statsPath,
    timeoutMs,
    allowHttp,
    tokens: await tokenSource(settings),
    clock: systemClock,
    ...(authoritiesFile !== null && { authorities: await readAuthorities(authoritiesFile) }),
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
