import { Mailbox } from '../../src/lib/adapters/mailbox.js'
import type { Order } from '../../src/lib/core/control.js'
import type { AskedGate } from '../../src/lib/core/gate.js'
import { CallError, type CallFailure } from '../../src/lib/core/error.js'
import type { GateAnswer, RolloutEvent } from '../../src/lib/core/event.js'
import type { RolloutState } from '../../src/lib/core/rollout.js'
import type { Configuration, Counters, ServerStatus, Settings, Snapshot } from '../../src/lib/core/server.js'
import { NO_COUNTERS } from '../../src/lib/core/window.js'
import type { RolloutServer } from '../../src/lib/ports/admin-api.js'
import type { Clock } from '../../src/lib/ports/clock.js'
import type { EnvironmentFile } from '../../src/lib/ports/environment-file.js'
import type { Gatekeeper } from '../../src/lib/ports/gatekeeper.js'
import type { Journal } from '../../src/lib/ports/journal.js'

/** Time passes only while somebody sleeps, and then at once. */
export class FakeClock implements Clock {
  private nowMs = 0
  private wallOffsetMs = 0
  private readonly alarms: { atMs: number; ring: () => void }[] = []

  monotonicMs(): number {
    return this.nowMs
  }

  wallTime(): Date {
    return new Date(Date.UTC(2026, 10, 24, 9) + this.nowMs + this.wallOffsetMs)
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const endMs = this.nowMs + ms
    for (;;) {
      if (signal?.aborted) return
      const next = this.alarms.filter((alarm) => alarm.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0]
      if (next === undefined) break
      this.alarms.splice(this.alarms.indexOf(next), 1)
      this.nowMs = Math.max(this.nowMs, next.atMs)
      next.ring()
    }
    this.nowMs = Math.max(this.nowMs, endMs)
  }

  /** Does something when the clock gets there. */
  at(atMs: number, ring: () => void): void {
    this.alarms.push({ atMs, ring })
  }

  /** Somebody sets the wall clock, or the machine was asleep and its monotonic clock with it. */
  jumpWall(ms: number): void {
    this.wallOffsetMs += ms
  }

  /** Lets time pass without anybody sleeping, as while a call is on its way or a laptop is shut. */
  pass(ms: number): void {
    this.nowMs += ms
  }
}

export const FRESH_SETTINGS: Settings = {
  mode: 'disabled',
  percentage: 0,
  unifiedEnabled: false,
  gradualRolloutEnabled: false,
  explicitRolloutUsers: 0,
  forcedLegacyUsers: 0,
  legacyFallback: true,
  cachedAssignments: 0,
}

/** What happens to attempts while the server is at a percentage, per second. */
export interface Traffic {
  readonly attemptsPerSecond: number
  /** Share of the attempts routed to the unified system that raise, 0-1. */
  readonly failing?: (percentage: number) => number
  /** Share that is turned away without moving a counter, 0-1. */
  readonly refused?: (percentage: number) => number
  readonly fallback?: boolean
}

/**
 * A server whose counters follow from the clock, for the loop alone: what crosses a wire is tested
 * against the sandbox. Faults are functions that throw.
 */
export class FakeServer implements RolloutServer {
  settings: Settings
  counters: Counters = NO_COUNTERS
  readonly writes: { readonly call: string; readonly configuration: Configuration | null }[] = []
  /** Called before each call with its name; throw to make it fail. */
  fault: (call: string) => void = () => undefined
  /** Called after a call took effect; throw to make it fail although it worked. */
  faultAfter: (call: string) => void = () => undefined
  cacheOffered = true
  private seenMs: number
  private carry = 0

  constructor(
    private readonly clock: Clock,
    public traffic: Traffic = { attemptsPerSecond: 20 },
    settings: Partial<Settings> = {},
  ) {
    this.settings = { ...FRESH_SETTINGS, ...settings }
    this.seenMs = clock.monotonicMs()
  }

  async readStatus(): Promise<ServerStatus> {
    this.run('readStatus')
    return { settings: this.settings, counters: this.counters, open: { legacy: null, unified: null } }
  }

  async configure(configuration: Configuration): Promise<void> {
    this.run('configure')
    this.writes.push({ call: 'configure', configuration })
    this.settings = {
      ...this.settings,
      mode: configuration.mode,
      percentage: configuration.percentage,
      legacyFallback: configuration.legacyFallback,
      explicitRolloutUsers: configuration.rolloutUsers.length,
      forcedLegacyUsers: configuration.forceLegacyUsers.length,
    }
    this.faultAfter('configure')
  }

  async emergencyRollback(): Promise<void> {
    this.run('emergencyRollback')
    this.writes.push({ call: 'emergency-rollback', configuration: null })
    this.settings = { ...this.settings, mode: 'disabled' }
    this.faultAfter('emergencyRollback')
  }

  async clearCache(): Promise<boolean> {
    this.run('clearCache')
    if (this.cacheOffered) this.writes.push({ call: 'clear-cache', configuration: null })
    return this.cacheOffered
  }

  /** A new process: counters at 0, settings as given. */
  restart(settings: Partial<Settings> = {}): void {
    this.count()
    this.counters = NO_COUNTERS
    this.settings = { ...FRESH_SETTINGS, ...settings }
  }

  /** Percentages that were written with mode `gradual` or `full`, in order. */
  get raised(): readonly number[] {
    return this.writes.flatMap(({ configuration }) =>
      configuration && configuration.mode !== 'disabled' ? [configuration.percentage] : [],
    )
  }

  private run(call: string): void {
    this.count()
    this.fault(call)
  }

  private count(): void {
    const nowMs = this.clock.monotonicMs()
    const exact = ((nowMs - this.seenMs) / 1000) * this.traffic.attemptsPerSecond + this.carry
    const attempts = Math.floor(exact)
    this.carry = exact - attempts
    this.seenMs = nowMs
    const { mode, percentage } = this.settings
    const share = mode === 'full' ? 100 : mode === 'gradual' ? percentage : 0
    const routed = Math.round((attempts * share) / 100)
    const raised = Math.round(routed * (this.traffic.failing?.(share) ?? 0))
    const refused = Math.round((routed - raised) * (this.traffic.refused?.(share) ?? 0))
    const fallbacks = (this.traffic.fallback ?? true) ? raised : 0
    this.counters = {
      legacy: this.counters.legacy + attempts - routed + fallbacks,
      unified: this.counters.unified + routed - raised - refused,
      errors: this.counters.errors + raised,
      fallbacks: this.counters.fallbacks + fallbacks,
    }
  }
}

/** A failed call, as the client reports it. */
export function callError(
  kind: CallFailure['kind'],
  status: number | null = null,
  more: Pick<CallFailure, 'retryAfterMs'> = {},
): CallError {
  return new CallError({ kind, status, message: `the server answered ${status ?? 'nothing'}`, ...more })
}

export class MemoryJournal implements Journal {
  readonly events: RolloutEvent[] = []
  broken = false

  async append(event: RolloutEvent): Promise<void> {
    if (this.broken) throw new Error('no space left on device')
    this.events.push(structuredClone(event))
  }

  async close(): Promise<void> {
    return
  }
}

/** An inbox that a test posts to. */
export class FakeInbox extends Mailbox {
  #commands = 0

  interrupt(signal = 'SIGINT'): void {
    this.post({ kind: 'interrupted', signal })
  }

  /** @param step index of the step that a promotion means */
  command(order: Order, { by = 'ana@desk', reason = null as string | null, step = null as number | null } = {}): void {
    this.#commands += 1
    this.post({ kind: 'commanded', command: { id: `order-${this.#commands}`, order, step, by, reason } })
  }
}

/** Gates that answer as a test says, when it says so. */
export class FakeGatekeeper implements Gatekeeper {
  readonly asked: AskedGate[] = []
  /** Null: it never answers. */
  answer: (attempt: number) => GateAnswer | null = () => null

  constructor(private readonly inbox: FakeInbox) {}

  ask(gate: AskedGate, { step, attempt }: { readonly step: number; readonly attempt: number }): void {
    this.asked.push(gate)
    const answer = this.answer(attempt)
    if (answer !== null) this.inbox.post({ kind: 'gate-answered', step, attempt, ...answer })
  }
}

export class MemoryEnvironmentFile implements EnvironmentFile {
  readonly path = '/srv/app/.env'
  readonly written: Snapshot[] = []
  failure: Error | null = null

  async readPins(): ReturnType<EnvironmentFile['readPins']> {
    return { rolloutUsers: null, forceLegacyUsers: null }
  }

  async write(configuration: Snapshot): Promise<void> {
    if (this.failure) throw this.failure
    this.written.push(configuration)
  }
}

/** How a run ended; fails when it has not. */
export function endOf(state: RolloutState): Extract<RolloutState['phase'], { readonly name: 'finished' }> {
  if (state.phase.name !== 'finished') throw new Error(`the run is ${state.phase.name}`)
  return state.phase
}
