/** The layers of settings: what is found in which of them. */
import { TOKEN_KEYS } from '../contract/contexts.js'
import type { Environment, NamedContext } from './environment.js'
import type { Settings, SettingKey, SettingsFlags } from './settings.js'

/** Where a setting came from: `name` is that of the flag, the variable or the context. */
export type Origin =
  { readonly kind: 'flag' | 'variable' | 'dotenv' | 'context'; readonly name: string } | { readonly kind: 'default' }

/** A token from the environment, and the variable that holds it. */
export interface NamedToken {
  readonly variable: string
  /** Null when the variable that was named is not set. */
  readonly value: string | null
}

/** A setting that is looked for in every layer under one name. */
export interface LayeredRow {
  readonly key: Exclude<SettingKey, 'token'>
  readonly variables: readonly string[]
}

/** A value, and the layer that it was found in. */
export interface Found {
  readonly value: string | null
  readonly origin: Origin
}

/** Looks for a setting from the strongest layer down. */
export function find(
  row: LayeredRow,
  flag: string | undefined,
  environment: Environment,
  context: NamedContext | null,
): Found {
  if (flag !== undefined) return { value: flag, origin: { kind: 'flag', name: `--${row.key}` } }
  const variable = findVariable(row.variables, environment)
  if (variable) return variable
  const listed = context?.settings[row.key]
  if (context === null || listed === undefined) return { value: null, origin: { kind: 'default' } }
  // A duration in a file was read already, in ms.
  const value = typeof listed === 'number' ? `${listed}ms` : listed
  return { value, origin: { kind: 'context', name: context.name } }
}

function findVariable(
  names: readonly string[],
  { variables, dotenv }: Environment,
): { readonly value: string; readonly origin: Origin & { readonly name: string } } | null {
  for (const name of names) {
    const value = variables[name]
    if (value !== undefined && value.trim() !== '') {
      return { value, origin: { kind: dotenv.has(name) ? 'dotenv' : 'variable', name } }
    }
  }
  return null
}

/** Each layer names one source of the token; the strongest that names any is taken, whole. */
export function findToken(
  variables: readonly string[],
  flags: SettingsFlags,
  environment: Environment,
  context: NamedContext | null,
): Pick<Settings, 'tokenFile' | 'tokenCommand' | 'token'> & { readonly origin: Origin } {
  const flag = TOKEN_KEYS.find((key) => flags[key] !== undefined)
  if (flag) return { ...tokenFrom(flags, environment), origin: { kind: 'flag', name: `--${flag}` } }
  const found = findVariable(variables, environment)
  if (found) {
    const { value, origin } = found
    return { tokenFile: null, tokenCommand: null, token: { variable: origin.name, value }, origin }
  }
  const isListed = context !== null && TOKEN_KEYS.some((key) => context.settings[key] !== undefined)
  const origin: Origin = isListed ? { kind: 'context', name: context.name } : { kind: 'default' }
  return { ...tokenFrom(context?.settings ?? {}, environment), origin }
}

function tokenFrom(
  given: Pick<SettingsFlags, (typeof TOKEN_KEYS)[number]>,
  { variables }: Environment,
): Pick<Settings, 'tokenFile' | 'tokenCommand' | 'token'> {
  const variable = given['token-env']
  return {
    tokenFile: given['token-file'] ?? null,
    tokenCommand: given['token-command'] ?? null,
    token: variable === undefined ? null : { variable, value: variables[variable] ?? null },
  }
}
