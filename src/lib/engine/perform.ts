import { CallError, WsctlError, type CallFailure } from '../core/error.js'
import type { Action, Instant, Observation } from '../core/event.js'
import type { RolloutServer } from '../ports/admin-api.js'
import type { Clock } from '../ports/clock.js'
import type { EnvironmentFile } from '../ports/environment-file.js'
import type { Gatekeeper } from '../ports/gatekeeper.js'

export interface Performers {
  readonly server: RolloutServer
  readonly clock: Clock
  /** Null when none is kept up to date. */
  readonly environmentFile: EnvironmentFile | null
  readonly gatekeeper: Gatekeeper
}

/** The present, by both clocks. */
export function instant(clock: Clock): Instant {
  return { atMs: clock.monotonicMs(), time: clock.wallTime().toISOString() }
}

/**
 * Does what was decided and says what came of it. A call that fails is an observation; only a
 * broken promise throws.
 *
 * @param stopReading ends a reading that is under way, never a write: what came of that has to be known
 */
export async function perform(
  action: Action,
  { server, clock, environmentFile, gatekeeper }: Performers,
  stopReading?: AbortSignal,
): Promise<Observation> {
  switch (action.kind) {
    case 'read-status': {
      const begunMs = clock.monotonicMs()
      const answer = await attempt(() => server.readStatus(stopReading))
      return answer.ok
        ? { kind: 'status-read', status: answer.value, begunMs, ...instant(clock) }
        : { kind: 'read-failed', failure: answer.failure, begunMs, ...instant(clock) }
    }
    case 'configure': {
      const answer = await attempt(() => server.configure(action.configuration, undefined, action.servers))
      return { kind: 'call-answered', failure: answer.ok ? null : answer.failure, ...instant(clock) }
    }
    case 'emergency-rollback': {
      const answer = await attempt(() => server.emergencyRollback(undefined, action.servers))
      return { kind: 'call-answered', failure: answer.ok ? null : answer.failure, ...instant(clock) }
    }
    case 'clear-cache': {
      const answer = await attempt(() => server.clearCache())
      return answer.ok
        ? { kind: 'cache-answered', offered: answer.value, failure: null, ...instant(clock) }
        : { kind: 'cache-answered', offered: true, failure: answer.failure, ...instant(clock) }
    }
    case 'ask-gate': {
      const { gate, step, attempt } = action
      gatekeeper.ask(gate, { step, attempt })
      return { kind: 'gate-asked', attempt, ...instant(clock) }
    }
    case 'record-environment': {
      let failure: string | null = null
      try {
        await environmentFile?.write(action.configuration)
      } catch (error) {
        if (!(error instanceof WsctlError)) throw error
        failure = error.message
      }
      return { kind: 'environment-answered', failure, ...instant(clock) }
    }
  }
}

type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: CallFailure }

async function attempt<T>(call: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { ok: true, value: await call() }
  } catch (error) {
    if (error instanceof CallError) return { ok: false, failure: error.failure }
    // Such as a token source that gives none: the call was not even sent, and the run must survive it.
    if (error instanceof WsctlError)
      return { ok: false, failure: { kind: 'unreachable', status: null, message: error.message } }
    throw error
  }
}
