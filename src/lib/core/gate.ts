import type { RolloutState } from './rollout.js'

export const LIMIT_POLICIES = ['hold', 'rollback'] as const

interface Limited {
  /** How long the gate may stay shut, ms; null: for as long as it takes. */
  readonly limitMs: number | null
  /** What becomes of the run then. */
  readonly onLimit: (typeof LIMIT_POLICIES)[number]
}

interface Asked extends Limited {
  /** Pause before it is asked again after a no, ms. */
  readonly everyMs: number
  /** How long one answer may take, ms; none in time is a no. */
  readonly timeoutMs: number
}

/**
 * What has to say yes before a step that has passed is left: an operator, a command that exits 0, or
 * an address that answers 2xx. The step is observed meanwhile, so a breach rolls back as ever.
 */
export type Gate =
  | ({ readonly kind: 'approval' } & Limited)
  | ({ readonly kind: 'command'; readonly command: string } & Asked)
  | ({ readonly kind: 'url'; readonly url: string } & Asked)

/** A gate that can be asked. */
export type AskedGate = Exclude<Gate, { readonly kind: 'approval' }>

/** How far a gate has been asked. */
export interface GateProgress {
  readonly open: boolean
  /** Questions so far. */
  readonly attempts: number
  /** Whether the last one waits for its answer. */
  readonly pending: boolean
  /** Monotonic ms of the next question. */
  readonly dueMs: number
  /** What the last no said; null before one. */
  readonly lastAnswer: string | null
}

/** A gate that nobody has asked yet. */
export const SHUT_GATE: GateProgress = { open: false, attempts: 0, pending: false, dueMs: 0, lastAnswer: null }

/** The gate that is to be asked, and when (monotonic ms); null when none is. */
export function gateToAsk({ plan, stepIndex, waiting, gate: progress }: RolloutState) {
  const gate = plan.steps[stepIndex]?.gate
  if (waiting?.for !== 'gate' || gate === undefined || gate.kind === 'approval' || progress.pending) return null
  return { gate, attempt: progress.attempts + 1, dueMs: progress.dueMs }
}

/** What a gate asks, for people. */
export function describeGate(gate: Gate): string {
  switch (gate.kind) {
    case 'approval':
      return 'an operator to promote it'
    case 'command':
      return `a yes of the command ${gate.command}`
    case 'url':
      return `a yes of ${gate.url}`
  }
}
