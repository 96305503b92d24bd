import type { NewEntry } from '../core/audit-entry.js'
import { serverChangeOf } from '../core/change.js'
import type { EventOf, RolloutEvent } from '../core/event.js'
import { begin, evolve } from '../core/evolve.js'
import { needsJournal, type RolloutState } from '../core/rollout.js'
import type { Journal } from '../ports/journal.js'
import type { AuditStore } from '../ports/state-store.js'
import type { WatchedEnvFile } from './watched-env-file.js'

/** Who makes the changes of a run. */
export interface Author {
  readonly operator: string
  readonly pid: number
}

/**
 * A journal that also adds to the audit record when an event tells of a change to the server or to its
 * environment file. A record that fails counts as a journal that fails: it forbids raising, never lowering.
 */
export class AuditedJournal implements Journal {
  #state: RolloutState | null
  /** From the first failure on, the loop believes events that are not on record. */
  #hasFailed = false

  /** @param left the run as its events so far left it; null when it is about to start */
  constructor(
    private readonly journal: Journal,
    private readonly audit: Pick<AuditStore, 'check' | 'append'>,
    private readonly author: Author,
    private readonly environmentFile: Pick<WatchedEnvFile, 'change' | 'forgetChange'> | null,
    left: RolloutState | null,
  ) {
    this.#state = left
  }

  async append(event: RolloutEvent): Promise<void> {
    const isBelievedAnyway = this.#hasFailed || event.type === 'journal-failed' || beginsAnyway(event)
    const failures: Error[] = []
    for (const record of [() => this.#record(event), () => this.journal.append(event)]) {
      try {
        await record()
      } catch (error) {
        const failure = error instanceof Error ? error : new Error(String(error))
        this.#hasFailed = true
        if (!isBelievedAnyway) throw failure
        failures.push(failure)
      }
    }
    this.#state = event.type === 'started' ? begin(event) : this.#state && evolve(this.#state, event)
    const [failure] = failures
    if (failure) throw failure
  }

  close(): Promise<void> {
    return this.journal.close()
  }

  async #record(event: RolloutEvent): Promise<void> {
    if (event.type === 'started' || event.type === 'resumed') await this.audit.check()
    if (this.#state === null) return
    const entry =
      event.type === 'environment-recorded'
        ? this.#environmentEntry(this.#state, event)
        : this.#serverEntry(this.#state, event)
    if (entry) await this.audit.append(entry)
    if (event.type === 'environment-recorded') this.environmentFile?.forgetChange()
  }

  #serverEntry(state: RolloutState, event: RolloutEvent): NewEntry | null {
    const change = serverChangeOf(state, event)
    if (change === null) return null
    const { kind, ...rest } = change
    return { ...this.#common(state, event), target: 'server', change: kind, ...rest }
  }

  #environmentEntry(state: RolloutState, event: EventOf<'environment-recorded'>): NewEntry | null {
    const change = this.environmentFile?.change ?? null
    if (change === null && event.failure === null) return null
    const { before, after } = change ?? { before: null, after: null }
    const { path, failure } = event
    return { ...this.#common(state, event), target: 'environment-file', change: 'write', path, before, after, failure }
  }

  #common({ plan, phase }: RolloutState, { time }: RolloutEvent) {
    const reason = phase.name === 'rolling-back' ? phase.rollback.reason : plan.reason
    return { time, ...this.author, command: plan.command, rolloutId: plan.id, server: plan.server, reason }
  }
}

/** A run that may begin without a journal is believed to have begun. */
export function beginsAnyway(event: RolloutEvent): boolean {
  return event.type === 'started' && !needsJournal(event.plan)
}
