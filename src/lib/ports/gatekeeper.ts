import type { AskedGate } from '../core/gate.js'

/** Asks gates. The answer comes by the inbox, so that nothing waits for it. */
export interface Gatekeeper {
  ask(gate: AskedGate, question: { readonly step: number; readonly attempt: number }): void
}
