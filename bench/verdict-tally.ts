/** What a rule made of many runs of one scenario. */
export interface Finds {
  /** Share of the runs that were rolled back with no rate above its limit, 0-1. */
  readonly falseShare: number
  /** Share of the others that were not rolled back although a rate was above its limit; null where none was. */
  readonly missedShare: number | null
  /** From the onset; null where nothing was found. */
  readonly medianChecks: number | null
  readonly medianMs: number | null
}

/** A rollback: after how many checks, and how long after the beginning, ms; null: there was none. */
export type Breach = { readonly checks: number; readonly atMs: number } | null

/** @param onset as of a scenario */
export function tally(breaches: readonly Breach[], onset: number | null, onsetMs: number): Finds {
  const found = breaches.filter((breach) => breach !== null)
  const isFalse = ({ checks }: { readonly checks: number }): boolean => onset === null || checks <= onset
  const early = found.filter(isFalse).length
  const right = found.filter((breach) => !isFalse(breach))
  const others = breaches.length - early
  return {
    falseShare: early / breaches.length,
    missedShare: onset === null || others === 0 ? null : 1 - right.length / others,
    medianChecks: median(right.map(({ checks }) => checks - (onset ?? 0))),
    medianMs: median(right.map(({ atMs }) => atMs - onsetMs)),
  }
}

function median(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null
}

/** A share as people read it, in per cent. */
export function percent(share: number): string {
  const value = share * 100
  return `${Number(value.toFixed(value < 10 ? 1 : 0))} %`
}
