import { parse } from 'dotenv'
import { WsctlError } from '../core/error.js'
import type { Snapshot } from '../core/server.js'

/** The seven variables by which the server is configured at its start, in the guide's order. */
export const VARIABLES = [
  'WEBSOCKET_UNIFIED_ENABLED',
  'WEBSOCKET_GRADUAL_ROLLOUT_ENABLED',
  'WEBSOCKET_ROLLOUT_PERCENTAGE',
  'WEBSOCKET_ROLLOUT_USER_LIST',
  'WEBSOCKET_LEGACY_FALLBACK',
  'WEBSOCKET_MIGRATION_MODE',
  'WEBSOCKET_FORCE_LEGACY_USERS',
] as const
export type Variable = (typeof VARIABLES)[number]
export type VariableValues = Readonly<Partial<Record<Variable, string>>>

/**
 * An assignment as dotenv reads it: key, separator, value. Quoted values may span lines, so what looks
 * like an assignment within another key's value is none.
 */
const ASSIGNMENT =
  /^\s*(?:export\s+)?([\w.-]+)(\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$/dgm

/** The values that the server would get, decoded; of a key that occurs twice, the last. */
export function readVariables(text: string): VariableValues {
  const decoded = parse(text)
  return Object.fromEntries(VARIABLES.flatMap((name) => (decoded[name] === undefined ? [] : [[name, decoded[name]]])))
}

/** The number of the line, from 1, on which a variable is set for the last time; null when it is not. */
export function lineOf(text: string, variable: Variable): number | null {
  const start = [...text.matchAll(ASSIGNMENT)].findLast((match) => match[1] === variable)?.indices?.[1]?.[0]
  return start === undefined ? null : text.slice(0, start).split('\n').length
}

/**
 * The text with these variables changed and nothing else: comments, order, quotes, other keys and line
 * endings stay. A key that occurs twice is changed in both places, so that neither contradicts the
 * other; a key that is missing is added at the end.
 *
 * @throws WsctlError `env-file-unsafe-edit` when the result would not read back as intended
 */
export function changeVariables(text: string, values: VariableValues): string {
  const edited = changeInPlace(text, values)
  const missing = VARIABLES.filter((name) => values[name] !== undefined && lineOf(edited, name) === null)
  const changed = missing.reduce((whole, name) => appendLine(whole, `${name}=${quote(values[name] ?? '', '')}`), edited)
  verify(text, changed, values)
  return changed
}

function changeInPlace(text: string, values: VariableValues): string {
  const pieces: string[] = []
  let done = 0
  for (const match of text.matchAll(ASSIGNMENT)) {
    const [, key, , old = ''] = match
    const value = VARIABLES.some((name) => name === key) ? values[key as Variable] : undefined
    const separatorEnd = match.indices?.[2]?.[1]
    if (value === undefined || separatorEnd === undefined) continue
    // None of the seven ever spans lines: a quote was left open, and what it swallowed is not ours to drop.
    if (/[\r\n]/.test(old)) throw unsafeEdit([key ?? ''])
    const end = separatorEnd + old.length
    pieces.push(text.slice(done, separatorEnd), replaceValue(old, value, text.slice(end)))
    done = end
  }
  return pieces.join('') + text.slice(done)
}

/**
 * Keeps the quotes and the space around the old value. Where a comment follows, an empty value is quoted
 * and a value stands clear of it: readers such as python-dotenv take `KEY= # note` and `KEY=a#note` for
 * values that hold the comment.
 */
function replaceValue(old: string, value: string, rest: string): string {
  const [, before = '', content = '', after = ''] = /^(\s*)(.*?)(\s*)$/s.exec(old) ?? []
  const quoted = /^(['"`]).*\1$/s.exec(content)?.[1] ?? ''
  if (!/^[^\S\r\n]*#/.test(rest)) return before + quote(value, quoted) + after
  const written = quote(value, quoted === '' && value === '' ? "'" : quoted)
  if (content === '') return written + (before || ' ')
  return before + written + (after || (rest.startsWith('#') ? ' ' : ''))
}

/** Quotes a value as asked, or as it needs to be. */
function quote(value: string, wanted: string): string {
  const isPlain = /^[\w.,:@/+-]*$/.test(value)
  if (wanted === '' && isPlain) return value
  const usable = [wanted, "'", '"', '`'].find(
    (mark) => mark !== '' && !value.includes(mark) && (mark !== '"' || !value.includes('\\')),
  )
  return usable === undefined ? value : usable + value + usable
}

function appendLine(text: string, line: string): string {
  const ending = /\r?\n/.exec(text)?.[0] ?? '\n'
  const gap = text === '' || text.endsWith('\n') ? '' : ending
  return text + gap + line + ending
}

/** The file is read by another program: what is written must mean exactly what was meant. */
function verify(before: string, after: string, values: VariableValues): void {
  const was = parse(before)
  const is = parse(after)
  const keys = new Set([...Object.keys(was), ...Object.keys(is), ...Object.keys(values)])
  const wanted: Readonly<Record<string, string>> = { ...was, ...values }
  const wrong = [...keys].filter((key) => is[key] !== wanted[key])
  if (wrong.length > 0) throw unsafeEdit(wrong)
}

function unsafeEdit(names: readonly string[]): WsctlError {
  return new WsctlError(
    'env-file-unsafe-edit',
    `the file cannot be changed safely: ${names.join(', ')} would not read back as intended`,
    {
      outcome: 'usage',
      suggestions: ['is a quote left open at or before these lines? Mend the file by hand, then try again'],
    },
  )
}

/** The variables that make a server start with this configuration; a list that is null stays as it is. */
export function toVariables({
  mode,
  percentage,
  legacyFallback,
  rolloutUsers,
  forceLegacyUsers,
}: Snapshot): VariableValues {
  return {
    WEBSOCKET_UNIFIED_ENABLED: String(mode !== 'disabled'),
    WEBSOCKET_GRADUAL_ROLLOUT_ENABLED: String(mode === 'gradual'),
    WEBSOCKET_ROLLOUT_PERCENTAGE: String(percentage),
    WEBSOCKET_LEGACY_FALLBACK: String(legacyFallback),
    WEBSOCKET_MIGRATION_MODE: mode,
    ...(rolloutUsers && { WEBSOCKET_ROLLOUT_USER_LIST: rolloutUsers.join(',') }),
    ...(forceLegacyUsers && { WEBSOCKET_FORCE_LEGACY_USERS: forceLegacyUsers.join(',') }),
  }
}
