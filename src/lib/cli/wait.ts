import type { HealthAnswer } from '../contract/admin-api.js'
import type { Condition } from '../core/condition.js'
import { CallError, isRefusedToken, WsctlError } from '../core/error.js'
import { CONFIRMATIONS } from '../core/evolve-applying.js'
import type { ServerStatus } from '../core/server.js'
import { pauseAfter } from '../core/pause.js'
import { span } from '../core/span.js'
import type { Clock } from '../ports/clock.js'

/** What one look at the server brings. */
export interface Look {
  readonly status: ServerStatus
  readonly health: HealthAnswer
}

export interface WaitOptions {
  /** All of them have to hold at once. */
  readonly conditions: readonly Condition[]
  readonly limitMs: number
  readonly intervalMs: number
  readonly clock: Clock
  /** Told when something else is seen than before. */
  readonly tell: (message: string) => void
}

/** Between the readings that confirm the first one, ms. */
const CONFIRM_MS = 250
/** What a look that begins before the limit may take beyond it, ms: one that is cut short would tell of no answer. */
const GRACE_MS = 2000

/**
 * Looks again and again until every condition holds, in as many readings in a row as a write takes to be
 * believed: of several processes behind one address, one alone is not enough. A server that does not answer is waited
 * for as well.
 *
 * @param look over a connection of its own; given up after so many ms
 * @throws WsctlError `wait-timeout` at the limit: exit 1 with what was seen last, or 14 when nothing answered at the end
 * @throws CallError when the token is refused, which no waiting changes
 */
export async function waitFor(look: (withinMs: number) => Promise<Look>, options: WaitOptions): Promise<Look> {
  const { conditions, limitMs, intervalMs, clock, tell } = options
  const dueMs = clock.monotonicMs() + limitMs
  let told = ''
  let seen = ''
  let row = 0
  for (;;) {
    const leftMs = dueMs - clock.monotonicMs()
    const found = await attempt(look, Math.max(leftMs, GRACE_MS))
    const failure = found instanceof CallError ? found : null
    if (found instanceof CallError) {
      row = 0
    } else {
      const sight = { status: found.status, health: found.health.health_status }
      row = conditions.every(({ holds }) => holds(sight)) ? row + 1 : 0
      if (row >= CONFIRMATIONS) return found
      seen = conditions.map(({ describe }) => describe(sight)).join(', ')
    }
    const message = failure === null ? seen : `no answer yet, waiting on: ${failure.message}`
    if (row === 0 && message !== told) tell((told = message))
    const restMs = dueMs - clock.monotonicMs()
    if (row === 0 && restMs <= 0) throw timedOut(options, seen, failure)
    const pauseMs = pauseAfter(failure?.failure ?? null, intervalMs)
    await clock.sleep(row > 0 ? CONFIRM_MS : Math.min(pauseMs, restMs))
  }
}

async function attempt(look: (withinMs: number) => Promise<Look>, withinMs: number): Promise<Look | CallError> {
  try {
    return await look(Math.ceil(withinMs))
  } catch (error) {
    if (error instanceof CallError && !isRefusedToken(error.failure)) return error
    throw error
  }
}

function timedOut({ conditions, limitMs }: WaitOptions, seen: string, failure: CallError | null): WsctlError {
  const wanted = conditions.map(({ text }) => text).join(' and ')
  const last = seen === '' ? 'it never answered' : `last seen: ${seen}`
  const end = failure === null ? last : `the server did not answer at the end (${failure.message}); ${last}`
  const flags = conditions.map(({ text }) => ` --wait-for '${text}'`).join('')
  return new WsctlError('wait-timeout', `waited ${span(limitMs)} for ${wanted}, in vain: ${end}`, {
    outcome: failure === null ? 'failed' : 'unreachable',
    suggestions: [
      'see where the server stands: wsctl status',
      `wait longer: wsctl status${flags} --wait-timeout ${span(limitMs * 2)}`,
    ],
    ...(failure && { cause: failure }),
  })
}
