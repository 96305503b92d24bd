/** The file of contexts, and what the `context` commands print of it. */
import * as z from 'zod'
import { nameServers } from '../core/fleet.js'
import { fileAnalysisKeys } from './analysis.js'
import { fileDuration } from './file-values.js'
import { contactsSchema, notificationsSchema } from './notification.js'
import { fileThresholdsSchema } from './thresholds.js'

export const CONTEXTS_SCHEMA = 'wsctl/contexts@1'

/** Letters first, so that no name looks like a flag or a path. */
const NAME = /^[A-Za-z0-9][\w.-]{0,62}$/
const NAME_RULE = 'expected a name of letters, digits, ".", "_" and "-" that begins with a letter or digit'
const VARIABLE = /^[A-Za-z_]\w*$/

export const contextNameSchema = z.string().regex(NAME, { error: NAME_RULE })

/** Keys that people try for a token: it has no place in the file. */
const SECRET_KEYS = /^(?:.*[-_])?(?:token|password|secret|bearer|api[-_]?key)$/i

/** Where a token comes from: one of these at most. */
export const TOKEN_KEYS = ['token-file', 'token-command', 'token-env'] as const
/** What names the server, or several: one of these. */
const SERVER_KEYS = ['server', 'servers', 'servers-from'] as const
/** Keys whose value is a path, from the folder of the file when it is relative. */
export const PATH_KEYS = ['token-file', 'env-file', 'ca-file', 'state-dir'] as const

const text = z.string({ error: 'expected text' }).trim().min(1, { error: 'expected text, which is missing' })

const server = text.refine(isServer, {
  error: 'expected a URL such as https://chat.example.com, without user, password, query or fragment',
})

const VARIABLE_RULE = 'expected the name of a variable that holds the token, never the token itself'
const variable = z.string({ error: VARIABLE_RULE }).regex(VARIABLE, { error: VARIABLE_RULE })

const KEYS = {
  server: server.optional().describe('base URL of the server'),
  servers: z
    .array(server, { error: 'expected a list of URLs' })
    .min(2, { error: 'expected at least two servers; one alone is: server' })
    .optional()
    .describe('base URLs of several servers that are moved as one'),
  'servers-from': text.optional().describe('a file with one address a line, or dns:NAME:PORT'),
  'admin-path': text.optional().describe('where the admin API is mounted'),
  'stats-path': text.optional().describe('where the counters are'),
  timeout: fileDuration({ bareNumber: 'refused' }).optional().describe('limit for one request'),
  'allow-http': z.boolean({ error: 'expected true or false' }).optional().describe('send the token over plain http'),
  'token-file': text.optional().describe('file that holds the admin token'),
  'token-command': text.optional().describe('command that prints the admin token'),
  'token-env': variable.optional().describe('environment variable that holds the admin token'),
  'env-file': text.optional().describe("the server's environment file"),
  'ca-file': text.optional().describe('PEM file of the certificate authorities to trust'),
  'state-dir': text.optional().describe('folder of the records'),
  state: text.optional().describe('URL of the PostgreSQL database that a team shares its records in'),
  thresholds: fileThresholdsSchema.optional().describe('defaults of the flags of the same names'),
  ...fileAnalysisKeys,
  notifications: notificationsSchema.optional(),
  contacts: contactsSchema.optional(),
  protected: z
    .boolean({ error: 'expected true or false' })
    .optional()
    .describe('whether a change asks to type the name of the context'),
}

/** One context: how one server is reached. */
export const contextSchema = z
  .strictObject(KEYS, { error: 'expected keys and values' })
  .superRefine((context, issues) => {
    const named = SERVER_KEYS.filter((key) => context[key] !== undefined)
    const [, other] = named
    if (named.length === 0) {
      issues.addIssue({ code: 'custom', path: ['server'], message: 'expected a URL, which is missing' })
    }
    if (other !== undefined) {
      const message = `the servers are named in one place, not ${named.join(' and ')}`
      issues.addIssue({ code: 'custom', path: [other], message })
    }
    const given = TOKEN_KEYS.filter((key) => context[key] !== undefined)
    const [, second] = given
    if (second === undefined) return
    issues.addIssue({
      code: 'custom',
      path: [second],
      message: `the token comes from one place, not ${given.join(' and ')}`,
    })
  })
  // What a fleet is called, so that there is a name wherever one is told.
  .transform((context) => ({ ...context, server: context.server ?? nameOf(context) }))
export type Context = z.output<typeof contextSchema>

function nameOf(context: {
  readonly servers?: readonly string[] | undefined
  readonly 'servers-from'?: string | undefined
}): string {
  return context['servers-from'] ?? nameServers((context.servers ?? []).toSorted())
}

const TOP = {
  schema: z.literal(CONTEXTS_SCHEMA, { error: `expected ${CONTEXTS_SCHEMA}` }),
  current: z
    .string({ error: 'expected the name of a context' })
    .nullish()
    .transform((name) => name ?? null),
  contexts: z
    .record(contextNameSchema, contextSchema, {
      error: ({ code }) => (code === 'invalid_key' ? NAME_RULE : 'expected a context under each name'),
    })
    .nullish()
    .transform((contexts) => contexts ?? {}),
}

/** The file of contexts. That `current` names one of them is judged when it is used. */
export const contextsSchema = z.strictObject(TOP, { error: 'expected keys and values' })
export type Contexts = z.output<typeof contextsSchema>

const settings = z.record(z.string(), z.unknown()).describe('as in the file of contexts; paths are absolute')
const path = z.string().describe('the file of contexts')

/** `context list`, and what changes which there are. */
export const contextListDocumentSchema = z.object({
  schema: z.literal('wsctl/context-list@1'),
  path,
  current: z.string().nullable(),
  contexts: z.array(z.object({ name: z.string(), current: z.boolean(), server: z.string(), protected: z.boolean() })),
})
export type ContextListDocument = z.output<typeof contextListDocumentSchema>

/** `context show` and `context add`. */
export const contextDocumentSchema = z.object({
  schema: z.literal('wsctl/context@1'),
  path,
  name: z.string(),
  current: z.boolean(),
  settings,
})
export type ContextDocument = z.output<typeof contextDocumentSchema>

/** Something in the file that is a secret, or may well be one. */
export interface FoundSecret {
  readonly context: string
  readonly key: string
  readonly problem: string
}

/** Looks for a secret in what a file says, whether it is a file of contexts or not. */
export function findSecret(value: unknown): FoundSecret | null {
  for (const [context, settings] of entriesOf(entriesOf(value).find(([key]) => key === 'contexts')?.[1])) {
    for (const [key, given] of entriesOf(settings)) {
      const problem = secretIn(key, given)
      if (problem !== null) return { context, key, problem }
    }
  }
  return null
}

function secretIn(key: string, value: unknown): string | null {
  if (SECRET_KEYS.test(key)) return 'no token or password stands in this file'
  if (key === 'token-env' && !variable.safeParse(value).success) return VARIABLE_RULE
  if (typeof value !== 'string' || !URL.canParse(value)) return null
  const { username, password } = new URL(value)
  if (key === 'state' && password !== '') return 'the URL of a shared state holds no password here'
  if (key !== 'server') return null
  return username === '' && password === '' ? null : 'an address holds no user name or password'
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}

function isServer(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : null
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return false
  return [url.username, url.password, url.search, url.hash].every((part) => part === '')
}
