import { SETTING_ROWS, type SettingKey, type Settings } from './settings.js'

const [SERVER, ADMIN_PATH] = SETTING_ROWS

/**
 * Flags without which a suggested command would go to another server, or without a token. The context is named,
 * because another may be the current one when the command is copied.
 */
export function addressFlags(settings: Settings): string {
  const { server, adminPath, tokenFile, allowHttp, authoritiesFile, context } = settings
  return [
    context === null ? '' : ` --context ${quote(context.name)}`,
    server === SERVER.fallback || isOfContext(settings, 'server') ? '' : serverFlags(settings),
    adminPath === ADMIN_PATH.fallback || isOfContext(settings, 'admin-path') ? '' : ` --admin-path ${quote(adminPath)}`,
    tokenFile === null || isOfContext(settings, 'token') ? '' : ` --token-file ${quote(tokenFile)}`,
    allowHttp && context?.settings['allow-http'] !== true ? ' --allow-http' : '',
    authoritiesFile === null || isOfContext(settings, 'ca-file') ? '' : ` --ca-file ${quote(authoritiesFile)}`,
  ].join('')
}

/** The flags that name a server, or all of a fleet; each begins with a space. */
export function serverFlags({ server, fleet }: Pick<Settings, 'server' | 'fleet'>): string {
  if (fleet === undefined) return ` --server ${quote(server)}`
  if (fleet.from !== null) return ` --servers-from ${quote(fleet.from)}`
  return fleet.servers.map((one) => ` --server ${quote(one)}`).join('')
}

/** Whether a setting need not be named beside the context. */
export function isOfContext({ origins }: Settings, key: SettingKey): boolean {
  return origins[key].kind === 'context'
}

/** A suggestion that ends in a command for the server, made to reach the same server. */
export function addressed(suggestion: string, settings: Settings): string {
  const isForServer =
    /(?:^|: )wsctl (?:configure|deploy|diagnose|health|monitor|preflight|rollback|stats|status|user)\b/
  return isForServer.test(suggestion) && !/ --(?:server|servers-from|context) /.test(suggestion)
    ? suggestion + addressFlags(settings)
    : suggestion
}

/** One word of a shell command. */
export function quote(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
