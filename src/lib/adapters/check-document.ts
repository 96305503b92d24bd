import { distance } from 'fastest-levenshtein'
import type * as z from 'zod'
import { fileJsonSchema } from '../contract/file-values.js'
import { usageError } from '../core/error.js'
import { oneLine } from './one-line.js'
import type { Position, YamlDocument } from './yaml-document.js'

/** More are not read. */
const MOST_PROBLEMS = 20
/** A word that differs by more than this share of its letters is another word. */
const TYPING_ERRORS = 0.4

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]
type JsonSchema = z.core.JSONSchema.JSONSchema
type JsonSchemaOrBoolean = z.core.JSONSchema._JSONSchema

/**
 * Checks a document against its schema.
 *
 * @throws WsctlError (usage) with a line for each problem: place, key, value, and what is legal
 */
export function checkDocument<T>(document: YamlDocument, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(document.value)
  if (parsed.success) return parsed.data
  const issues = withoutConsequences(parsed.error.issues.flatMap(whatItWas).flatMap(oneForEachKey))
  const problems = issues.slice(0, MOST_PROBLEMS).map((issue) => problemOf(document, issue, schema))
  const lines = [...new Set(problems.sort(byPlace).map(({ place, text }) => `${placeName(document, place)}: ${text}`))]
  const more = issues.length > MOST_PROBLEMS ? [`and ${issues.length - MOST_PROBLEMS} more`] : []
  throw usageError([...lines, ...more].join('\n'))
}

interface Problem {
  readonly place: Position | null
  readonly text: string
}

function problemOf(document: YamlDocument, issue: Issue, schema: z.ZodType): Problem {
  if (issue.code !== 'unrecognized_keys') return describe(document, issue.path, issue.message)
  const [key = ''] = issue.keys
  const path = [...issue.path, key]
  return {
    place: nearestPlace(document, path),
    text: `${nameOf(path)}: ${unknownKey(key, formsOf(follow(document.value, issue.path).value, formsAt(fileJsonSchema(schema), issue.path)))}`,
  }
}

function byPlace({ place: a }: Problem, { place: b }: Problem): number {
  return (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0)
}

function oneForEachKey(issue: Issue): readonly Issue[] {
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => ({ ...issue, keys: [key] })) : [issue]
}

/** Where a key is misspelt, it is no news that the one which was meant is missing. */
function withoutConsequences(issues: readonly Issue[]): readonly Issue[] {
  const misspelt = new Set(issues.filter(({ code }) => code === 'unrecognized_keys').map(({ path }) => nameOf(path)))
  return issues.filter(({ code, path }) => code !== 'custom' || !misspelt.has(nameOf(path)))
}

/**
 * A value that could have been one of several things was one of them by its kind: what is wrong with that
 * one is told, not that it is none of all.
 */
function whatItWas(issue: Issue): readonly Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const meant = issue.errors.find((branch) => branch.length > 0 && !branch.some(isOfAnotherKind))
  return meant?.flatMap((inner) => whatItWas({ ...inner, path: [...issue.path, ...inner.path] })) ?? [issue]
}

function isOfAnotherKind({ path, code }: Issue): boolean {
  return path.length === 0 && (code === 'invalid_type' || code === 'invalid_value' || code === 'invalid_union')
}

function describe(document: YamlDocument, path: Path, message: string): Problem {
  const { found, value } = follow(document.value, path)
  // A step that is typed as a number has no percentage to point to.
  const isInside = found.length < path.length && typeof value !== 'object'
  const named = isInside ? found : path
  const shown = isInside || found.length === path.length ? ` ${show(value)}` : ' is missing'
  return { place: nearestPlace(document, named), text: `${nameOf(named)}${shown}: ${message}` }
}

/** Of what is missing, that of what it is missing in. */
function nearestPlace(document: YamlDocument, path: Path): Position | null {
  for (let length = path.length; length >= 0; length--) {
    const position = document.at(path.slice(0, length))
    if (position) return position
  }
  return null
}

function placeName({ path }: YamlDocument, place: Position | null): string {
  return place === null ? path : `${path}:${place.line}:${place.column}`
}

/** As far as the path leads, and what is there. */
function follow(root: unknown, path: Path): { readonly found: Path; readonly value: unknown } {
  let value = root
  for (const [index, key] of path.entries()) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) {
      return { found: path.slice(0, index), value }
    }
    value = Reflect.get(value, key)
  }
  return { found: path, value }
}

/** A key as it is reached, such as `steps[2].gate`. */
function nameOf(path: Path): string {
  const name = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')
  return name === '' ? 'the file' : oneLine(name.replace(/^\./, ''))
}

function show(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : '(a list)'
  switch (typeof value) {
    case 'string':
      return oneLine(JSON.stringify(value))
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value)
    default:
      return value === null ? '(nothing)' : '(keys and values)'
  }
}

function unknownKey(key: string, forms: readonly JsonSchema[]): string {
  const legal = forms.flatMap((form) => Object.keys(form.properties ?? {})).filter((name) => !name.startsWith('$'))
  const deeper = legal.find((name) =>
    forms.some((form) => formsAt(form, [name]).some(({ properties = {} }) => Object.hasOwn(properties, key))),
  )
  if (deeper !== undefined) return `there is no such key here; it belongs under ${deeper}`
  const longer = legal.filter((name) => name.startsWith(`${key}-`))
  if (longer.length > 0) return `there is no such key; did you mean ${longer.join(' or ')}?`
  const normal = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replaceAll('_', '-')
  const near = legal
    .map((known) => ({ known, errors: distance(normal, known) }))
    .filter(({ known, errors }) => errors <= known.length * TYPING_ERRORS)
    .sort((a, b) => a.errors - b.errors)[0]
  if (near) return `there is no such key; did you mean ${near.known}?`
  return legal.length === 0 ? 'there is no such key' : `there is no such key; legal are ${legal.join(', ')}`
}

/** Of several forms those that a value has by its type, so that a key of another type is not taken for its own. */
function formsOf(value: unknown, forms: readonly JsonSchema[]): readonly JsonSchema[] {
  if (typeof value !== 'object' || value === null) return forms
  const type: unknown = Reflect.get(value, 'type')
  return forms.filter(({ properties = {} }) => {
    const own = properties['type']
    return typeof own !== 'object' || own.const === undefined || own.const === type
  })
}

/** What may stand at a path, by the schema that is published. */
function formsAt(schema: JsonSchemaOrBoolean, path: Path): readonly JsonSchema[] {
  if (typeof schema === 'boolean') return []
  const forms = [schema, ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((form) => formsAt(form, []))]
  const [key, ...rest] = path
  if (key === undefined) return forms
  return forms.flatMap(({ items, properties = {}, additionalProperties }) => {
    // In a list of names, such as that of the contexts, the same may stand under each.
    const inner = typeof key === 'number' ? items : (properties[String(key)] ?? additionalProperties)
    return inner === undefined || Array.isArray(inner) ? [] : formsAt(inner, rest)
  })
}
