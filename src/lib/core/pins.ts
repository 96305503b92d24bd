import { WsctlError } from './error.js'
import type { Pins, Settings } from './server.js'

/** A place where a list may be known from. */
export interface ListSource {
  /** For messages, such as `--rollout-users` or the path of a file. */
  readonly origin: string
  readonly users: readonly string[]
}

export interface PinSources {
  /** Best first: flags, the environment file, the last record. */
  readonly rolloutUsers: readonly ListSource[]
  readonly forceLegacyUsers: readonly ListSource[]
}

const LISTS = [
  { key: 'rolloutUsers', count: 'explicitRolloutUsers', flag: '--rollout-users', name: 'rollout list' },
  { key: 'forceLegacyUsers', count: 'forcedLegacyUsers', flag: '--force-legacy-users', name: 'force-legacy list' },
] as const

/** What the sources say about both lists, and why a list stays unknown. */
export interface PinFindings {
  readonly pins: Pins | null
  /** One sentence for each list that is not known. */
  readonly unknown: readonly string[]
  /** Flags that would settle it. */
  readonly flags: readonly string[]
}

/**
 * Finds the two lists that the server holds but never tells (contract of the admin API, fact 1). A
 * list counts as known only when it is as long as the server says. The first source that fits wins,
 * except that a list given by flag is the operator's word: if it does not fit, nothing else is tried.
 */
export function findPins(settings: Settings, sources: PinSources): PinFindings {
  const unknown: string[] = []
  const flags: string[] = []
  const found = { rolloutUsers: [] as readonly string[], forceLegacyUsers: [] as readonly string[] }
  for (const list of LISTS) {
    const length = settings[list.count]
    const candidates = sources[list.key]
    const flagged = candidates.find((source) => source.origin === list.flag)
    const users = (flagged ? [flagged] : candidates).find((source) => source.users.length === length)?.users
    if (users !== undefined) {
      found[list.key] = users
    } else if (length > 0 || flagged) {
      const tried = (flagged ? [flagged] : candidates).map((source) => `${source.users.length} in ${source.origin}`)
      const known = tried.length > 0 ? `known are ${tried.join(', ')}` : 'none are known here'
      unknown.push(`the server says its ${list.name} holds ${length} ${length === 1 ? 'user' : 'users'}, ${known}`)
      flags.push(list.flag)
    }
  }
  return { pins: unknown.length === 0 ? found : null, unknown, flags }
}

/**
 * The pins, or a refusal that names what to give.
 *
 * @throws WsctlError `unknown-pins` (exit 13)
 */
export function requirePins(findings: PinFindings): Pins {
  if (findings.pins !== null) return findings.pins
  throw unknownPins(findings)
}

/** The refusal to write with lists that are not known. */
export function unknownPins(findings: PinFindings): WsctlError {
  return new WsctlError(
    'unknown-pins',
    `${findings.unknown.join('; ')}. A write replaces both lists, so none is made with lists that do not fit; nothing was changed`,
    {
      outcome: 'refused',
      suggestions: [
        `name them: ${findings.flags.map((flag) => `${flag} ID,ID,…`).join(' ')} (or @FILE)`,
        "or name the server's environment file that holds them: --env-file FILE",
        `to replace what the server holds on purpose: wsctl configure ${findings.flags.map((flag) => `${flag} ID,ID,…`).join(' ')}`,
      ],
    },
  )
}
