import type { Check } from './analysis.js'
import type { CallFailure } from './error.js'
import type { Command } from './control.js'
import type { AskedGate } from './gate.js'
import type { Outcome } from './outcome.js'
import type { ResumePolicy, RollbackCause, RolloutPlan } from './rollout.js'
import type { Tally } from './window.js'
import type { Waiting } from './waiting.js'
import type { Configuration, Mode, ServerStatus, Snapshot } from './server.js'

/** When something happened: for the loop and for people. */
export interface Instant {
  /** Monotonic ms. */
  readonly atMs: number
  /** Wall-clock time, ISO 8601. */
  readonly time: string
}

/** What comes to a run by itself, at any time. */
export type Arrival =
  | { readonly kind: 'interrupted'; readonly signal: string }
  | { readonly kind: 'commanded'; readonly command: Command }
  | ({ readonly kind: 'gate-answered'; readonly step: number; readonly attempt: number } & GateAnswer)

/** What a gate said, or why it said nothing. */
export interface GateAnswer {
  readonly open: boolean
  readonly message: string
}

/** What arrived, or came of an action, told to `decide`. */
export type Observation = Instant &
  (
    | Arrival
    | { readonly kind: 'begun' }
    | { readonly kind: 'gate-asked'; readonly attempt: number }
    | { readonly kind: 'status-read'; readonly status: ServerStatus; readonly begunMs: number }
    | { readonly kind: 'read-failed'; readonly failure: CallFailure; readonly begunMs: number }
    /** A write was answered; null when it was accepted. */
    | { readonly kind: 'call-answered'; readonly failure: CallFailure | null }
    | { readonly kind: 'cache-answered'; readonly offered: boolean; readonly failure: CallFailure | null }
    | { readonly kind: 'environment-answered'; readonly failure: string | null }
  )

/** What the engine is to do next. `delayMs` passes first; an arrival ends the delay. */
export type Action =
  | { readonly kind: 'read-status'; readonly delayMs: number }
  /** `servers`: of a fleet, which of it. */
  | {
      readonly kind: 'configure'
      readonly delayMs: number
      readonly configuration: Configuration
      readonly servers?: readonly string[]
    }
  | { readonly kind: 'emergency-rollback'; readonly delayMs: number; readonly servers?: readonly string[] }
  | { readonly kind: 'clear-cache'; readonly delayMs: number }
  | { readonly kind: 'record-environment'; readonly delayMs: number; readonly configuration: Snapshot }
  /** Asks, and does not wait for the answer. */
  | {
      readonly kind: 'ask-gate'
      readonly delayMs: number
      readonly gate: AskedGate
      readonly step: number
      readonly attempt: number
    }

/** What was decided or learnt. The journal holds these and nothing else. */
export type EventBody =
  | { readonly type: 'started'; readonly plan: RolloutPlan; readonly operator: string }
  | {
      readonly type: 'resumed'
      readonly operator: string
      readonly policy: ResumePolicy
      /** Number of the process when it is one in the background. */
      readonly backgroundPid?: number
    }
  /** A reading before the first step. */
  | {
      readonly type: 'measured'
      readonly status: ServerStatus | null
      readonly failure: CallFailure | null
      readonly begunMs: number
    }
  /** A reading that the server refused for its pace: no failed check. */
  | { readonly type: 'throttled'; readonly failure: CallFailure }
  | { readonly type: 'baseline-taken'; readonly tally: Tally; readonly observedMs: number }
  | { readonly type: 'step-started'; readonly step: number; readonly percentage: number; readonly again: boolean }
  /** The server is where it was left, so the write may go out. */
  | {
      readonly type: 'write-cleared'
      readonly step: number
      readonly status: ServerStatus
      /** Of a fleet: which do not show it yet. */
      readonly lacking?: readonly string[]
    }
  | { readonly type: 'write-answered'; readonly step: number; readonly failure: CallFailure | null }
  | {
      readonly type: 'read-back'
      readonly step: number
      readonly status: ServerStatus | null
      readonly failure: CallFailure | null
      readonly shown: boolean
      /** Of a fleet: which do not show it yet. */
      readonly lacking?: readonly string[]
    }
  | { readonly type: 'apply-failed'; readonly step: number; readonly reason: string }
  /** `rejoined`: a fleet is observed on, for these alone had to be brought to the step. */
  | {
      readonly type: 'step-applied'
      readonly step: number
      readonly percentage: number
      readonly status: ServerStatus
      readonly rejoined?: readonly string[]
    }
  | {
      readonly type: 'checked'
      readonly step: number
      readonly status: ServerStatus | null
      readonly failure: CallFailure | null
      readonly check: Check
      readonly begunMs: number
    }
  | { readonly type: 'doubted'; readonly step: number; readonly status: ServerStatus }
  | {
      readonly type: 'restart-detected'
      readonly step: number
      readonly status: ServerStatus
      readonly settingsKept: boolean
    }
  /** `server`: which of a fleet. */
  | {
      readonly type: 'foreign-change-detected'
      readonly step: number
      readonly status: ServerStatus
      readonly server?: string
    }
  | {
      readonly type: 'several-processes-detected'
      readonly step: number
      readonly readings: readonly ServerStatus[]
      readonly server?: string
    }
  /** Of a fleet: who restarted, came or went, and who has to be brought to the step. */
  | {
      readonly type: 'fleet-changed'
      readonly step: number
      readonly status: ServerStatus
      readonly restarted: readonly string[]
      readonly joined: readonly string[]
      readonly left: readonly string[]
      readonly behind: readonly string[]
    }
  /** The step did not come to all of a fleet, so it goes back to the one before. */
  | {
      readonly type: 'revert-started'
      readonly step: number
      readonly reason: string
      readonly configuration: Configuration
    }
  | { readonly type: 'revert-called'; readonly failure: CallFailure | null }
  | { readonly type: 'revert-read'; readonly status: ServerStatus | null; readonly failure: CallFailure | null }
  | { readonly type: 'step-extended'; readonly step: number; readonly byMs: number; readonly reason: string }
  /** The step has passed, and is kept. */
  | { readonly type: 'waiting'; readonly step: number; readonly for: Waiting['for']; readonly reason: string }
  | { readonly type: 'gate-asked'; readonly step: number; readonly attempt: number }
  | ({ readonly type: 'gate-answered'; readonly step: number; readonly attempt: number } & GateAnswer)
  /** An order from elsewhere; `objection` is null when it is followed. */
  | { readonly type: 'commanded'; readonly command: Command; readonly objection: string | null }
  | { readonly type: 'step-passed'; readonly step: number; readonly percentage: number; readonly proven: boolean }
  | { readonly type: 'breached'; readonly step: number; readonly reason: string }
  | { readonly type: 'interrupted'; readonly signal: string; readonly ignored: boolean }
  | { readonly type: 'rollback-started'; readonly cause: RollbackCause; readonly reason: string }
  | {
      readonly type: 'rollback-called'
      readonly call: 'emergency-rollback' | 'configure'
      readonly attempt: number
      readonly failure: CallFailure | null
    }
  | { readonly type: 'rollback-read'; readonly status: ServerStatus | null; readonly failure: CallFailure | null }
  | { readonly type: 'rollback-verified'; readonly status: ServerStatus }
  | { readonly type: 'rollback-abandoned'; readonly reason: string }
  | { readonly type: 'cache-cleared'; readonly offered: boolean; readonly failure: CallFailure | null }
  | { readonly type: 'percentage-reset'; readonly failure: string | null }
  | {
      readonly type: 'environment-recorded'
      readonly path: string
      readonly mode: Mode
      readonly percentage: number
      readonly failure: string | null
    }
  | { readonly type: 'journal-failed'; readonly message: string }
  | { readonly type: 'finished'; readonly outcome: Outcome; readonly code: string; readonly reason: string }

export type EventType = EventBody['type']

/** One line of the journal: a body, its number within the run, and when. */
export type RolloutEvent = Instant & { readonly seq: number } & EventBody

/** The event of one type. */
export type EventOf<T extends EventType> = Extract<RolloutEvent, { readonly type: T }>

/** What a rollback consists of. */
export type RollbackEvent = EventOf<
  | 'rollback-started'
  | 'rollback-called'
  | 'rollback-read'
  | 'rollback-verified'
  | 'rollback-abandoned'
  | 'cache-cleared'
  | 'percentage-reset'
>
