/**
 * The exact lower tail P(X <= k) of a binomial distribution with `n` trials at probability `p`.
 * Terms are summed from the largest down in log space, so that thousands of trials neither
 * underflow nor lose digits.
 */
export function binomialLowerTail(k: number, n: number, p: number): number {
  if (k >= n || p <= 0) return 1
  if (k < 0 || p >= 1) return 0
  const logOdds = Math.log(p) - Math.log1p(-p)
  let logTerm = n * Math.log1p(-p)
  let logSum = logTerm
  for (let i = 1; i <= k; i++) {
    logTerm += Math.log((n - i + 1) / i) + logOdds
    const high = Math.max(logSum, logTerm)
    logSum = high + Math.log1p(Math.exp(Math.min(logSum, logTerm) - high))
  }
  return Math.min(1, Math.exp(logSum))
}

/**
 * The Clopper-Pearson upper bound: the highest rate at which `k` or fewer of `n` come about with a probability of at
 * least `alpha`. A rate above it is as good as excluded.
 *
 * @returns 0-1; 1 without trials
 */
export function binomialUpperBound(k: number, n: number, alpha: number): number {
  if (k >= n) return 1
  let [low, high] = [k / n, 1]
  // The tail falls as the rate rises; half a hundred halvings leave nothing that a double could tell.
  for (let halving = 0; halving < 50; halving++) {
    const middle = (low + high) / 2
    if (binomialLowerTail(k, n, middle) > alpha) low = middle
    else high = middle
  }
  return high
}
