import { MODES } from '../core/server.js'
import type { VariableLine } from './env-file.js'

const LEGAL: Readonly<Record<string, { readonly pattern: RegExp; readonly expected: string }>> = {
  WEBSOCKET_MIGRATION_MODE: {
    pattern: new RegExp(`^(${MODES.join('|')})$`, 'i'),
    expected: `one of ${MODES.join(', ')}`,
  },
  WEBSOCKET_ROLLOUT_PERCENTAGE: { pattern: /^(\d{1,2}|100)$/, expected: 'a whole number from 0 to 100' },
  WEBSOCKET_UNIFIED_ENABLED: { pattern: /^(true|false)$/i, expected: 'true or false' },
  WEBSOCKET_GRADUAL_ROLLOUT_ENABLED: { pattern: /^(true|false)$/i, expected: 'true or false' },
  WEBSOCKET_LEGACY_FALLBACK: { pattern: /^(true|false)$/i, expected: 'true or false' },
}

/** What a server would make nothing of, or something else than was meant (contract of the admin API, its environment file). */
export function problemsOf(variables: readonly VariableLine[]): readonly string[] {
  const illegal = variables.flatMap(({ name, value, line }) => {
    const rule = LEGAL[name]
    if (rule === undefined || value === null || rule.pattern.test(value.trim())) return []
    return [`line ${line}: ${name} is ${JSON.stringify(value)}, expected ${rule.expected}`]
  })
  const [rollout = [], forced = []] = ['WEBSOCKET_ROLLOUT_USER_LIST', 'WEBSOCKET_FORCE_LEGACY_USERS'].map((name) =>
    (variables.find((variable) => variable.name === name)?.value ?? '').split(',').map((id) => id.trim()),
  )
  const both = rollout.filter((id) => id !== '' && forced.includes(id))
  return both.length === 0 ? illegal : [...illegal, `on both lists, where legacy wins: ${both.join(', ')}`]
}
