import type { Check } from './analysis.js'
import type { FleetPlan } from './fleet.js'
import type { FleetState } from './fleet-state.js'
import type { FreezeWindow } from './freeze.js'
import type { Gate, GateProgress } from './gate.js'
import type { Analysis } from './judging.js'
import type { CallFailure } from './error.js'
import type { Contact } from './contact.js'
import type { Outcome } from './outcome.js'
import type { PinSources } from './pins.js'
import type { SequentialEvidence } from './sequential.js'
import type { Configuration, Pins, ServerStatus, Settings, Snapshot, Target } from './server.js'
import type { Thresholds } from './thresholds.js'
import type { Waiting } from './waiting.js'
import type { Delta, Tally } from './window.js'

/**
 * What a run is for. `raise` may only go on evidence; `lower` is never held up for want of it; `set`
 * is one write; `watch` writes nothing; `emergency` goes to legacy at once.
 */
export const INTENTS = ['raise', 'lower', 'set', 'watch', 'emergency'] as const
export type Intent = (typeof INTENTS)[number]

export interface Step {
  /** Effective percentage during the step, for people. */
  readonly percentage: number
  /** What is written when the step begins; null when the step only observes. */
  readonly target: Target | null
  /** Observation that the step needs, ms; 0: none; null: until stopped. */
  readonly durationMs: number | null
  /** Its own limits; undefined: those of the plan. */
  readonly thresholds?: Thresholds | undefined
  /** What has to open before the step is left; undefined: nothing. */
  readonly gate?: Gate | undefined
  /** Whether it comes to the canaries of a fleet alone. */
  readonly wave?: 'canary' | undefined
}

/** What happened on the server before the first step. */
export interface Baseline {
  readonly tally: Tally
  /** Time that samples vouch for, ms. */
  readonly observedMs: number
}

/** How many times the rate of the baseline a rate may reach; null: only the fixed limits hold. */
export interface Increases {
  readonly maxErrorRate: number | null
  readonly maxFallbackRate: number | null
}

export const NO_INCREASES: Increases = { maxErrorRate: null, maxFallbackRate: null }

/** The rates that a baseline lets pass for usual, %. */
export interface UsualRates {
  readonly errors: number
  readonly fallbacks: number
}

export const BREACH_POLICIES = ['rollback', 'exit', 'hold'] as const
export type BreachPolicy = (typeof BREACH_POLICIES)[number]
export const INCONCLUSIVE_POLICIES = ['extend', 'advance', 'hold', 'rollback'] as const
export type InconclusivePolicy = (typeof INCONCLUSIVE_POLICIES)[number]
export const INTERRUPT_POLICIES = ['hold', 'rollback', 'finish'] as const
export type InterruptPolicy = (typeof INTERRUPT_POLICIES)[number]
/**
 * What becomes of a run whose process died: it goes on as planned, or only the step under way is seen
 * to its end, or everybody is taken back.
 */
export const RESUME_POLICIES = ['continue', 'hold', 'rollback'] as const
export type ResumePolicy = (typeof RESUME_POLICIES)[number]

/** What a companion does with a run whose process died. */
export const CRASH_POLICIES = ['hold', 'rollback'] as const satisfies readonly ResumePolicy[]
export type CrashPolicy = (typeof CRASH_POLICIES)[number]

/** Everything that is decided before the first call. It never changes while the run lasts. */
export interface RolloutPlan {
  readonly id: string
  /** As typed, such as `deploy gradual`. */
  readonly command: string
  /** What a plan file calls it. */
  readonly name: string | null
  /** Base URL; of a fleet, what it is called. */
  readonly server: string
  /** Undefined: it is one server. */
  readonly fleet?: FleetPlan | undefined
  readonly intent: Intent
  /** The server before the run; null when it could not be read, which only an emergency permits. */
  readonly before: Snapshot | null
  /** The two user lists that every write of this run carries; null when they are not known: then nothing is configured. */
  readonly pins: Pins | null
  /** Where the lists may be found later, when the server could not say at the start how long they are. */
  readonly pinSources: PinSources | null
  readonly steps: readonly Step[]
  readonly thresholds: Thresholds
  readonly analysis: Analysis
  /** Limits relative to the baseline; the fixed ones hold as well. */
  readonly increases: Increases
  /** Observation before the first step, ms, or what an earlier run found; null: there is none to compare with. */
  readonly baseline: { readonly durationMs: number } | Baseline | null
  /** When nothing is raised. */
  readonly freeze: readonly FreezeWindow[]
  /** False: steps are waited out, not judged. */
  readonly monitoring: boolean
  readonly onBreach: BreachPolicy
  readonly onInconclusive: InconclusivePolicy
  readonly onInterrupt: InterruptPolicy
  /** What the companion is told; null when the run has none. */
  readonly onCrash: CrashPolicy | null
  /** Path of the server's environment file when one is kept up to date. */
  readonly environmentFile: string | null
  /** How long a rollback is tried, ms. */
  readonly rollbackTimeoutMs: number
  /** The operator's words. */
  readonly reason: string | null
}

/** How one step went. Rates can be derived from the tally. */
export interface StepRecord {
  readonly index: number
  readonly percentage: number
  readonly outcome: 'running' | 'passed' | 'unproven' | 'held' | 'failed'
  /** Wall-clock time, ISO 8601. */
  readonly startedAt: string
  readonly endedAt: string | null
  readonly tally: Tally
  readonly checks: number
}

/** Why the run is rolling back. */
export const ROLLBACK_CAUSES = [
  'requested',
  'breach',
  'interrupt',
  'inconclusive',
  'crash',
  'abort',
  'gate',
  'partial',
] as const
export type RollbackCause = (typeof ROLLBACK_CAUSES)[number]

/** What a rollback does next; the order is that of the specification. */
type RollbackTask =
  | 'look'
  | 'emergency-rollback'
  | 'configure'
  | 'read-back'
  | 'clear-cache'
  | 'reset-percentage'
  | 'record-environment'
  | 'done'

export interface RollbackState {
  readonly cause: RollbackCause
  readonly reason: string
  readonly task: RollbackTask
  /** Monotonic ms. */
  readonly startedMs: number
  readonly dueMs: number
  readonly attempt: number
  /** Which call the read-back follows. */
  readonly lastCall: 'emergency-rollback' | 'configure' | 'reset-percentage'
  readonly confirmations: number
  readonly verified: boolean
  /** True when time ran out, or trying again is useless. */
  readonly abandoned: boolean
  /** How often setting the percentage to 0 has failed. */
  readonly resets: number
  /** Whether the server refused the token on every call so far. */
  readonly refusedToken: boolean
  /** What the last failed call said. */
  readonly lastFailure: string | null
  /** Of a fleet: how many readings of each have said `disabled`. */
  readonly confirmed?: Readonly<Record<string, number>>
  /** Of a fleet: which are called next. */
  readonly calling?: readonly string[]
}

/** Of a fleet that goes back to the step before, because the step did not come to all of it. */
export interface RevertState {
  /** Why, with the servers that could not be written. */
  readonly reason: string
  readonly call: 'configure' | 'read-back'
  /** Monotonic ms. */
  readonly startedMs: number
  readonly dueMs: number
  readonly confirmations: number
  /** Which are written to next. */
  readonly lacking: readonly string[]
  readonly configuration: Configuration
}

/** Where a run is. */
export type Phase =
  /** Observes what is there before the first step. */
  | { readonly name: 'measuring'; readonly dueMs: number }
  | { readonly name: 'ready' }
  | {
      readonly name: 'applying'
      /** `look` comes before every write: whoever changed the server meanwhile is not overwritten. */
      readonly call: 'look' | 'configure' | 'read-back'
      /** Monotonic ms since when what is to show is waited for: the answer to this attempt's write. */
      readonly startedMs: number
      readonly dueMs: number
      readonly confirmations: number
      readonly lastFailure: string | null
      /** What went wrong with this attempt's write; null when it was accepted, or not sent yet. */
      readonly writeFailure: CallFailure | null
      /** Readings in a row since that write which do not show it. */
      readonly unchanged: number
      /** Of a fleet: which do not show it yet. */
      readonly lacking?: readonly string[]
      /** Of a fleet: which are brought to a step that the others have been observed in; they go on with it then. */
      readonly rejoining?: readonly string[]
    }
  | { readonly name: 'applied' }
  | { readonly name: 'observing'; readonly dueMs: number }
  | {
      readonly name: 'doubting'
      /** What was going on when a reading did not fit. */
      readonly during: 'applying' | 'observing'
      readonly readings: readonly ServerStatus[]
      readonly dueMs: number
    }
  | { readonly name: 'passed' }
  | { readonly name: 'breached'; readonly reason: string }
  | { readonly name: 'interrupted' }
  | { readonly name: 'aborted'; readonly reason: string }
  | { readonly name: 'stopped'; readonly outcome: Outcome; readonly code: string; readonly reason: string }
  | { readonly name: 'reverting'; readonly revert: RevertState }
  | { readonly name: 'rolling-back'; readonly rollback: RollbackState }
  | { readonly name: 'finished'; readonly outcome: Outcome; readonly code: string; readonly reason: string }

/** A change to the server that a run found, and did not make. */
export interface ForeignChange {
  /** In words. */
  readonly text: string
  /** What the server said then. */
  readonly settings: Settings
}

/** The whole of a run, folded from its events and nothing else. */
export interface RolloutState {
  readonly plan: RolloutPlan
  /** Undefined: it is one server. */
  readonly fleet?: FleetState | undefined
  /** Number of the last event. */
  readonly seq: number
  /** Monotonic ms of the last event. */
  readonly atMs: number
  /** Wall-clock time of the last event, ISO 8601. */
  readonly time: string
  readonly startedAt: string
  readonly endedAt: string | null
  readonly phase: Phase
  readonly stepIndex: number
  readonly steps: readonly StepRecord[]
  /** What was usual before the first step; null when that is not known. */
  readonly baseline: Baseline | null
  /** What follows from it for limits that are relative to it; null where there is none. */
  readonly usual: UsualRates | null
  /** Who keeps the run from going on; null: nobody. */
  readonly pausedBy: string | null
  /** Whether an operator ended the step early, and opened its gate. */
  readonly promoted: boolean
  /** How far the gate of the step has been asked. */
  readonly gate: GateProgress
  /** What a step that has passed is kept for; null: nothing. */
  readonly waiting: Waiting | null
  /** What the server shows unless somebody else changed it; null when it was never read. */
  readonly expected: Snapshot | null
  /** What the server said last of its settings, whether it was believed or not. */
  readonly said: Settings | null
  readonly contact: Contact
  /** The last change that this run did not make; null: there was none. */
  readonly foreignChange: ForeignChange | null
  /** The last reading that was believed. */
  readonly status: ServerStatus | null
  /** Monotonic ms of that reading; null when the time until the next must not count as observed. */
  readonly statusMs: number | null
  /** Monotonic ms at which the server asked for a pause, no reading being valid since; null: it did not. */
  readonly throttledMs: number | null
  readonly window: readonly Delta[]
  /** Since the observation of the step began (afresh). */
  readonly stepTotal: Tally
  /** Time of the step that samples vouch for, ms. */
  readonly observedMs: number
  readonly extended: boolean
  readonly failuresInRow: number
  readonly lastCheck: Check | null
  /** The last check of the step that could say something. */
  readonly lastConclusive: 'pass' | 'fail' | null
  /** What was seen of the rates in the whole run; null where checks are counted. */
  readonly sequential: SequentialEvidence | null
  /** Restarts of the server within the step. */
  readonly restarts: number
  /** The step for which the environment file has been dealt with. */
  readonly recordedStep: number | null
  readonly journalFailed: boolean
  /** How the run was taken up again after its process died. */
  readonly resumePolicy: ResumePolicy
  readonly warnings: readonly string[]
}

/** A step of a plan. Whoever names one has seen it there, so its absence is a broken promise. */
export function stepAt(plan: RolloutPlan, index: number): Step {
  const step = plan.steps[index]
  if (step === undefined) throw new RangeError(`no step ${index} in a plan of ${plan.steps.length}`)
  return step
}

/** The step under way. */
export function currentStep(state: RolloutState): Step {
  return stepAt(state.plan, state.stepIndex)
}

/** What the step under way writes; null when it writes nothing. */
export function currentTarget({ plan, stepIndex }: RolloutState): Configuration | null {
  const target = plan.steps[stepIndex]?.target ?? null
  return target === null || plan.pins === null ? null : { ...target, ...plan.pins }
}

/** Observation that the step needs in all, with its extension, ms; null: until stopped. */
export function requiredMs(state: RolloutState): number | null {
  const { durationMs } = currentStep(state)
  if (durationMs === null) return null
  return state.extended ? durationMs * 2 : durationMs
}

/** Whether a run may not even begin without a journal: one that can only lower or watch does not wait for a disk. */
export function needsJournal({ intent }: Pick<RolloutPlan, 'intent'>): boolean {
  return intent === 'raise' || intent === 'set'
}

/** Whether a run is on its way back, which is finished before anything else is heeded. */
export function isGoingBack({ phase }: Pick<RolloutState, 'phase'>): boolean {
  return phase.name === 'rolling-back' || phase.name === 'reverting'
}
