import type { VariableValues } from '../adapters/env-document.js'
import { configureOptionsSchema, parseOptions } from '../contract/options.js'
import { refuseOverlap } from '../contract/user-list.js'
import { usageError } from '../core/error.js'
import { readUserList } from './user-lists.js'

export interface ChangeFlags {
  readonly mode?: string | undefined
  readonly percentage?: string | undefined
  readonly 'legacy-fallback'?: string | undefined
  readonly 'rollout-users'?: readonly string[] | undefined
  readonly 'force-legacy-users'?: readonly string[] | undefined
}

/**
 * Flags of `env set` as variables.
 *
 * @throws WsctlError (usage) for values that the server would not take, and when nothing is named
 */
export async function readVariableChanges(flags: ChangeFlags): Promise<VariableValues> {
  const { mode, percentage, legacyFallback } = parseOptions(configureOptionsSchema, {
    mode: flags.mode,
    percentage: flags.percentage,
    legacyFallback: flags['legacy-fallback'],
  })
  const rollout = flags['rollout-users'] && (await readUserList('--rollout-users', flags['rollout-users']))
  const forced =
    flags['force-legacy-users'] && (await readUserList('--force-legacy-users', flags['force-legacy-users']))
  if (rollout && forced) refuseOverlap(rollout, forced)
  const values: VariableValues = {
    ...(mode && {
      WEBSOCKET_MIGRATION_MODE: mode,
      WEBSOCKET_UNIFIED_ENABLED: String(mode !== 'disabled'),
      WEBSOCKET_GRADUAL_ROLLOUT_ENABLED: String(mode === 'gradual'),
    }),
    ...(percentage !== undefined && { WEBSOCKET_ROLLOUT_PERCENTAGE: String(percentage) }),
    ...(legacyFallback !== undefined && { WEBSOCKET_LEGACY_FALLBACK: String(legacyFallback) }),
    ...(rollout && { WEBSOCKET_ROLLOUT_USER_LIST: rollout.join(',') }),
    ...(forced && { WEBSOCKET_FORCE_LEGACY_USERS: forced.join(',') }),
  }
  if (Object.keys(values).length > 0) return values
  throw usageError(
    'nothing to set was named',
    'name what to change, such as: wsctl env set --mode disabled --env-file FILE',
  )
}
