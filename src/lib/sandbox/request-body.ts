import * as z from 'zod'
import type { ValidationProblem } from './answers.js'
import type { StoredConfiguration } from './feature-flags.js'
import { MODES } from '../core/server.js'

const configureBodySchema = z.object({
  migration_mode: z.string(),
  rollout_percentage: z.int().min(0).max(100).default(0),
  rollout_user_list: z.array(z.string()).default([]),
  force_legacy_users: z.array(z.string()).default([]),
  legacy_fallback: z.boolean().default(true),
})

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly ValidationProblem[] }

/** A body of `configure`; what it leaves out gets its default (contract of the admin API, fact 1). */
export function parseConfigureBody(text: string): Parsed<z.output<typeof configureBodySchema>> {
  return parseBody(text, configureBodySchema)
}

/** The mode in lower case (fact 12), or null when there is no such mode, which the server finds out last. */
export function toConfiguration(body: z.output<typeof configureBodySchema>): StoredConfiguration | null {
  const mode = MODES.find((candidate) => candidate === body.migration_mode.toLowerCase())
  return mode === undefined ? null : { ...body, migration_mode: mode }
}

const migrateBodySchema = z.object({ user_ids: z.array(z.string()), to_unified: z.boolean() })

export function parseMigrateBody(text: string): Parsed<z.output<typeof migrateBodySchema>> {
  return parseBody(text, migrateBodySchema)
}

const deployBodySchema = z.object({
  deployment_type: z.literal('gradual'),
  initial_percentage: z.int().min(0).max(100).default(5),
  max_percentage: z.int().min(0).max(100).default(100),
  step_size: z.int().min(1).max(100).default(5),
})

export function parseDeployBody(text: string): Parsed<z.output<typeof deployBodySchema>> {
  return parseBody(text, deployBodySchema)
}

/** Checks a body as the server does, and words what is wrong as it does. */
function parseBody<T>(text: string, schema: z.ZodType<T>): Parsed<T> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { ok: false, problems: [invalidJson(text)] }
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return { ok: true, value: parsed.data }
  return { ok: false, problems: parsed.error.issues.map((issue) => toProblem(issue, json)) }
}

/** The real server's parser points at the first character that it could not take. */
function invalidJson(text: string): ValidationProblem {
  const isObject = /^\s*\{\s*[^"}\s]/.exec(text)
  const position = isObject ? isObject[0].length - 1 : 0
  const expected = isObject ? 'Expecting property name enclosed in double quotes' : 'Expecting value'
  return { field: `body -> ${position}`, message: `Invalid JSON: ${expected}`, type: 'json_invalid', input: {} }
}

function toProblem(issue: z.core.$ZodIssue, json: unknown): ValidationProblem {
  const field = ['body', ...issue.path.map(String)].join(' -> ')
  const input = issue.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null)?.[key], json)
  if (input === undefined && issue.code === 'invalid_type')
    return { field, message: 'Field required', type: 'missing', input: json }
  if (issue.code === 'too_big') {
    return { field, message: `Input should be less than or equal to ${issue.maximum}`, type: 'less_than_equal', input }
  }
  if (issue.code === 'too_small') {
    return {
      field,
      message: `Input should be greater than or equal to ${issue.minimum}`,
      type: 'greater_than_equal',
      input,
    }
  }
  const type = issue.code === 'invalid_type' ? issue.expected : 'value'
  return { field, message: `Input should be a valid ${type === 'int' ? 'integer' : type}`, type: `${type}_type`, input }
}
