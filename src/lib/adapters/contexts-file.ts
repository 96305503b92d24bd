import { readFile, realpath } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { isMap, parseDocument, type Document } from 'yaml'
import * as z from 'zod'
import {
  CONTEXTS_SCHEMA,
  contextsSchema,
  findSecret,
  PATH_KEYS,
  type Context,
  type Contexts,
} from '../contract/contexts.js'
import { usageError, WsctlError } from '../core/error.js'
import { checkDocument } from './check-document.js'
import { changedLines, type LineChanges } from './line-changes.js'
import { makeFolder } from './make-folder.js'
import { exposureOf } from './private-file.js'
import { readYaml, type YamlDocument } from './yaml-document.js'

const MODE = 0o600
/** How often a change is begun anew because somebody else changed the file meanwhile. */
const TRIES = 3
/** The lock is held for a few file operations; only a process that died in between leaves it behind, ms. */
const LOCK = { stale: 5000, retries: { retries: 80, factor: 1, minTimeout: 50, maxTimeout: 150, randomize: true } }
const EMPTY = `schema: ${CONTEXTS_SCHEMA}\ncurrent: null\ncontexts: {}\n`

const NONE = { schema: CONTEXTS_SCHEMA, current: null, contexts: {}, typed: {} } as const
/** What was typed, of a file that has been checked. */
const typedSchema = z.object({ contexts: z.record(z.string(), z.record(z.string(), z.unknown())).nullish() })

/** The contexts as they were found. */
export interface FoundContexts extends Contexts, Pick<YamlDocument, 'path'> {
  /** File, line and column of a key, or of the nearest one above it, such as `contexts.yaml:4:3`. */
  readonly placeOf: (keys: readonly PropertyKey[]) => string
  /** What the file says of each, as it was typed, but for the paths, which are absolute here too. */
  readonly typed: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** What is wrong with the rights of the file, in a sentence; null when nothing is. */
  readonly warning: string | null
}

/** What is to be done to the file, in which these contexts are now. */
export type Edit = (document: Document, present: Contexts) => void

/**
 * The file of contexts. Only its owner reads and writes it. It is replaced as a whole, never half; comments in
 * it stay; of two who change it at the same time neither loses anything.
 */
export class ContextsFile {
  /** @param path its folder is made when the first context is added */
  constructor(readonly path: string) {}

  /**
   * The contexts, their paths absolute. Without a file there are none.
   *
   * @throws WsctlError (usage) for a file that is no such file, or that others could have written
   */
  async read(): Promise<FoundContexts> {
    const { path } = this
    const real = await this.#real()
    if (real === null) return { path, ...NONE, warning: null, placeOf: () => path }
    const warning = await this.#inspect(real)
    const document = await readYaml(path)
    const { contexts, ...rest } = checkDocument(withoutSecrets(document), contextsSchema)
    const absolute = mapValues(contexts, (context) => ({ ...context, ...absolutePaths(context, dirname(real)) }))
    const written = typedSchema.parse(document.value).contexts ?? {}
    const typed = mapValues(written, (settings, name) => ({
      ...settings,
      ...absolutePaths(contexts[name], dirname(real)),
    }))
    return { path, ...rest, contexts: absolute, typed, warning, placeOf: (keys) => placeIn(document, keys) }
  }

  /**
   * Changes the file, which is made if it is not there.
   *
   * @param edit may be called again when somebody else changed the file meanwhile
   * @throws WsctlError (usage) as `read`, and when it cannot be written; then nothing was changed
   */
  async change(edit: Edit): Promise<void> {
    const { default: writeFileAtomic } = await import('write-file-atomic')
    await this.#locked(async () => {
      for (let attempt = 1; attempt <= TRIES; attempt++) {
        const real = await this.#real()
        const before = real === null ? null : await readFile(real, 'utf8')
        const after = await this.#edited(before, edit)
        const now = await readFile(this.path, 'utf8').catch(() => null)
        if (now !== before) continue
        await writeFileAtomic(real ?? this.path, after, { mode: MODE })
        return
      }
      throw usageError(
        `${this.path} is being changed by somebody else; it was left alone`,
        'try again when nobody edits it',
      )
    })
  }

  /**
   * The lines that `change` would change.
   *
   * @throws WsctlError (usage) as `read`
   */
  async preview(edit: Edit): Promise<LineChanges> {
    const real = await this.#real()
    const before = real === null ? null : await readFile(real, 'utf8')
    return changedLines(before ?? '', await this.#edited(before, edit), (line) => line)
  }

  async #edited(before: string | null, edit: Edit): Promise<string> {
    const isEmpty = before === null || before.trim() === ''
    const document = parseDocument(isEmpty ? EMPTY : before)
    edit(document, isEmpty ? contextsSchema.parse(document.toJS()) : await this.read())
    return textOf(document)
  }

  /** The file that a link stands for; null when there is none. */
  async #real(): Promise<string | null> {
    try {
      return await realpath(this.path)
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
      throw this.#unusable('read', error)
    }
  }

  async #inspect(real: string): Promise<string | null> {
    const { distrust, warning } = await exposureOf(real)
    if (distrust === null) return warning && `${this.path} ${warning}; to close it: chmod 600 ${this.path}`
    throw usageError(
      `${this.path} ${distrust}, so nothing in it is trusted: it names servers, and commands that are run`,
      `see what it says, then: chmod 600 ${real} && chmod go-w ${dirname(real)}`,
      'or do without it: --no-context',
    )
  }

  async #locked(act: () => Promise<void>): Promise<void> {
    const { lock } = await import('proper-lockfile')
    const lockfilePath = `${this.path}.lock`
    let unlock: () => Promise<void>
    try {
      await makeFolder(dirname(this.path))
      unlock = await lock(lockfilePath, { ...LOCK, lockfilePath, realpath: false, onCompromised: () => undefined })
    } catch (error) {
      throw this.#unusable('written', error)
    }
    try {
      await act()
    } catch (error) {
      throw error instanceof WsctlError ? error : this.#unusable('written', error)
    } finally {
      await unlock().catch(() => undefined)
    }
  }

  #unusable(done: string, error: unknown): WsctlError {
    const why = error instanceof Error ? error.message : String(error)
    return usageError(
      `the file of contexts ${this.path} cannot be ${done}: ${why}`,
      'name another folder for it: WSCTL_CONFIG_DIR',
    )
  }
}

function placeIn({ path, at }: YamlDocument, keys: readonly PropertyKey[]): string {
  for (let length = keys.length; length > 0; length--) {
    const position = at(keys.slice(0, length))
    if (position) return `${path}:${position.line}:${position.column}`
  }
  return path
}

/**
 * A secret that was put into the file all the same is refused before anything else about it is told, because
 * other complaints show the value that they are about.
 */
function withoutSecrets(document: YamlDocument): YamlDocument {
  const found = findSecret(document.value)
  if (found === null) return document
  const keys = ['contexts', found.context, found.key]
  throw usageError(
    `${placeIn(document, keys)}: ${keys.join('.')}: ${found.problem} (its value is not shown here)`,
    'name where the token comes from: token-env: VARIABLE, token-file: FILE or token-command: COMMAND',
    'and take the secret out of the file: whoever has a copy of it has the secret',
  )
}

/** One key a line: a map that was empty stands on one line, and would grow on it. */
function textOf(document: Document): string {
  const contexts = document.get('contexts')
  if (isMap(contexts)) contexts.flow = contexts.items.length === 0
  contextsSchema.parse(document.toJS())
  return document.toString({ lineWidth: 0 })
}

function absolutePaths(context: Context | undefined, folder: string): Partial<Context> {
  const paths = PATH_KEYS.flatMap((key) => {
    const path = context?.[key]
    return path === undefined ? [] : [[key, resolve(folder, path)] as const]
  })
  return Object.fromEntries(paths)
}

function mapValues<T, U>(values: Readonly<Record<string, T>>, map: (value: T, name: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value, name)]))
}
