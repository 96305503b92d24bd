/** A source of numbers from 0 up to, not including, 1. */
export type Random = () => number

/** Mulberry32: the same seed gives the same users and faults, so that a rehearsal can be repeated. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A duration around `meanMs`, from a half to one and a half of it. */
export function around(meanMs: number, random: Random): number {
  return meanMs * (0.5 + random())
}
