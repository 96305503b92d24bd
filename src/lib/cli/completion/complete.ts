/** What may follow on a command line, by the manifest alone: nothing here is loaded, asked or read. */

/** A command as the manifest tells it. */
export interface KnownCommand {
  readonly id: string
  readonly aliases?: readonly string[]
  readonly summary?: string
  readonly hidden?: boolean
  readonly strict?: boolean
  readonly args: Readonly<Record<string, KnownArgument>>
  readonly flags: Readonly<Record<string, KnownFlag>>
}

interface KnownArgument {
  readonly name: string
  readonly options?: readonly string[]
}

interface KnownFlag {
  readonly name: string
  readonly type: 'boolean' | 'option'
  readonly char?: string
  readonly description?: string
  readonly helpGroup?: string
  readonly helpValue?: string | readonly string[]
  readonly options?: readonly string[]
  readonly multiple?: boolean
  readonly hidden?: boolean
}

export interface Candidate {
  /** The whole word. */
  readonly value: string
  /** Empty for none. */
  readonly description: string
}

/** What is not in the manifest. */
export type LookedUp = 'contexts' | 'runs' | 'topics' | 'items'

/** What a shell is to offer. What has to be looked up first is only named. */
export type Completion =
  | { readonly kind: 'words'; readonly words: readonly Candidate[] }
  /** Names of contexts, ids of runs, what can be explained, or items of the checklist; `before` goes before each. */
  | { readonly kind: LookedUp; readonly before: string }
  /** Files with one of these endings; without any, all. */
  | { readonly kind: 'files'; readonly endings: readonly string[] }
  | { readonly kind: 'folders' }

/** Its own command has no summary, and everything for an argument. */
const HELP: Candidate = { value: 'help', description: 'show what a command does' }
const NOTHING: Completion = { kind: 'words', words: [] }
const PLAN_ENDINGS = ['yaml', 'yml', 'json']

/** Values that are fixed, but for other reasons are no options of the parser. */
const FIXED_VALUES: Readonly<Partial<Record<string, readonly string[]>>> = {
  mode: ['disabled', 'testing', 'gradual', 'full'],
  fault: ['unified-errors', 'unified-errors-no-fallback', 'refused'],
}

/**
 * @param words after the program's name; the last is the one to complete, empty when it has not been begun
 */
export function complete(words: readonly string[], commands: readonly KnownCommand[]): Completion {
  const visible = commands.filter(({ id, hidden }) => hidden !== true && id !== HELP.value)
  const before = words.slice(0, -1)
  const current = words.at(-1) ?? ''
  const asked = before[0] === 'help' ? before.slice(1) : before
  const next = [...nextWords(asked, visible), ...(before.length === 0 ? [HELP] : [])]
  if (next.length > 0 && !current.startsWith('-')) return offer(next, current)
  const command = findCommand(before, visible)
  return command ? completeCommand(command.entry, command.rest, current) : NOTHING
}

/** All ways to type a command, such as `status` and `rollback status`. */
function namesOf({ id, aliases = [] }: KnownCommand): readonly (readonly string[])[] {
  return [id, ...aliases].map((name) => name.split(':'))
}

/** What may follow these words as the next of a command's name. */
function nextWords(typed: readonly string[], commands: readonly KnownCommand[]): readonly Candidate[] {
  const found = new Map<string, string>()
  for (const command of commands) {
    for (const name of namesOf(command)) {
      const next = name[typed.length]
      if (next === undefined || typed.some((word, index) => name[index] !== word)) continue
      const isWhole = name.length === typed.length + 1
      const among = `${found.get(next) ?? ''}${found.has(next) ? ', ' : ''}${name[typed.length + 1] ?? ''}`
      found.set(next, isWhole ? (command.summary ?? '') : among)
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([value, description]) => ({ value, description }))
}

function findCommand(
  words: readonly string[],
  commands: readonly KnownCommand[],
): { readonly entry: KnownCommand; readonly rest: readonly string[] } | null {
  const found = commands.flatMap((entry) =>
    namesOf(entry)
      .filter((parts) => parts.every((part, index) => words[index] === part))
      .map((parts) => ({ entry, rest: words.slice(parts.length) })),
  )
  // `plan lint` begins with `plan`, which is a command as well.
  return found.sort((a, b) => a.rest.length - b.rest.length)[0] ?? null
}

function completeCommand(command: KnownCommand, typed: readonly string[], current: string): Completion {
  const flags = Object.values(command.flags).filter(({ hidden }) => hidden !== true)
  if (typed.includes('--')) return completeArgument(command, typed.length, current)
  const [, name] = /^--([\w-]+)=/.exec(current) ?? []
  if (name !== undefined) {
    const flag = flags.find((each) => each.name === name)
    return flag ? completeValue(flag, current, `--${name}=`) : NOTHING
  }
  const awaiting = flags.find((flag) => flag.type === 'option' && isSpelt(flag, typed.at(-1) ?? ''))
  if (awaiting) return completeValue(awaiting, current, '')
  if (current.startsWith('-')) return offer(flagWords(flags, typed), current)
  const taken = countArguments(flags, typed)
  const isFull = command.strict !== false && taken >= Object.keys(command.args).length
  return isFull ? offer(flagWords(flags, typed), current) : completeArgument(command, taken, current)
}

function isSpelt({ name, char }: KnownFlag, word: string): boolean {
  return word === `--${name}` || (char !== undefined && word === `-${char}`)
}

/** Flags that were not given yet, or may be given again. */
function flagWords(flags: readonly KnownFlag[], typed: readonly string[]): readonly Candidate[] {
  const isGiven = (flag: KnownFlag): boolean =>
    typed.some((word) => isSpelt(flag, word) || word.startsWith(`--${flag.name}=`))
  return [
    ...[...flags]
      .sort((a, b) => Number(isGlobal(a)) - Number(isGlobal(b)))
      .filter((flag) => flag.multiple === true || !isGiven(flag))
      .map(({ name, description = '' }) => ({ value: `--${name}`, description })),
    { value: '--help', description: 'show what the command does' },
  ]
}

/** Of every command, and so of less interest. */
function isGlobal({ helpGroup }: KnownFlag): boolean {
  return helpGroup === 'GLOBAL'
}

function countArguments(flags: readonly KnownFlag[], typed: readonly string[]): number {
  return typed.filter((word, index) => {
    if (word.startsWith('-')) return false
    const before = typed[index - 1] ?? ''
    return !flags.some((flag) => flag.type === 'option' && isSpelt(flag, before))
  }).length
}

function completeArgument({ id, args }: KnownCommand, index: number, current: string): Completion {
  const argument = Object.values(args)[index]
  if (argument === undefined) return NOTHING
  if (argument.options) return offer(plain(argument.options), current)
  if (argument.name === 'id' && id !== 'user') return { kind: 'runs', before: '' }
  if (argument.name === 'name' && id.startsWith('context:') && id !== 'context:add') {
    return { kind: 'contexts', before: '' }
  }
  if (argument.name === 'topic' && id === 'explain') return { kind: 'topics', before: '' }
  if (argument.name === 'item' && id === 'checklist:sign') return { kind: 'items', before: '' }
  return argument.name === 'backup' || argument.name === 'file' ? { kind: 'files', endings: [] } : NOTHING
}

/** @param before what of the word stands before the value, such as `--mode=` */
function completeValue({ name, options, helpValue }: KnownFlag, current: string, before: string): Completion {
  const hint = typeof helpValue === 'string' ? helpValue : ''
  const fixed = options ?? FIXED_VALUES[name] ?? (/^\w+(?:\|\w+)+$/.test(hint) ? hint.split('|') : null)
  if (fixed) return offer(plain(fixed.map((value) => before + value)), current)
  if (name === 'context') return { kind: 'contexts', before }
  if (name === 'plan') return { kind: 'files', endings: PLAN_ENDINGS }
  switch (hint) {
    // Elsewhere an id is that of a user.
    case 'ID':
      return name === 'baseline' ? { kind: 'runs', before } : NOTHING
    case 'FILE':
      return { kind: 'files', endings: [] }
    case 'DIR':
      return { kind: 'folders' }
    default:
      return NOTHING
  }
}

/** Those that begin with what was typed. */
export function offer(candidates: readonly Candidate[], current: string): Completion {
  return { kind: 'words', words: candidates.filter(({ value }) => value.startsWith(current)) }
}

export function plain(values: readonly string[]): readonly Candidate[] {
  return values.map((value) => ({ value, description: '' }))
}
