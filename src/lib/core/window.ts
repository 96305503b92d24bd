import type { Counters } from './server.js'

/** What happened between two consecutive readings of the same server process. */
export interface Delta extends Counters {
  /** Index of the step in which it was observed. */
  readonly step: number
  /** Monotonic ms of the earlier and of the later reading. */
  readonly fromMs: number
  readonly toMs: number
}

/** Sums of deltas. */
export interface Tally extends Counters {
  /** Connection attempts: each ends as legacy, unified, or an error that no fallback took. */
  readonly attempts: number
}

export const NO_COUNTERS: Counters = { legacy: 0, unified: 0, errors: 0, fallbacks: 0 }
export const EMPTY_TALLY: Tally = { ...NO_COUNTERS, attempts: 0 }

/**
 * The growth of the counters from one reading to the next. A new process starts from 0 (contract of
 * the admin API, fact 4), so pass `NO_COUNTERS` as `before` when it restarted.
 */
export function difference(before: Counters, after: Counters): Counters {
  return {
    legacy: after.legacy - before.legacy,
    unified: after.unified - before.unified,
    errors: after.errors - before.errors,
    fallbacks: after.fallbacks - before.fallbacks,
  }
}

/** Attempts behind a difference: a fallback ends as a legacy connection, so only other errors add. */
export function attemptsOf(counters: Counters): number {
  return counters.legacy + counters.unified + Math.max(0, counters.errors - counters.fallbacks)
}

/** Adds one difference to a sum. */
export function add(tally: Tally, counters: Counters): Tally {
  return {
    legacy: tally.legacy + counters.legacy,
    unified: tally.unified + counters.unified,
    errors: tally.errors + counters.errors,
    fallbacks: tally.fallbacks + counters.fallbacks,
    attempts: tally.attempts + attemptsOf(counters),
  }
}

/**
 * The evidence of one check: everything since the previous check, and as many earlier deltas of the
 * same step as it takes to hold `minAttempts`, never from before the window.
 *
 * @param deltas oldest first; those after `sinceMs` are new since the previous check
 */
export function lookBack(
  deltas: readonly Delta[],
  options: {
    readonly step: number
    readonly sinceMs: number
    readonly windowStartMs: number
    readonly minAttempts: number
  },
): Tally {
  let tally = EMPTY_TALLY
  for (const delta of deltas.toReversed()) {
    const isNew = delta.toMs > options.sinceMs
    if (!isNew && tally.attempts >= options.minAttempts) break
    if (delta.step !== options.step || delta.toMs <= options.windowStartMs) break
    tally = add(tally, delta)
  }
  return tally
}

/** Routing errors within the window, whichever step they were seen in. */
export function errorsWithin(deltas: readonly Delta[], windowStartMs: number): number {
  return deltas.filter((delta) => delta.toMs > windowStartMs).reduce((sum, delta) => sum + delta.errors, 0)
}

/** Drops what no check can look back to any more. */
export function trim(deltas: readonly Delta[], windowStartMs: number): readonly Delta[] {
  return deltas.filter((delta) => delta.toMs > windowStartMs)
}
