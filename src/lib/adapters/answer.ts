import { STATUS_CODES } from 'node:http'
import * as z from 'zod'
import { errorBodySchema } from '../contract/admin-api.js'
import { CallError, type FailureKind } from '../core/error.js'
import { adviceFor } from './advice.js'
import type { Answer } from './http-transport.js'
import { oneLine } from './one-line.js'
import { describeCall, type Call } from './server-address.js'

/** What an answer is judged with, besides itself. */
export interface AnswerContext {
  readonly call: Call
  /** The token that was sent, null when none was. A server that echoes it does not get it into a message. */
  readonly token: string | null
  readonly now: Date
}

/**
 * The value that an answer carries, checked.
 *
 * @throws CallError when the status is no success, or the body is not what the schema says
 */
export function readAnswer<T>(answer: Answer, schema: z.ZodType<T>, context: AnswerContext): T {
  const kind = failureKindOf(answer.status)
  if (kind !== null) throw refusal(kind, answer, context)
  const { body } = answer
  if (!body.complete) throw invalidAnswer(answer, context, `, but the answer ${body.flaw}`)
  const value = parseJson(body.text)
  if (value === undefined) {
    const found = describeForeign(answer, body.text, context.token)
    throw invalidAnswer(answer, context, ` with ${found}, where JSON was expected`)
  }
  const result = schema.safeParse(value, { error: describeIssue })
  if (result.success) return result.data
  throw invalidAnswer(answer, context, `, but not in the expected shape: ${describeIssues(result.error.issues)}`)
}

/**
 * The error for an answer that came with a success and yet cannot be believed.
 *
 * @param what continues the sentence "GET /path answered 200 OK"
 */
export function invalidAnswer(answer: Answer, context: AnswerContext, what: string): CallError {
  return failure('invalid-answer', answer, context, what)
}

/** The kind of failure that a status stands for; null for a success. */
function failureKindOf(status: number): FailureKind | null {
  if (status >= 200 && status < 300) return null
  if (status === 401) return 'unauthorized'
  if (status === 403) return 'forbidden'
  if (status === 404 || status === 405) return 'not-found'
  if (status === 429) return 'rate-limited'
  if (status >= 400 && status < 500) return 'rejected'
  return status >= 500 ? 'server-error' : 'invalid-answer'
}

function refusal(kind: FailureKind, answer: Answer, context: AnswerContext): CallError {
  if (kind === 'invalid-answer') return failure(kind, answer, context, describeRedirect(answer, context))
  const words = answer.body.complete ? describeRefusal(answer, answer.body.text, context.token) : ''
  if (kind !== 'rate-limited') return failure(kind, answer, context, words)
  const retryAfterMs = parseRetryAfter(answer.retryAfter, context.now)
  if (retryAfterMs === null) return failure(kind, answer, context, words)
  const pause = `; it asks for a pause of ${Math.ceil(retryAfterMs / 1000)} s`
  return failure(kind, answer, context, words + pause, { retryAfterMs })
}

function failure(
  kind: FailureKind,
  { status }: Answer,
  context: AnswerContext,
  what: string,
  extra: { readonly retryAfterMs?: number } = {},
): CallError {
  const phrase = STATUS_CODES[status]
  const message = `${describeCall(context.call)} answered ${status}${phrase ? ` ${phrase}` : ''}${what}`
  return new CallError({ kind, status, message, ...extra }, { suggestions: adviceFor(kind, status, context) })
}

/** The server's own words, in either of its two shapes (contract of the admin API, fact 10). */
function describeRefusal(answer: Answer, text: string, token: string | null): string {
  const body = errorBodySchema.safeParse(parseJson(text))
  if (body.success) return `: ${oneLine(body.data, token)}`
  return isHtml(answer, text) ? ` with ${describeForeign(answer, text, token)}` : ''
}

function describeRedirect({ location }: Answer, { call, token }: AnswerContext): string {
  const { href } = call.url
  const target = location !== null && URL.canParse(location, href) ? new URL(location, href) : null
  const to = target === null ? '' : ` to ${oneLine(`${target.origin}${target.pathname}`, token)}`
  return `, a redirect${to}: redirects are not followed, so that the token goes to no other address`
}

function describeForeign(answer: Answer, text: string, token: string | null): string {
  if (text === '') return 'an empty body'
  const type = answer.contentType === '' ? 'no content type' : oneLine(answer.contentType, token)
  return isHtml(answer, text)
    ? `an HTML page (${type})`
    : `${text.length} characters (${type}) that are not valid JSON, or not all of it`
}

function isHtml({ contentType }: Answer, text: string): boolean {
  return contentType.toLowerCase().includes('html') || text.trimStart().startsWith('<')
}

/** Undefined when it is not JSON, which no JSON text stands for. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Wording of the commonest issues; zod's own words for the others. */
const describeIssue: z.core.$ZodErrorMap = (issue) =>
  issue.code === 'invalid_type'
    ? `expected ${issue.expected}, received ${z.core.util.parsedType(issue.input)}`
    : undefined

/** The first thing that is wrong, with its path, and how many more there are. */
function describeIssues([first, ...others]: readonly z.core.$ZodIssue[]): string {
  if (first === undefined) return 'it does not fit'
  const path = first.path.length === 0 ? 'the whole answer' : first.path.join('.')
  return `${path}: ${first.message}${others.length === 0 ? '' : ` (and ${others.length} more)`}`
}

/** `Retry-After` in seconds or as an HTTP date, in ms from now; null when missing or neither. */
export function parseRetryAfter(header: string | null, now: Date): number | null {
  if (header === null) return null
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now.getTime()
  return Number.isFinite(ms) ? Math.max(0, ms) : null
}
