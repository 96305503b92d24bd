import { readFile, stat } from 'node:fs/promises'
import { extname } from 'node:path'
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Alias,
  type Document,
  type Node,
} from 'yaml'
import { usageError, WsctlError } from '../core/error.js'
import { oneLine } from './one-line.js'

const LARGEST_BYTES = 1024 * 1024
/** More than anybody types; fewer than it takes to blow a small file up. */
const MOST_ALIASES = 100

/** Both from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A file in YAML or JSON whose values know where they stand. */
export interface YamlDocument {
  /** As it was named. */
  readonly path: string
  readonly value: unknown
  /** Where a key or the item of a list stands; null when there is none. */
  readonly at: (path: readonly PropertyKey[]) => Position | null
}

/**
 * Reads a file that holds one YAML document, or one of JSON when it is named so.
 *
 * @throws WsctlError (usage) that names the file, and line and column where there are some
 */
export async function readYaml(path: string): Promise<YamlDocument> {
  const text = await readText(path)
  const lines = new LineCounter()
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const refuse = (offset: number, message: string): WsctlError => {
    const { line, column } = positionOf(offset)
    return usageError(`${path}:${line}:${column}: ${message}`)
  }
  // Comparing each key with each other would take minutes for a file full of them.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    uniqueKeys: false,
    logLevel: 'error',
  })
  // What comes after the first is mostly what follows from it.
  const [problem] = [...document.errors, ...document.warnings]
  const notJson = extname(path).toLowerCase() === '.json' ? whyNotJson(text) : null
  if (problem) throw refuse(problem.pos[0], notJson ?? SYNTAX[problem.code] ?? problem.message)
  const twice = findDuplicate(document)
  if (twice) throw refuse(twice.offset, `${twice.key} is there twice, first in line ${positionOf(twice.first).line}`)
  if (notJson !== null) {
    // What YAML takes and JSON does not would be refused by every other reader of the file.
    const comma = [...text.matchAll(STRING_OR_LAST_COMMA)].find(([match]) => match === ',')
    if (comma) throw refuse(comma.index, 'JSON has no comma after the last entry')
    throw usageError(`${path}: ${notJson}`, 'mend it, or name it .yaml when it is YAML')
  }
  return { path, value: toValue(document, refuse), at: (keys) => positionIn(document, keys, positionOf) }
}

/** In an operator's words; the library's own serve for the rest. */
const SYNTAX: Readonly<Partial<Record<string, string>>> = {
  MULTIPLE_DOCS: 'a second document begins here, and one is all that a file may hold',
  NON_STRING_KEY: 'a key has to be a piece of text',
  RESOURCE_EXHAUSTION: 'it is nested too deeply',
  TAB_AS_INDENT: 'a tab cannot indent in YAML: use spaces',
  TAG_RESOLVE_FAILED: 'a tag (!…) means nothing here',
}

function toValue(document: Document, refuse: (offset: number, message: string) => WsctlError): unknown {
  const followed = followedLast(document)
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES })
  } catch (error) {
    const alias = followed()
    if (!(error instanceof ReferenceError) || alias === null) throw error
    const name = oneLine(alias.source)
    const why = alias.resolve(document)
      ? `with the alias *${name} the file stands for far more than is written`
      : `the alias *${name} has no anchor &${name} before it`
    throw refuse(alias.range?.[0] ?? 0, why)
  }
}

/** The alias that was followed last: the library's error does not tell at which one it gave up. */
function followedLast(document: Document): () => Alias | null {
  let last: Alias | null = null
  visit(document, {
    Alias(_, alias) {
      const follow = alias.toJSON.bind(alias)
      alias.toJSON = (argument, context) => {
        last = alias
        return follow(argument, context)
      }
    },
  })
  return () => last
}

interface Duplicate {
  readonly key: string
  readonly offset: number
  readonly first: number
}

function findDuplicate(document: Document): Duplicate | null {
  let found: Duplicate | null = null
  visit(document, {
    Map(_, { items }) {
      const seen = new Map<unknown, number>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        const offset = key.range?.[0] ?? 0
        const first = seen.get(key.value)
        if (first !== undefined) {
          found = { key: String(key.value), offset, first }
          return visit.BREAK
        }
        seen.set(key.value, offset)
      }
      return undefined
    },
  })
  return found
}

const STRING_OR_LAST_COMMA = /"(?:\\.|[^"\\])*"|,(?=\s*[\]}])/g

function whyNotJson(text: string): string | null {
  try {
    JSON.parse(text)
    return null
  } catch (error) {
    return `this is not JSON: ${oneLine(error instanceof Error ? error.message : String(error))}`
  }
}

function positionIn(
  document: Document,
  keys: readonly PropertyKey[],
  positionOf: (offset: number) => Position,
): Position | null {
  let node = document.contents as Node | null | undefined
  let place: Node | null | undefined = node
  for (const key of keys) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key))
      place = pair?.key as Node | null | undefined
      node = pair?.value as Node | null | undefined
    } else if (isSeq(node)) {
      place = node.items[Number(key)] as Node | undefined
      node = place
    } else return null
    if (!place) return null
  }
  return place?.range ? positionOf(place.range[0]) : null
}

async function readText(path: string): Promise<string> {
  const content = await readContent(path)
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content)
    if (!text.includes('\0')) return text
  } catch {
    // Told below.
  }
  throw usageError(`${path} is not UTF-8 text`, 'save it as UTF-8')
}

async function readContent(path: string): Promise<Buffer> {
  try {
    const found = await stat(path)
    if (found.isDirectory()) throw usageError(`${path} is a folder, not a file`)
    // Reading a pipe or a device may never end.
    if (!found.isFile()) throw usageError(`${path} is no regular file`)
    if (found.size > LARGEST_BYTES) throw usageError(`${path} is larger than 1 MB`)
    return await readFile(path)
  } catch (error) {
    if (error instanceof WsctlError) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const reason = SYSTEM_ERRORS[code] ?? `cannot be read (${error instanceof Error ? error.message : String(error)})`
    throw usageError(`${path} ${reason}`)
  }
}

const SYSTEM_ERRORS: Readonly<Partial<Record<string, string>>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'cannot be read by this account',
  EPERM: 'cannot be read by this account',
}
