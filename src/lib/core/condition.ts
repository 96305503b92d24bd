import { usageError, type WsctlError } from './error.js'
import { effectivePercentage, MODES, type ServerStatus } from './server.js'

/** What a condition is about: the server at one moment. */
interface Sight {
  readonly status: Pick<ServerStatus, 'settings' | 'open'>
  readonly health: 'healthy' | 'degraded'
}

/** Something that is true of a server or not, such as `percentage>=50`. */
export interface Condition {
  /** As typed, without spaces. */
  readonly text: string
  readonly holds: (sight: Sight) => boolean
  /** What is there instead, such as `percentage is 20`. */
  readonly describe: (sight: Sight) => string
}

interface Words {
  readonly legal: readonly string[]
  readonly of: (sight: Sight) => string
}

interface Numbers {
  readonly most: number
  readonly of: (sight: Sight) => number
}

const WORDS: Readonly<Record<string, Words>> = {
  mode: { legal: MODES, of: ({ status }) => status.settings.mode },
  health: { legal: ['healthy', 'degraded'], of: ({ health }) => health },
}

/** A system that was never used has no open connection (contract of the admin API, fact 4). */
const NUMBERS: Readonly<Record<string, Numbers>> = {
  // The share of users that the settings send there: what is left in mode `disabled` counts as 0 (fact 3).
  percentage: { most: 100, of: ({ status }) => effectivePercentage(status.settings) },
  'unified-open': { most: Number.MAX_SAFE_INTEGER, of: ({ status }) => status.open.unified ?? 0 },
  'legacy-open': { most: Number.MAX_SAFE_INTEGER, of: ({ status }) => status.open.legacy ?? 0 },
}

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
}

/** Every form that a condition can have. */
export const CONDITION_FORMS: readonly string[] = [
  ...Object.entries(WORDS).map(([name, { legal }]) => `${name}=${legal.join('|')} (= or !=)`),
  'percentage=0-100 (=, !=, <, <=, > or >=)',
  'unified-open=COUNT, legacy-open=COUNT (=, !=, <, <=, > or >=)',
]

/**
 * Reads a condition as it is typed: a name, a comparison, a value.
 *
 * @throws WsctlError (usage) that lists every legal form
 */
export function parseCondition(typed: string): Condition {
  const text = typed.replaceAll(/\s+/g, '').toLowerCase()
  const [, name = text, operator = '', value = ''] = /^([a-z-]+)(!=|>=|<=|=|>|<)(.*)$/.exec(text) ?? []
  // By its own keys: a name such as `constructor` is on every object.
  const words = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined
  const numbers = Object.hasOwn(NUMBERS, name) ? NUMBERS[name] : undefined
  if (words) return wordCondition(text, name, operator, value, words)
  if (numbers) return numberCondition(text, name, operator, value, numbers)
  throw illegal(text, 'there is nothing of that name to wait for')
}

function wordCondition(text: string, name: string, operator: string, value: string, { legal, of }: Words): Condition {
  if (operator !== '=' && operator !== '!=') throw illegal(text, `${name} is compared by = or !=`)
  if (!legal.includes(value)) throw illegal(text, `${name} is one of ${legal.join(', ')}`)
  return {
    text,
    holds: (sight) => (of(sight) === value) === (operator === '='),
    describe: (sight) => `${name} is ${of(sight)}`,
  }
}

function numberCondition(
  text: string,
  name: string,
  operator: string,
  value: string,
  { most, of }: Numbers,
): Condition {
  const compare = COMPARISONS[operator]
  // The shell takes a > that is not quoted for itself, and what stood before it is all that arrives.
  if (!compare) throw illegal(text, `no comparison follows; one with < or > has to be quoted: '${name}>=50'`)
  const wanted = Number(value.replace(/%$/, ''))
  if (!/^\d+%?$/.test(value) || wanted > most) {
    throw illegal(text, `${name} is a whole number${most === 100 ? ' from 0 to 100' : ''}`)
  }
  return {
    text,
    holds: (sight) => compare(of(sight), wanted),
    describe: (sight) => `${name} is ${of(sight)}`,
  }
}

function illegal(text: string, why: string): WsctlError {
  return usageError(
    `--wait-for ${text === '' ? '""' : text}: ${why}. What can be waited for:\n` +
      CONDITION_FORMS.map((form) => `  ${form}`).join('\n'),
    "for example: wsctl status --wait-for mode=gradual --wait-for 'percentage>=50'",
  )
}
