import type { RolloutEvent } from '../../src/lib/core/event.js'
import type { Counters } from '../../src/lib/core/server.js'

/** What the checks of a step amount to. */
interface Evidence {
  readonly attempts: number
  readonly observedMs: number
  /** The last check that measured something, since the process that runs began. */
  readonly conclusive: 'pass' | 'fail' | null
  /** Whether the last check that was not inconclusive did not pass. */
  readonly failing: boolean
}

const NONE: Evidence = { attempts: 0, observedMs: 0, conclusive: null, failing: false }

export const ZERO: Counters = { legacy: 0, unified: 0, errors: 0, fallbacks: 0 }

/** Attempts from one reading of the counters to the next. */
export function growth(before: Counters, after: Counters): number {
  const errors = after.errors - before.errors - (after.fallbacks - before.fallbacks)
  return after.legacy - before.legacy + after.unified - before.unified + Math.max(0, errors)
}

/** Works the evidence of a step out again, from its events and nothing that the core made of them. */
export function evidenceOf(events: readonly RolloutEvent[], step: number, pollMs: number): Evidence {
  let evidence = NONE
  let last: { readonly counters: Counters; readonly atMs: number } | null = null
  // From then on nobody watched, until the next reading.
  let throttledMs: number | null = null
  for (const event of events) {
    if (event.type === 'resumed') {
      evidence = { ...evidence, conclusive: null }
      last = null
    }
    if (event.type === 'throttled') throttledMs = event.atMs
    if ('status' in event && event.status !== null && event.type !== 'checked') throttledMs = null
    if (!('step' in event) || event.step !== step) continue
    if (event.type === 'step-applied') {
      evidence = NONE
      last = { counters: event.status.counters, atMs: event.atMs }
    }
    if (event.type === 'restart-detected') {
      const { counters } = event.status
      evidence = { ...NONE, attempts: growth(ZERO, counters), failing: evidence.failing }
      last = { counters, atMs: event.atMs }
    }
    if (event.type !== 'checked') continue
    const { verdict } = event.check
    if (verdict === 'pass' || verdict === 'fail') evidence = { ...evidence, conclusive: verdict }
    if (verdict !== 'inconclusive') evidence = { ...evidence, failing: verdict !== 'pass' }
    if (event.status === null) continue
    const { counters } = event.status
    if (last !== null) {
      const attempts = evidence.attempts + growth(last.counters, counters)
      const observedMs = evidence.observedMs + Math.min((throttledMs ?? event.atMs) - last.atMs, 2 * pollMs)
      evidence = { ...evidence, attempts, observedMs }
    }
    last = { counters, atMs: event.atMs }
    throttledMs = null
  }
  return evidence
}
