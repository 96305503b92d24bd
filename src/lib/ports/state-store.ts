import type { AuditEntry, NewEntry } from '../core/audit-entry.js'
import type { Claim, Claimant } from '../core/claim.js'
import type { Command } from '../core/control.js'
import type { WsctlError } from '../core/error.js'
import type { EventOf, RolloutEvent } from '../core/event.js'
import type { CrashPolicy, RolloutPlan, RolloutState } from '../core/rollout.js'
import type { Clock } from './clock.js'
import type { Journal } from './journal.js'
import type { DeliveryRecord } from './notices.js'

/** Everything that outlives a process: who else has the same one sees the same truth. */
export interface StateStore {
  readonly runs: RunStore
  readonly locks: LockStore
  readonly audit: AuditStore
  orders(rolloutId: string): OrderBox
  /** What became of the messages of a run. */
  deliveries(rolloutId: string): DeliveryRecord
  /** Who is told of a run. */
  noticeSetup(rolloutId: string): KeptText
}

/** What the last events of a run tell. */
export interface Glance {
  /** How it ended; null before. */
  readonly end: Pick<EventOf<'finished'>, 'outcome' | 'reason'> | null
  /** When the last event was recorded, ISO 8601. */
  readonly seenAt: string
  /** Share of users on unified when the server was last read; null when that was longer ago. */
  readonly percentage: number | null
  /** Whether it is taking everybody back. */
  readonly isRollingBack: boolean
}

/** What the first and the last events of a run tell. */
export interface Outline extends Glance {
  readonly plan: RolloutPlan
  /** ISO 8601. */
  readonly startedAt: string
}

/** The records of all runs. Ids begin with the date, so their order is that of the runs. */
export interface RunStore {
  /** Where they are, for messages. */
  readonly place: string
  /**
   * Starts a new journal.
   *
   * @throws WsctlError `journal-unwritable` (exit 2)
   */
  create(id: string): Promise<Journal>
  /**
   * Whether a journal could be kept.
   *
   * @throws WsctlError `journal-unwritable` (exit 2)
   */
  checkWritable(): Promise<void>
  /** Ids of all runs, newest first; empty when nothing has been recorded. */
  ids(): Promise<readonly string[]>
  /**
   * The run with this id, or else the one run whose id begins with it.
   *
   * @throws WsctlError `no-such-run` or `ambiguous-run` (exit 2)
   */
  find(prefix: string): Promise<string>
  /**
   * The events of a run, oldest first.
   *
   * @throws WsctlError `journal-unreadable` or `journal-newer`
   */
  events(id: string): Promise<readonly RolloutEvent[]>
  /** As `events`, up to the first that is damaged; null: none is. */
  eventsUntilDamage(
    id: string,
  ): Promise<{ readonly events: readonly RolloutEvent[]; readonly damage: WsctlError | null }>
  /** The run as its journal left it; null when it holds no beginning. */
  state(id: string): Promise<RolloutState | null>
  /**
   * What a run set out to do, without the cost of reading all of its journal.
   *
   * @throws WsctlError as `events` does, and when the journal holds no beginning
   */
  plan(id: string): Promise<RolloutPlan>
  /**
   * What a list tells of a run, for which a journal of days is not read in whole; null when it holds no beginning.
   *
   * @throws WsctlError as `events` does, for what is read of it
   */
  outline(id: string): Promise<Outline | null>
  /** The end of a journal, without the cost of folding it; null when nothing was recorded. */
  glance(id: string): Promise<Glance | null>
  /**
   * Opens the journal of a run that was left, to go on with it.
   *
   * @throws WsctlError as `events` does, and `journal-unwritable` (exit 2); then nothing was changed
   */
  reopen(id: string): Promise<{ readonly journal: Journal; readonly state: RolloutState }>
  /**
   * The events of a run from its beginning on, as they are recorded: each time all that are new, which
   * may be none. Ends when the signal is aborted.
   *
   * @throws WsctlError as `events` does
   */
  follow(
    id: string,
    options: { readonly clock: Pick<Clock, 'sleep'>; readonly signal: AbortSignal },
  ): AsyncGenerator<readonly RolloutEvent[]>
  /** Where the journal of a run is, for messages. */
  placeOf(id: string): string
  /** The file on this machine where a run that works in the background writes what it would show. */
  logOf(id: string): string
}

/** A claim as it was found. */
export interface FoundClaim {
  readonly claim: Claim
  /** Whether its process still works on it; if not, the run was left. */
  readonly isAlive: boolean
}

/** How a run parts with its server. `settled`: older runs that were left there are of no account any more. */
export type Parting = 'left' | 'ended' | 'settled'

/** What a run has while it works on a server. */
export interface ServerLock {
  /** @throws WsctlError `lock-lost` once another run has taken over: then nothing may be raised */
  assertHeld(): Promise<void>
  /**
   * As `assertHeld`, right before something is raised, with certainty.
   *
   * @returns for how long it is certain that nobody takes over, ms; null: as long as this process lives
   */
  confirm(): Promise<number | null>
  /**
   * Claims one more server for the run, as one that joins its fleet.
   *
   * @returns the claim of the run that has it; null: it is this run's now
   * @throws WsctlError `lock-lost`, or `lock-unwritable`
   */
  extend(server: string): Promise<Claim | null>
  /** @returns the claims of older runs that were settled */
  release(parting: Parting): Promise<readonly Claim[]>
}

export interface TakeOptions {
  /** False for a run that writes nothing: it only must not run twice itself. */
  readonly exclusive: boolean
  /** Of a companion that takes over from a process that died. */
  readonly companionPolicy?: CrashPolicy | null
}

/** The lock, or who has it; null when that one left no claim. */
export type LockAnswer = { readonly lock: ServerLock } | { readonly heldBy: Claim | null }

/** One run at a time for each server, and which runs were left. */
export interface LockStore {
  /**
   * Claims a server, or tells who has it.
   *
   * @throws WsctlError `lock-unwritable` (exit 2)
   */
  take(run: Claimant, options: TakeOptions): Promise<LockAnswer>
  /** Claims nothing, and only leaves word that a run is under way: for one that waits for nobody. */
  announce(run: Claimant): Promise<ServerLock>
  /** Claims of all runs that have not come to their end, oldest first. */
  claims(): Promise<readonly FoundClaim[]>
  /** The claim of the process that works on a run now; null when none does. */
  workingOn(rolloutId: string): Promise<Claim | null>
  /** The run that has one of these servers for itself now; null when there is none. */
  holderOf(servers: string | readonly string[]): Promise<Claim | null>
  /** Takes a claim off the record that nobody has to hear of any more. */
  forget(claim: Claim): Promise<void>
}

/** What was found on the audit record. */
export interface AuditRecord {
  /** Oldest first. */
  readonly entries: readonly AuditEntry[]
  /** How many are no entries, or of a later wsctl. */
  readonly unreadable: number
}

/** The record of every change to a server, whoever made it and by which command. It is only ever added to. */
export interface AuditStore {
  /** Where it is, for messages. */
  readonly place: string
  /** @throws WsctlError `audit-unwritable` (exit 2) when the record cannot be added to */
  check(): Promise<void>
  /** Resolves when the entry is safe. @throws WsctlError `audit-unwritable` (exit 2) */
  append(entry: NewEntry): Promise<void>
  /** @throws WsctlError `audit-unreadable` (exit 2) */
  read(): Promise<AuditRecord>
}

/** The orders to one run. */
export interface OrderBox {
  /** Where they are left, for messages. */
  readonly place: string
  /** @throws WsctlError `order-unwritable` (exit 2) */
  give(command: Command, now: Date): Promise<void>
  /** Takes an order back; false when the run has taken it already. */
  withdraw(command: Command): Promise<boolean>
  /**
   * Passes orders on as they come, those of a moment ago first. What is no order is thrown away.
   *
   * @returns stops it
   */
  follow(pass: (command: Command) => void, now: () => Date): Promise<() => Promise<void>>
}

/** A text that is kept for who takes a run up. */
export interface KeptText {
  /** Null when there is none, or it cannot be read. */
  read(): Promise<string | null>
  write(text: string): Promise<void>
}
