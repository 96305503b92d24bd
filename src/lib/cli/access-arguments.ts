import { withoutPassword } from '../contract/state-address.js'
import { metricsFlags } from './flags/run.js'
import type { NamedFleet } from './fleet.js'
import type { Settings } from './settings.js'

/**
 * Flags by which another process of wsctl reaches the same server in the same way as this one, and shows its numbers
 * in the same places. Nothing is left to the contexts, which somebody may change or break while a run goes on. The token is not among them: it
 * comes from the variable, the file or the command that they name. That a change was meant has been asked.
 */
export function accessArguments(settings: Settings, flags: Readonly<Record<string, unknown>>): readonly string[] {
  const { server, fleet, adminPath, statsPath, timeoutMs, stateDir, state, allowHttp } = settings
  const { tokenFile, tokenCommand, token, authoritiesFile } = settings
  return [
    ...['--no-context', '--yes', ...(fleet === undefined ? [`--server=${server}`] : accessToFleet(fleet))],
    ...[`--admin-path=${adminPath}`, `--stats-path=${statsPath}`],
    ...[`--timeout=${timeoutMs}ms`, `--state-dir=${stateDir}`],
    `--state=${state === null ? '' : withoutPassword(state)}`,
    ...(allowHttp ? ['--allow-http'] : []),
    ...(tokenFile === null ? [] : [`--token-file=${tokenFile}`]),
    ...(tokenCommand === null ? [] : [`--token-command=${tokenCommand}`]),
    ...(token === null ? [] : [`--token-env=${token.variable}`]),
    ...(authoritiesFile === null ? [] : [`--ca-file=${authoritiesFile}`]),
    ...Object.keys(metricsFlags).flatMap((name) => {
      const value = flags[name]
      return typeof value === 'string' ? [`--${name}=${value}`] : []
    }),
  ]
}

function accessToFleet({ servers, from }: NamedFleet): readonly string[] {
  return from === null ? servers.map((server) => `--server=${server}`) : [`--servers-from=${from}`]
}
