import { SETTING_ROWS, type Settings } from './settings.js'

const [SERVER, ADMIN_PATH] = SETTING_ROWS

/** Flags without which a suggested command would go to another server, or without a token. */
export function addressFlags({ server, adminPath, tokenFile, allowHttp, authoritiesFile }: Settings): string {
  return [
    server === SERVER.fallback ? '' : ` --server ${quote(server)}`,
    adminPath === ADMIN_PATH.fallback ? '' : ` --admin-path ${quote(adminPath)}`,
    tokenFile === null ? '' : ` --token-file ${quote(tokenFile)}`,
    allowHttp ? ' --allow-http' : '',
    authoritiesFile === null ? '' : ` --ca-file ${quote(authoritiesFile)}`,
  ].join('')
}

/** A suggestion that ends in a command for the server, made to reach the same server. */
export function addressed(suggestion: string, settings: Settings): string {
  const isForServer =
    /(?:^|: )wsctl (?:configure|deploy|diagnose|health|monitor|preflight|rollback|stats|status|user)\b/
  return isForServer.test(suggestion) && !suggestion.includes(' --server ')
    ? suggestion + addressFlags(settings)
    : suggestion
}

/** One word of a shell command. */
export function quote(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
