import fc from 'fast-check'
import { ORDERS } from '../../src/lib/core/control.js'
import { COUNTED, type Analysis } from '../../src/lib/core/judging.js'
import { FAILURE_KINDS } from '../../src/lib/core/error.js'
import type { FreezeWindow } from '../../src/lib/core/freeze.js'
import { LIMIT_POLICIES, type Gate } from '../../src/lib/core/gate.js'
import { evenSteps } from '../../src/lib/core/gradual-steps.js'
import {
  planConfigure,
  planEmergency,
  planFull,
  planGradual,
  planLowering,
  planTesting,
  planWatch,
  type PlanBasis,
} from '../../src/lib/core/plan.js'
import { INCONCLUSIVE_POLICIES, NO_INCREASES, type ResumePolicy, type RolloutPlan } from '../../src/lib/core/rollout.js'
import { MODES, type Pins, type Snapshot } from '../../src/lib/core/server.js'
import type { Thresholds } from '../../src/lib/core/thresholds.js'
import { WsctlError } from '../../src/lib/core/error.js'
import { basis } from './rollouts.js'
import type { Death, Incident, Scenario } from './scenario.js'

/** How many random scenarios each property is tried in; for more: `WSCTL_PROPERTY_RUNS=10000 npx mocha --timeout 0 …`. */
export const RUNS = Number(process.env['WSCTL_PROPERTY_RUNS'] ?? 500)

const SECOND = 1000

const seconds = (min: number, max: number) => fc.integer({ min, max }).map((value) => value * SECOND)

const thresholds: fc.Arbitrary<Thresholds> = fc.record({
  maxErrorRate: fc.constantFrom(0, 5, 20),
  maxRoutingErrors: fc.constantFrom(0, 50, 1000),
  maxFallbackRate: fc.constantFrom(0, 10, 100),
  minSuccessRate: fc.constantFrom(0, 95, 100),
  minAdoption: fc.constantFrom(0, 50, 100),
  consecutiveFailures: fc.integer({ min: 1, max: 4 }),
  windowMs: seconds(10, 120),
  minAttempts: fc.integer({ min: 1, max: 60 }),
  pollIntervalMs: seconds(1, 10),
  confirmIntervalMs: seconds(1, 3),
})

const analysis: fc.Arbitrary<Analysis> = fc.constantFrom<Analysis[]>(
  COUNTED,
  { rule: 'sequential', confidence: 0.99, designEffect: 1 },
  { rule: 'sequential', confidence: 0.6, designEffect: 3 },
)

const pins: fc.Arbitrary<Pins> = fc.constantFrom(
  { rolloutUsers: [], forceLegacyUsers: [] },
  { rolloutUsers: ['alice', 'bob'], forceLegacyUsers: ['mallory'] },
)

type Before = Pick<Snapshot, 'mode' | 'percentage' | 'legacyFallback'>

/** Where a server can be before a run. */
const before: fc.Arbitrary<Before> = fc.record({
  mode: fc.constantFrom(...MODES),
  percentage: fc.integer({ min: 0, max: 100 }),
  legacyFallback: fc.boolean(),
})

const limited = {
  limitMs: seconds(10, 300),
  onLimit: fc.constantFrom(...LIMIT_POLICIES),
}
const asked = { everyMs: seconds(1, 30), timeoutMs: seconds(1, 30), ...limited }
const gate: fc.Arbitrary<Gate> = fc.oneof(
  fc.record({ kind: fc.constant('approval' as const), ...limited }),
  fc.record({ kind: fc.constant('command' as const), command: fc.constant('./calm.sh'), ...asked }),
  fc.record({ kind: fc.constant('url' as const), url: fc.constant('https://example.org/ok'), ...asked }),
)

/** Minutes around the beginning of every world: a Tuesday, 09:00 UTC. */
const freeze: fc.Arbitrary<FreezeWindow> = fc
  .record({ from: fc.integer({ min: -2, max: 8 }), forMinutes: fc.integer({ min: 1, max: 5 }) })
  .map(({ from, forMinutes }) => {
    const fromMinute = (24 + 9) * 60 + from
    return { text: 'for a while', timeZone: 'UTC', fromMinute, toMinute: fromMinute + forMinutes }
  })

/** A plan that raises, with gates, a freeze window and a baseline thrown in. */
function guarded(made: RolloutPlan | null): fc.Arbitrary<RolloutPlan | null> {
  if (made === null) return fc.constant(null)
  const factor = fc.constantFrom(null, 1, 3)
  return fc
    .record({
      gates: fc.array(fc.option(gate, { nil: undefined }), {
        minLength: made.steps.length,
        maxLength: made.steps.length,
      }),
      freeze: fc.array(freeze, { maxLength: 1 }),
      baseline: fc.option(seconds(1, 30).map((durationMs) => ({ durationMs }))),
      increases: fc.record({ maxErrorRate: factor, maxFallbackRate: factor }),
    })
    .map(({ gates, baseline, increases, ...rest }) => ({
      ...made,
      ...rest,
      baseline,
      increases: baseline === null ? NO_INCREASES : increases,
      steps: made.steps.map((step, index) => {
        const own = gates[index]
        return own === undefined || step.durationMs === 0 ? step : { ...step, gate: own }
      }),
    }))
}

/** Anything that can be planned; a plan that is refused from where the server is comes out as null. */
function plan(own: PlanBasis, { isClear }: { readonly isClear: boolean }): fc.Arbitrary<RolloutPlan | null> {
  const percentage = fc.integer({ min: 0, max: 100 })
  const onInconclusive = fc.constantFrom(...INCONCLUSIVE_POLICIES)
  const rising = fc
    .record({
      initialPercentage: percentage,
      maxPercentage: percentage,
      stepSize: fc.integer({ min: 20, max: 100 }),
      stepDurationMs: seconds(5, 60),
      monitoring: fc.boolean(),
      onInconclusive,
    })
    .map((options) => planned(() => planGradual(own, { ...options, steps: evenSteps(options) })))
    .chain((made) => (isClear ? fc.constant(made) : fc.oneof(fc.constant(made), guarded(made))))
  const falling = fc
    .record({
      step: fc.integer({ min: 20, max: 100 }),
      to: percentage,
      stepDurationMs: seconds(5, 60),
      once: fc.boolean(),
    })
    .map((options) => planned(() => planLowering(own, options)))
  const full = fc
    .record({ durationMs: fc.oneof(fc.constant(0), seconds(5, 60)), onInconclusive })
    .map((options) => planned(() => planFull(own, options)))
  const testing = fc.constant(planned(() => planTesting(own, ['carol'])))
  const watch = fc
    .record({ durationMs: seconds(5, 120), onBreach: fc.constantFrom('rollback' as const, 'exit' as const) })
    .map((options) => planWatch(own, options))
  const configured = fc
    .record({ mode: fc.constantFrom(...MODES), percentage, legacyFallback: fc.boolean() })
    .map((target) => planConfigure({ ...own, onInterrupt: 'hold' }, { ...target, ...own.pins }))
  const emergency = fc.constant(planEmergency(own, { rolloutUsers: [], forceLegacyUsers: [] }, null))
  return fc.oneof(
    { weight: 6, arbitrary: rising },
    { weight: 3, arbitrary: falling },
    full,
    testing,
    watch,
    configured,
    emergency,
  )
}

/** The plan, or null when it is refused from where the server is. */
function planned(make: () => RolloutPlan): RolloutPlan | null {
  try {
    return make()
  } catch (error) {
    if (error instanceof WsctlError) return null
    throw error
  }
}

const failure = fc.constantFrom(...FAILURE_KINDS)

const incident: fc.Arbitrary<Incident> = fc.oneof(
  fc.record({ kind: fc.constant('restart' as const), keepsSettings: fc.boolean() }),
  fc.record({
    kind: fc.constant('foreign-change' as const),
    change: fc.oneof(
      fc.constant({ mode: 'disabled' as const }),
      fc.record({ mode: fc.constant('gradual' as const), percentage: fc.integer({ min: 0, max: 100 }) }),
      fc.record({ mode: fc.constantFrom(...MODES) }),
      fc.record({ explicitRolloutUsers: fc.integer({ min: 0, max: 4 }) }),
      fc.record({ forcedLegacyUsers: fc.integer({ min: 0, max: 4 }) }),
      fc.record({ legacyFallback: fc.boolean() }),
    ),
  }),
  fc.record({
    kind: fc.constant('outage' as const),
    failure,
    calls: fc.constantFrom('reads' as const, 'writes' as const, 'all' as const),
    forMs: seconds(1, 200),
  }),
  fc.record({
    kind: fc.constant('rate-limit' as const),
    perMinute: fc.integer({ min: 1, max: 60 }),
    tellsWhen: fc.boolean(),
    forMs: seconds(1, 600),
  }),
  fc.record({ kind: fc.constant('busy' as const), retryAfterMs: seconds(0, 120), forMs: seconds(1, 600) }),
  fc.record({ kind: fc.constant('lost-answers' as const), failure, forMs: seconds(1, 200) }),
  fc.record({ kind: fc.constant('silence' as const), forMs: seconds(1, 200) }),
  fc.record({ kind: fc.constant('sleep' as const), forMs: seconds(1, 3600) }),
  fc.record({ kind: fc.constant('second-process' as const) }),
  fc.record({ kind: fc.constant('interrupt' as const) }),
  fc.record({
    kind: fc.constant('order' as const),
    order: fc.constantFrom(...ORDERS),
    step: fc.constantFrom(null, 0, 1, 2),
  }),
  fc.record({ kind: fc.constant('environment-file-fails' as const) }),
)

export interface ScenarioOptions {
  /** Nothing happens but users who connect, and so many that every check has evidence which is not close. */
  readonly isClear?: boolean
}

function timed(what: fc.Arbitrary<Incident>): fc.Arbitrary<Incident & { readonly atMs: number }> {
  const atMs = fc.oneof(fc.nat(2 * SECOND), fc.nat(400 * SECOND))
  return fc.tuple(what, atMs).map(([made, moment]) => ({ ...made, atMs: moment }))
}

const journalFailure = fc.record({ from: fc.integer({ min: 1, max: 60 }), forGood: fc.boolean() })

const traffic = fc.record({
  attemptsPerSecond: fc.constantFrom(0, 1, 20, 200),
  from: fc.integer({ min: 0, max: 100 }),
  failing: fc.constantFrom(0, 0, 0.1, 1),
  refused: fc.constantFrom(0, 0, 0, 1),
  fallback: fc.boolean(),
})

/** Thresholds that a single error breaks, with enough attempts to hold one even at 1 %. */
const CLEAR = {
  maxErrorRate: 0,
  maxFallbackRate: 100,
  minSuccessRate: 0,
  maxRoutingErrors: 1_000_000,
  minAttempts: 100,
}
const clearTraffic = fc.record({
  attemptsPerSecond: fc.constant(200),
  from: fc.integer({ min: 0, max: 100 }),
  failing: fc.constantFrom(0, 1),
  refused: fc.constant(0),
  fallback: fc.boolean(),
})

/** Random plans from random servers, through random incidents. */
export function scenarios({ isClear = false }: ScenarioOptions = {}): fc.Arbitrary<Scenario> {
  const scenario = fc
    .record({
      before,
      pins,
      thresholds: isClear ? thresholds.map((made) => ({ ...made, ...CLEAR })) : thresholds,
      analysis,
      environmentFile: fc.constantFrom(null, '/srv/app/.env'),
      rollbackTimeoutMs: seconds(5, 120),
      onInterrupt: fc.constantFrom('hold' as const, 'rollback' as const),
    })
    .chain(({ before: was, pins: pinned, ...rest }) => {
      const own = basis({ ...rest, before: { ...was, ...pinned }, pins: pinned })
      return fc.record({
        plan: plan(own, { isClear }).filter((made) => made !== null),
        settings: fc.constant({
          ...was,
          explicitRolloutUsers: pinned.rolloutUsers.length,
          forcedLegacyUsers: pinned.forceLegacyUsers.length,
        }),
        traffic: isClear ? clearTraffic : traffic,
        gatesAnswer: fc.boolean(),
        latencyMs: fc.constantFrom(0, 20, 3000, ...(isClear ? [] : [15_000])),
        incidents: isClear ? fc.constant([]) : fc.array(timed(incident), { maxLength: 5 }),
        journal: isClear ? fc.constant(null) : fc.option(journalFailure),
      })
    })
  // Records made by fast-check have no prototype, which is no matter to a run but one to `deepEqual`.
  return scenario.map((made) => structuredClone(made))
}

export function deaths(policies: readonly ResumePolicy[]): fc.Arbitrary<Death> {
  return fc.record({
    append: fc.nat(100),
    written: fc.boolean(),
    awayMs: fc.constantFrom(0, 60 * SECOND, 3600 * SECOND),
    policy: fc.constantFrom(...policies),
  })
}
