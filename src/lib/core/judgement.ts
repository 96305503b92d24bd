/** What one check before a run found out. */
export interface Judgement {
  /** `unchecked`: it could not be looked into, which is neither good nor bad news. */
  readonly verdict: 'pass' | 'warn' | 'fail' | 'unchecked'
  /** In words, with the numbers behind it. */
  readonly reason: string
  /** What to type or change next, most useful first. */
  readonly suggestions: readonly string[]
}

export function pass(reason: string): Judgement {
  return { verdict: 'pass', reason, suggestions: [] }
}

export function warn(reason: string, ...suggestions: readonly string[]): Judgement {
  return { verdict: 'warn', reason, suggestions }
}

export function fail(reason: string, ...suggestions: readonly string[]): Judgement {
  return { verdict: 'fail', reason, suggestions }
}

export function unchecked(reason: string): Judgement {
  return { verdict: 'unchecked', reason, suggestions: [] }
}
