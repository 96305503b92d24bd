import { stamp, decide } from '../src/lib/core/decide.js'
import type { Observation } from '../src/lib/core/event.js'
import { begin, evolve } from '../src/lib/core/evolve.js'
import { nextAction } from '../src/lib/core/next-action.js'
import type { RolloutPlan } from '../src/lib/core/rollout.js'
import type { Counters, ServerStatus, Settings } from '../src/lib/core/server.js'
import { NO_COUNTERS } from '../src/lib/core/window.js'
import { Arrivals, type Traffic } from './traffic.js'
import type { Random } from './random.js'

/** How a run went on the core. */
export interface CoreRun {
  /** Null: none came. Monotonic ms since the first observation began, and checks until then. */
  readonly breach: { readonly atMs: number; readonly checks: number } | null
  /** As `wsctl` tells it; `rolled-back` as soon as that was decided. */
  readonly outcome: string
}

/** A server whose counters follow from traffic. */
class CountingServer {
  counters: Counters = NO_COUNTERS
  readonly #arrivals: Arrivals
  readonly #restarts: number[]
  #seenMs = 0

  constructor(
    public settings: Settings,
    traffic: Traffic,
    random: Random,
  ) {
    this.#arrivals = new Arrivals(traffic, random)
    this.#restarts = [...(traffic.restarts ?? [])]
  }

  status(atMs: number): ServerStatus {
    if ((this.#restarts[0] ?? Infinity) <= atMs) {
      this.#restarts.shift()
      this.counters = NO_COUNTERS
    }
    const { attempts, failures } = this.#arrivals.between(this.#seenMs, atMs)
    this.#seenMs = atMs
    const { unified, errors, ...rest } = this.counters
    this.counters = { ...rest, unified: unified + attempts - failures, errors: errors + failures }
    return { settings: this.settings, counters: this.counters, open: { legacy: null, unified: null } }
  }
}

/** Runs a plan on the core itself: the loop of the engine without disk, wire and waiting. */
export function runOnCore(plan: RolloutPlan, traffic: Traffic, random: Random): CoreRun {
  const { mode = 'disabled', percentage = 0, legacyFallback = true } = plan.before ?? {}
  const server = new CountingServer({ ...FRESH, mode, percentage, legacyFallback }, traffic, random)
  let nowMs = 0
  let [beganMs, checks] = [0, 0]
  const at = () => ({ atMs: nowMs, time: '' })
  let state = begin(stamp({ type: 'started', plan, operator: 'bench' } as const, 1, at()))
  let observation: Observation = { kind: 'begun', ...at() }
  for (;;) {
    for (const event of decide(state, observation)) {
      state = evolve(state, event)
      if (event.type === 'step-applied' && checks === 0) beganMs = nowMs
      if (event.type === 'checked') checks += 1
      if (event.type === 'breached') return { breach: { atMs: nowMs - beganMs, checks }, outcome: 'rolled-back' }
      if (event.type === 'finished') return { breach: null, outcome: event.outcome }
    }
    const action = nextAction(state, nowMs)
    nowMs += action.delayMs
    if (action.kind === 'configure') {
      server.status(nowMs)
      server.settings = { ...server.settings, ...action.configuration }
      observation = { kind: 'call-answered', failure: null, ...at() }
    } else {
      observation = { kind: 'status-read', status: server.status(nowMs), begunMs: nowMs, ...at() }
    }
  }
}

const FRESH: Settings = {
  mode: 'disabled',
  percentage: 0,
  unifiedEnabled: true,
  gradualRolloutEnabled: true,
  explicitRolloutUsers: 0,
  forcedLegacyUsers: 0,
  legacyFallback: true,
  cachedAssignments: 0,
}
