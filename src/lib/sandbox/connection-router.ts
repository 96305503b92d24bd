import type { WebSocket } from 'ws'
import type { Faults } from './faults.js'
import type { FeatureFlags } from './feature-flags.js'
import type { Random } from './random.js'
import { LegacySystem, UnifiedSystem } from './systems.js'

/** How the handshake of one attempt is ended. */
export interface Attempt {
  readonly userId: string
  /** Completes the WebSocket handshake. */
  accept(established: (socket: WebSocket) => void): void
  /** Fails it with an HTTP status. */
  reject(status: number): void
}

const CLOSE_TURNED_AWAY = 4003

/**
 * Routes each new connection to one of the two systems and counts what becomes of it: exactly one of
 * legacy, unified, an error that legacy took, an error alone (contract of the admin API, fact 4) — or
 * turned away, which counts as nothing (fact 8).
 */
export class ConnectionRouter {
  private readonly counters = {
    legacy_connections: 0,
    unified_connections: 0,
    routing_errors: 0,
    fallback_activations: 0,
  }
  private legacy: LegacySystem | null = null
  private unified: UnifiedSystem | null = null

  constructor(
    private readonly flags: FeatureFlags,
    private readonly faults: () => Faults,
    private readonly random: Random,
  ) {}

  route(attempt: Attempt): void {
    if (!this.flags.usesUnified(attempt.userId)) return this.toLegacy(attempt, { isFallback: false })
    const { fail, refuse } = this.faults()
    if (this.strikes(fail)) return this.raise(attempt, this.flags.fallback && fail?.withFallback !== false)
    const unified = (this.unified ??= new UnifiedSystem())
    if (this.strikes(refuse) || !unified.accepts(attempt.userId)) {
      return attempt.accept((socket) => socket.close(CLOSE_TURNED_AWAY, 'no session'))
    }
    attempt.accept((socket) => {
      this.counters.unified_connections += 1
      unified.connect(attempt.userId, socket)
    })
  }

  get stats(): Readonly<
    Record<'legacy_connections' | 'unified_connections' | 'routing_errors' | 'fallback_activations', number>
  > {
    return { ...this.counters }
  }

  /** Null until the system is first used in this process. */
  get systems(): { readonly legacy: LegacySystem | null; readonly unified: UnifiedSystem | null } {
    return { legacy: this.legacy, unified: this.unified }
  }

  private toLegacy(attempt: Attempt, { isFallback }: { readonly isFallback: boolean }): void {
    const legacy = (this.legacy ??= new LegacySystem())
    attempt.accept((socket) => {
      this.counters.legacy_connections += 1
      if (isFallback) this.counters.fallback_activations += 1
      legacy.connect(attempt.userId, socket)
    })
  }

  private raise(attempt: Attempt, fallsBack: boolean): void {
    this.counters.routing_errors += 1
    if (!fallsBack) return attempt.reject(500)
    this.toLegacy(attempt, { isFallback: true })
  }

  private strikes(fault: { readonly probability: number; readonly fromPercentage: number } | null): boolean {
    if (fault === null) return false
    const percentage = this.flags.mode === 'full' ? 100 : this.flags.percentage
    return percentage >= fault.fromPercentage && this.random() < fault.probability
  }
}
