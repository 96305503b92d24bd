/** By what rule the rates of a run are judged. */
export const ANALYSES = ['counted', 'sequential'] as const

/**
 * `counted`: a rate above its limit fails a check, and several failed checks in a row are a breach.
 * `sequential`: all that a run has seen is weighed, and a rate is a breach once chance no longer explains it.
 */
export type Analysis = typeof COUNTED | SequentialAnalysis

export interface SequentialAnalysis {
  readonly rule: 'sequential'
  /** How sure it is, in a whole run, that nobody is taken back while no rate is above its limit; 0.5-1. */
  readonly confidence: number
  /** How many failures one cause brings about: so many count as one. 1: each stands for itself. */
  readonly designEffect: number
}

export const COUNTED = { rule: 'counted' } as const

export const DEFAULT_CONFIDENCE = 0.99
export const DEFAULT_DESIGN_EFFECT = 1

/** How sure one may be of what is said of a plan beforehand: as it asks for itself, or by the defaults. */
export function certaintyOf(analysis: Analysis): Pick<SequentialAnalysis, 'confidence' | 'designEffect'> {
  return analysis.rule === 'sequential'
    ? analysis
    : { confidence: DEFAULT_CONFIDENCE, designEffect: DEFAULT_DESIGN_EFFECT }
}
