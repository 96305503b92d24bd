import { evenSteps, type StepRange } from '../../src/lib/core/gradual-steps.js'
import type { GradualOptions, PlanBasis } from '../../src/lib/core/plan.js'
import { planEmergency, planGradual } from '../../src/lib/core/plan.js'
import type { RolloutPlan, RolloutState } from '../../src/lib/core/rollout.js'
import type { Pins, Settings, Snapshot } from '../../src/lib/core/server.js'
import { COUNTED } from '../../src/lib/core/judging.js'
import { DEFAULT_THRESHOLDS } from '../../src/lib/core/thresholds.js'
import { startRollout } from '../../src/lib/engine/run-rollout.js'
import {
  FakeClock,
  FakeGatekeeper,
  FakeInbox,
  FakeServer,
  MemoryEnvironmentFile,
  MemoryJournal,
  type Traffic,
} from './fakes.js'

export const MINUTE = 60_000

const NOBODY: Pins = { rolloutUsers: [], forceLegacyUsers: [] }

export function basis(change: Partial<PlanBasis> = {}): PlanBasis {
  return {
    id: 'test-run',
    server: 'http://127.0.0.1:8000',
    before: { mode: 'disabled', percentage: 0, legacyFallback: true, ...(change.pins ?? NOBODY) },
    pins: NOBODY,
    thresholds: DEFAULT_THRESHOLDS,
    analysis: COUNTED,
    environmentFile: null,
    rollbackTimeoutMs: 2 * MINUTE,
    onInterrupt: 'hold',
    ...change,
  }
}

/** The part of a basis that says where the server is, with nobody pinned. */
export function from(mode: Snapshot['mode'], percentage: number): Pick<PlanBasis, 'before'> {
  return { before: { mode, percentage, rolloutUsers: [], forceLegacyUsers: [], legacyFallback: true } }
}

const RANGE: StepRange = { initialPercentage: 5, maxPercentage: 50, stepSize: 15, stepDurationMs: 5 * MINUTE }

/** Steps that are all alike, unless they are named one by one. */
export function gradualOptions(change: Partial<GradualOptions & StepRange> = {}): GradualOptions {
  const { steps = evenSteps({ ...RANGE, ...change }), ...rest } = change
  return { monitoring: true, onInconclusive: 'extend', ...rest, steps }
}

export function gradual(
  options: Partial<GradualOptions & StepRange> = {},
  change: Partial<PlanBasis> = {},
): RolloutPlan {
  return planGradual(basis(change), gradualOptions(options))
}

/** Of a server that could not be read, with lists known from nowhere. */
export function emergency(reason: string | null = null): RolloutPlan {
  return planEmergency({ ...basis(), before: null, pins: null }, { rolloutUsers: [], forceLegacyUsers: [] }, reason)
}

/** Everything around the loop, on a fake clock. */
export class Scene {
  readonly clock = new FakeClock()
  readonly server: FakeServer
  readonly journal = new MemoryJournal()
  readonly inbox = new FakeInbox()
  readonly gatekeeper = new FakeGatekeeper(this.inbox)
  readonly environmentFile = new MemoryEnvironmentFile()
  readonly told: string[] = []

  constructor(traffic?: Traffic, settings?: Partial<Settings>) {
    this.server = new FakeServer(this.clock, traffic, settings)
  }

  get ports() {
    return {
      server: this.server,
      clock: this.clock,
      journal: this.journal,
      inbox: this.inbox,
      gatekeeper: this.gatekeeper,
      environmentFile: this.environmentFile,
      sink: { notify: (event: { type: string }) => void this.told.push(event.type), close: () => undefined },
    }
  }

  run(plan: RolloutPlan): Promise<RolloutState> {
    return startRollout(plan, 'tester', this.ports)
  }

  /** Types of journaled events, in order. */
  get types(): readonly string[] {
    return this.journal.events.map((event) => event.type)
  }
}
