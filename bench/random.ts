/** Random numbers that come out the same for the same seed. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** 0 included, 1 not (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** How many of `trials` succeed, by the gaps between successes: quick where they are rare. */
  binomial(trials: number, probability: number): number {
    if (probability <= 0) return 0
    if (probability >= 1) return trials
    const logMiss = Math.log1p(-probability)
    let [successes, at] = [0, 0]
    for (;;) {
      at += Math.floor(Math.log1p(-this.next()) / logMiss) + 1
      if (at > trials) return successes
      successes += 1
    }
  }

  /** A whole number about `mean`, as arrivals that know nothing of each other. */
  poisson(mean: number): number {
    let [count, waited] = [0, 0]
    for (;;) {
      waited -= Math.log1p(-this.next()) / mean
      if (waited > 1) return count
      count += 1
    }
  }
}
