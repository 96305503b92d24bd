/**
 * How often each rule takes users back for nothing, and how soon it does for something. The rules of wsctl are those of
 * the core itself, in runs of its own loop; those of other tools are re-stated.
 */
import { COUNTED, DEFAULT_CONFIDENCE, type Analysis } from '../src/lib/core/judging.js'
import { planGradual, planWatch, type PlanBasis } from '../src/lib/core/plan.js'
import type { RolloutPlan } from '../src/lib/core/rollout.js'
import { DEFAULT_THRESHOLDS, type Thresholds } from '../src/lib/core/thresholds.js'
import { runOnCore } from './core-run.js'
import { PEER_RULES, type PeerRule } from './peer-rules.js'
import { Random } from './random.js'
import { Arrivals, CHECKS, POLL_MS } from './traffic.js'
import {
  BURST_SCENARIOS,
  INTERVAL_SCENARIOS,
  LIMIT,
  ROLLOUT_SCENARIOS,
  SCENARIOS,
  type Scenario,
} from './verdict-scenarios.js'
import { tally, type Breach, type Finds } from './verdict-tally.js'
import { verdictsMarkdown } from './verdicts-markdown.js'

/** One rule in one scenario. */
export interface VerdictRow extends Finds {
  readonly table: 'rules' | 'bursts' | 'intervals' | 'rollouts'
  readonly group: string
  readonly scenario: string
  readonly rule: string
  /** Share of the runs by how they ended, 0-1; only of rollouts in steps. */
  readonly outcomes: Readonly<Record<string, number>> | null
}

/** Something to reach. */
interface Goal {
  readonly goal: string
  readonly measured: string
  readonly met: boolean
  readonly value: number
  readonly unit: string
  /** The most that it may be. */
  readonly most: number
}

export interface VerdictsBench {
  readonly runs: number
  readonly rows: readonly VerdictRow[]
  readonly goals: readonly Goal[]
}

const PAGE = `# How often each rule is wrong, and how soon it is right

Made by \`npm run bench -- --only verdicts\`; what it means is told in [analysis.md](analysis.md). The rules of wsctl are its own core
in its own loop, on simulated traffic; those of other tools are re-stated in \`bench/peer-rules.ts\`.`

function sequential(designEffect = 1): Analysis {
  return { rule: 'sequential', confidence: DEFAULT_CONFIDENCE, designEffect }
}

/** Only the error rate is judged: routing errors are a count, and no test of it. */
const FIXED: Thresholds = {
  ...DEFAULT_THRESHOLDS,
  maxErrorRate: LIMIT * 100,
  maxRoutingErrors: 1_000_000_000,
  minAdoption: 0,
  pollIntervalMs: POLL_MS,
  confirmIntervalMs: POLL_MS,
}
const CLOSER: Thresholds = { ...FIXED, confirmIntervalMs: DEFAULT_THRESHOLDS.confirmIntervalMs }

function basis(thresholds: Thresholds, analysis: Analysis, percentage: number): PlanBasis {
  const nobody = { rolloutUsers: [], forceLegacyUsers: [] }
  return {
    id: 'bench',
    server: 'http://127.0.0.1:8000',
    before: { mode: percentage === 0 ? 'disabled' : 'gradual', percentage, legacyFallback: true, ...nobody },
    pins: nobody,
    thresholds,
    analysis,
    environmentFile: null,
    rollbackTimeoutMs: 120_000,
    onInterrupt: 'hold',
  }
}

function watch(thresholds: Thresholds, analysis: Analysis): RolloutPlan {
  return planWatch(basis(thresholds, analysis, 50), { durationMs: CHECKS * POLL_MS, onBreach: 'exit' })
}

function inSteps(analysis: Analysis): RolloutPlan {
  const steps = Array.from({ length: 12 }, (_, index) => ({ percentage: 5 * (index + 1), durationMs: 10 * POLL_MS }))
  return planGradual(basis(CLOSER, analysis, 0), { steps, monitoring: true, onInconclusive: 'extend' })
}

interface Task {
  readonly table: VerdictRow['table']
  readonly scenario: Scenario
  readonly rule: string
  /** One run. */
  readonly play: (random: Random) => { readonly breach: Breach; readonly outcome: string | null }
}

function onCore(table: Task['table'], scenario: Scenario, rule: string, plan: RolloutPlan): Task {
  return { table, scenario, rule, play: (random) => runOnCore(plan, scenario.traffic, random) }
}

function byPeer(scenario: Scenario, { name, begin }: PeerRule): Task {
  const play = (random: Random): { readonly breach: Breach; readonly outcome: null } => {
    const [arrivals, isBreach] = [new Arrivals(scenario.traffic, random), begin(LIMIT)]
    for (let check = 1; check <= CHECKS; check++) {
      const atMs = check * POLL_MS
      if (isBreach(arrivals.between(atMs - POLL_MS, atMs))) return { breach: { checks: check, atMs }, outcome: null }
    }
    return { breach: null, outcome: null }
  }
  return { table: 'rules', scenario, rule: name, play }
}

function tasks(): readonly Task[] {
  const both = [
    ['counted', COUNTED],
    ['sequential', sequential()],
  ] as const
  return [
    ...SCENARIOS.flatMap((scenario) => [
      ...both.map(([rule, analysis]) => onCore('rules', scenario, rule, watch(FIXED, analysis))),
      ...PEER_RULES.map((peer) => byPeer(scenario, peer)),
    ]),
    ...BURST_SCENARIOS.flatMap((scenario) => [
      onCore('bursts', scenario, 'counted', watch(FIXED, COUNTED)),
      ...[1, 2, 5, 10].map((effect) =>
        onCore('bursts', scenario, `sequential, design effect ${effect}`, watch(FIXED, sequential(effect))),
      ),
    ]),
    ...INTERVAL_SCENARIOS.flatMap((scenario) =>
      both.map(([rule, analysis]) => onCore('intervals', scenario, rule, watch(CLOSER, analysis))),
    ),
    ...ROLLOUT_SCENARIOS.flatMap((scenario) =>
      both.map(([rule, analysis]) => onCore('rollouts', scenario, rule, inSteps(analysis))),
    ),
  ]
}

function measure({ table, scenario, rule, play }: Task, runs: number): VerdictRow {
  const { group, name, onset } = scenario
  // The same users for every rule.
  const ended = Array.from({ length: runs }, (_, index) => play(new Random(index + 1)))
  const outcomes = new Map<string, number>()
  for (const { outcome } of ended) if (outcome !== null) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1 / runs)
  return {
    table,
    group,
    scenario: name,
    rule,
    ...tally(
      ended.map(({ breach }) => breach),
      onset,
      (onset ?? 0) * POLL_MS,
    ),
    outcomes: table === 'rollouts' ? Object.fromEntries(outcomes) : null,
  }
}

function goalsOf(rows: readonly VerdictRow[]): readonly Goal[] {
  const find = (rule: string, group: string, scenario: string, table: VerdictRow['table'] = 'rules'): VerdictRow => {
    const row = rows.find(
      (one) => one.table === table && one.rule === rule && one.group.startsWith(group) && one.scenario === scenario,
    )
    if (row === undefined) throw new RangeError(`there is no row for ${rule}: ${group}, ${scenario}`)
    return row
  }
  const at200 = (factor: number, rule = 'sequential'): VerdictRow => find(rule, '200 attempts', `${factor} x the limit`)
  const share = (goal: string, { falseShare }: VerdictRow, below: number): Goal => ({
    goal,
    measured: `${Number((falseShare * 100).toFixed(2))} %`,
    met: falseShare < below,
    value: falseShare * 100,
    unit: '%',
    most: below * 100,
  })
  const checks = (goal: string, { medianChecks }: VerdictRow, most: number): Goal => ({
    goal,
    measured: `${medianChecks ?? 'never'}`,
    met: medianChecks !== null && medianChecks <= most,
    value: medianChecks ?? Infinity,
    unit: 'checks',
    most,
  })
  return [
    share('false rollbacks at 0.8 x the limit under 1 %', at200(0.8), 0.01),
    share('false rollbacks at the limit itself under 2 %', at200(1), 0.02),
    checks('median checks to find 2 x the limit at most 8', at200(2), 8),
    checks('median checks to find 3 x the limit at most 3', at200(3), 3),
    checks('median checks to find 5 x the limit at most 1', at200(5), 1),
    checks('3 x the limit from check 60 on found within 5', find('sequential', 'half the limit', '3 x the limit'), 5),
    ...[5, 10].map((burst) =>
      share(
        `false rollbacks at 0.8 x the limit in bursts of ${burst}, with a design effect of ${burst}, under 1 %`,
        find(`sequential, design effect ${burst}`, `bursts of ${burst}`, '0.8 x the limit', 'bursts'),
        0.01,
      ),
    ),
    share(
      'rollouts of 12 steps at the limit itself rolled back under 1 %',
      find('sequential', '12 steps', '1 x the limit', 'rollouts'),
      0.01,
    ),
    ...[3, 5, 10].map((factor) =>
      checks(
        `${factor} x the limit in no more checks than counted`,
        at200(factor),
        at200(factor, 'counted').medianChecks ?? Infinity,
      ),
    ),
  ]
}

/** Runs every scenario under every rule. */
export async function verdictsBench(runs: number, progress: (text: string) => void): Promise<VerdictsBench> {
  const rows: VerdictRow[] = []
  const all = tasks()
  for (const [index, task] of all.entries()) {
    progress(`${index + 1} of ${all.length}: ${task.rule}, ${task.scenario.group}, ${task.scenario.name}`)
    rows.push(measure(task, runs))
    // Whoever runs several benches gets a turn.
    await Promise.resolve()
  }
  return { runs, rows, goals: goalsOf(rows) }
}

/** The tables as a page of the documentation. */
export function verdictsPage(bench: VerdictsBench): string {
  return `${PAGE}\n\n${verdictsMarkdown(bench)}\n`
}
