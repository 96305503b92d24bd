import { exitCodeOf, type ExitCode, type Outcome } from './outcome.js'

export interface WsctlErrorOptions {
  /** How the command ends because of this error; decides the exit code. */
  readonly outcome: Outcome
  /** Commands or changes to try next, most useful first. */
  readonly suggestions?: readonly string[]
  readonly cause?: unknown
}

/**
 * The one error class. `code` is stable and machine-readable; `message` tells an operator what was
 * asked, what happened and what state things are in now; `suggestions` say what to type next.
 */
export class WsctlError extends Error {
  readonly code: string
  readonly outcome: Outcome
  readonly exitCode: ExitCode
  readonly suggestions: readonly string[]

  constructor(code: string, message: string, options: WsctlErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'WsctlError'
    this.code = code
    this.outcome = options.outcome
    this.exitCode = exitCodeOf(options.outcome)
    this.suggestions = options.suggestions ?? []
  }
}

/** A wrong flag, file or setting: nothing has been sent to the server. Exit code 2. */
export function usageError(message: string, ...suggestions: string[]): WsctlError {
  return new WsctlError('usage', message, { outcome: 'usage', suggestions })
}

/** Ways in which one call to the server can fail. */
export const FAILURE_KINDS = [
  'unreachable',
  'timeout',
  'unauthorized',
  'forbidden',
  'not-found',
  'rate-limited',
  'rejected',
  'server-error',
  'invalid-answer',
] as const
export type FailureKind = (typeof FAILURE_KINDS)[number]

/** One failed call, as it is journaled: never holds a token, a header or a whole body. */
export interface CallFailure {
  readonly kind: FailureKind
  /** HTTP status, null when there was no answer. */
  readonly status: number | null
  /** One line for an operator. */
  readonly message: string
  /** How long the server asked to be left alone, ms; only with `rate-limited`, and only when it said so. */
  readonly retryAfterMs?: number
  /** Of a call to a fleet: the servers where it failed, when it did not fail on all. */
  readonly servers?: readonly string[]
}

/** A call to the server that failed. Ends a one-shot command with exit code 14. */
export class CallError extends WsctlError {
  readonly failure: CallFailure

  constructor(failure: CallFailure, options: { suggestions?: readonly string[]; cause?: unknown } = {}) {
    super(failure.kind, failure.message, { outcome: 'unreachable', ...options })
    this.name = 'CallError'
    this.failure = failure
  }
}

/** Statuses of a refusal that may be none a moment later: time-out, conflict, too early. */
const PASSING_REFUSALS: readonly (number | null)[] = [408, 409, 425]

/** Whether the server said no to what was asked, so that asking for the same again is useless. */
export function isRefusedForGood({ kind, status }: CallFailure): boolean {
  return kind === 'not-found' || (kind === 'rejected' && !PASSING_REFUSALS.includes(status))
}

/** Whether the server refused the credentials, so that trying again with the same ones is useless. */
export function isRefusedToken(failure: CallFailure): boolean {
  if (failure.servers !== undefined) return false
  return failure.kind === 'unauthorized' || failure.kind === 'forbidden'
}
