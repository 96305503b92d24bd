import type { FaultsInput } from './faults.js'

export interface FaultPreset {
  readonly description: string
  readonly faults: FaultsInput
}

/** Faults by name, for `rehearse --fault` and `sandbox --fault`. */
export const FAULT_PRESETS = {
  'unified-errors': {
    description: 'from 20 % on, half of the unified connections fail and fall back to legacy',
    faults: { fail: { probability: 0.5, fromPercentage: 20 } },
  },
  'unified-errors-no-fallback': {
    description: 'from 20 % on, half of the unified connections fail and are lost',
    faults: { fail: { probability: 0.5, fromPercentage: 20, withFallback: false } },
  },
  refused: {
    description: 'from 20 % on, the unified system turns everybody away without an error',
    faults: { refuse: { probability: 1, fromPercentage: 20 } },
  },
} as const satisfies Readonly<Record<string, FaultPreset>>
