import { Counter, Gauge, Registry } from 'prom-client'
import { VERDICTS, type ThresholdName } from '../core/analysis.js'
import type { RolloutEvent } from '../core/event.js'
import { OUTCOMES } from '../core/outcome.js'
import { requiredMs, type Phase, type RolloutState } from '../core/rollout.js'
import { isSequential } from '../core/sequential.js'
import { effectivePercentage } from '../core/server.js'
import { limitsOf } from '../core/limits.js'
import type { Thresholds } from '../core/thresholds.js'
import { EMPTY_TALLY, type Tally } from '../core/window.js'

const PHASES = Object.keys({
  measuring: true,
  ready: true,
  applying: true,
  applied: true,
  observing: true,
  doubting: true,
  passed: true,
  breached: true,
  interrupted: true,
  aborted: true,
  stopped: true,
  reverting: true,
  'rolling-back': true,
  finished: true,
} satisfies Readonly<Record<Phase['name'], true>>)

/** The rates that are judged, each with its limit, %. */
const RATES: readonly {
  readonly name: string
  readonly what: string
  readonly threshold: ThresholdName
  readonly limit: (thresholds: Thresholds) => number
}[] = [
  {
    name: 'error',
    what: 'Routing errors per attempt',
    threshold: 'max-error-rate',
    limit: ({ maxErrorRate }) => maxErrorRate,
  },
  {
    name: 'fallback',
    what: 'Fallback activations per attempt',
    threshold: 'max-fallback-rate',
    limit: ({ maxFallbackRate }) => maxFallbackRate,
  },
  {
    name: 'success',
    what: 'Attempts that ended connected',
    threshold: 'min-success-rate',
    limit: ({ minSuccessRate }) => minSuccessRate,
  },
  {
    name: 'adoption',
    what: 'Attempts that reached unified, of those that the percentage promises',
    threshold: 'min-adoption',
    limit: ({ minAdoption }) => minAdoption,
  },
]

/**
 * The numbers of one run in the form of Prometheus: seconds, ratios from 0 to 1, counters that only grow
 * while this process works on the run. What is not known is absent, never 0.
 */
export class RunMetrics {
  readonly #registry = new Registry()
  readonly #info = this.#gauge(
    'info',
    'The run that these numbers are about; always 1.',
    'rollout_id',
    'command',
    'server',
  )
  readonly #phase = this.#gauge('phase', 'What the run is doing: 1 for the present phase, else 0.', 'phase')
  readonly #outcome = this.#gauge('outcome', 'How the run ended: 1 for its outcome, else 0; all 0 before.', 'outcome')
  readonly #startedAt = this.#gauge('start_timestamp_seconds', 'When the run began.')
  readonly #endedAt = this.#gauge('end_timestamp_seconds', 'When the run ended; absent before.')
  readonly #sampledAt = this.#gauge('last_sample_timestamp_seconds', 'When the server last gave a valid answer.')
  readonly #unified = this.#gauge('unified_users_ratio', 'Share of users on unified, as the server last said.')
  readonly #target = this.#gauge('step_target_ratio', 'Share of users on unified that the step is about.')
  readonly #step = this.#gauge('step', 'Number of the step under way, from 1; absent before the first.')
  readonly #steps = this.#gauge('steps', 'Steps that the plan has.')
  readonly #observed = this.#gauge('step_observed_seconds', 'Time of the step that valid samples vouch for.')
  readonly #required = this.#gauge(
    'step_required_seconds',
    'Time that the step has to be observed; absent without end.',
  )
  readonly #rates = RATES.map((rate) => ({
    ...rate,
    value: this.#gauge(
      `${rate.name}_ratio`,
      `${rate.what}, by the last check; absent when there was too little to say.`,
    ),
    bound: this.#gauge(`${rate.name}_ratio_limit`, `${rate.what}: ${rate.threshold}.`),
  }))
  readonly #odds = this.#gauge(
    'odds_against_chance',
    'Odds, for 1, that a rate is above its limit and not by chance; only where rates are judged sequentially.',
    'rate',
  )
  readonly #oddsLimit = this.#gauge('odds_against_chance_limit', 'At how much they are a breach.')
  readonly #windowErrors = this.#gauge('window_routing_errors', 'Routing errors within the window of the last check.')
  readonly #windowErrorsLimit = this.#gauge('window_routing_errors_limit', 'How many may be: max-routing-errors.')
  readonly #failures = this.#gauge('failures_in_a_row', 'Failed checks in a row.')
  readonly #failuresLimit = this.#gauge('failures_in_a_row_limit', 'How many are a breach: consecutive-failures.')
  readonly #open = this.#gauge('open_connections', 'Connections open now, as the server last said.', 'system')
  readonly #checks = this.#counter('checks_total', 'Checks by verdict.', 'verdict')
  readonly #polls = this.#counter('polls_total', 'Readings of the server, with or without a valid answer.', 'result')
  readonly #attempts = this.#counter('attempts_total', 'Connection attempts that were seen.')
  readonly #connections = this.#counter('connections_total', 'Attempts that ended connected, by system.', 'system')
  readonly #errors = this.#counter('routing_errors_total', 'Routing errors that were seen.')
  readonly #fallbacks = this.#counter('fallbacks_total', 'Fallback activations that were seen.')
  readonly #restarts = this.#counter('server_restarts_total', 'Restarts of the server that were seen.')
  #counted: Tally = EMPTY_TALLY

  constructor() {
    for (const verdict of VERDICTS) this.#checks.inc({ verdict }, 0)
    for (const result of ['valid', 'failed']) this.#polls.inc({ result }, 0)
    for (const system of ['legacy', 'unified']) this.#connections.inc({ system }, 0)
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** Everything as text, as Prometheus reads it. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }

  /** @param state the run after the event */
  update(event: RolloutEvent, state: RolloutState): void {
    this.#count(event, state)
    this.#describe(event, state)
    this.#measure(state)
  }

  #count(event: RolloutEvent, { stepTotal }: RolloutState): void {
    const answered = readingOf(event)
    if (answered !== null) this.#polls.inc({ result: answered ? 'valid' : 'failed' })
    if (event.type === 'checked') this.#checks.inc({ verdict: event.check.verdict })
    if (event.type === 'restart-detected') this.#restarts.inc()
    // A step that begins, or begins afresh, counts from 0, or from what a new server process says.
    const isFurther = event.type === 'checked' && stepTotal.attempts >= this.#counted.attempts
    const base = isFurther ? this.#counted : EMPTY_TALLY
    if (event.type === 'checked' || event.type === 'restart-detected') this.#grow(base, stepTotal)
    this.#counted = stepTotal
  }

  #grow(before: Tally, after: Tally): void {
    const grown = (key: keyof Tally): number => Math.max(0, after[key] - before[key])
    this.#attempts.inc(grown('attempts'))
    this.#connections.inc({ system: 'legacy' }, grown('legacy'))
    this.#connections.inc({ system: 'unified' }, grown('unified'))
    this.#errors.inc(grown('errors'))
    this.#fallbacks.inc(grown('fallbacks'))
  }

  #describe(event: RolloutEvent, { plan, phase, startedAt, endedAt, steps }: RolloutState): void {
    this.#info.set({ rollout_id: plan.id, command: plan.command, server: plan.server }, 1)
    for (const name of PHASES) this.#phase.set({ phase: name }, name === phase.name ? 1 : 0)
    for (const { outcome } of OUTCOMES) {
      this.#outcome.set({ outcome }, phase.name === 'finished' && phase.outcome === outcome ? 1 : 0)
    }
    set(this.#startedAt, seconds(startedAt))
    set(this.#endedAt, endedAt === null ? null : seconds(endedAt))
    if (readingOf(event) === true) this.#sampledAt.set(Date.parse(event.time) / 1000)
    const step = steps.at(-1)
    set(this.#step, step ? step.index + 1 : null)
    set(this.#target, step ? step.percentage / 100 : null)
    this.#steps.set(plan.steps.length)
  }

  #measure(state: RolloutState): void {
    const { plan, status, failuresInRow, observedMs, steps } = state
    const limits = limitsOf(state)
    set(this.#unified, status && effectivePercentage(status.settings) / 100)
    for (const system of ['legacy', 'unified'] as const) set(this.#open, status?.open[system] ?? null, { system })
    const required = plan.steps.length === 0 ? null : requiredMs(state)
    set(this.#required, required === null ? null : required / 1000)
    this.#observed.set(observedMs / 1000)
    // What was measured of the step before says nothing of this one.
    const check = steps.at(-1)?.checks === 0 ? null : state.lastCheck
    const found = (name: ThresholdName): number | null =>
      check?.findings.find(({ threshold }) => threshold === name)?.value ?? null
    for (const { name, value, bound, threshold, limit } of this.#rates) {
      const measured = found(threshold)
      const odds = check?.findings.find((finding) => finding.threshold === threshold)?.odds
      set(this.#odds, odds ?? null, { rate: name })
      set(value, measured === null ? null : measured / 100)
      bound.set(limit(limits) / 100)
    }
    set(this.#oddsLimit, isSequential(plan) ? Number((1 / (1 - plan.analysis.confidence)).toPrecision(9)) : null)
    set(this.#windowErrors, found('max-routing-errors'))
    this.#windowErrorsLimit.set(limits.maxRoutingErrors)
    this.#failures.set(failuresInRow)
    this.#failuresLimit.set(limits.consecutiveFailures)
  }

  /** Without labels a gauge begins at 0, which would be a statement. */
  #gauge<L extends string>(name: string, help: string, ...labelNames: L[]): Gauge<L> {
    const gauge = new Gauge({ name: `wsctl_${name}`, help, labelNames, registers: [this.#registry] })
    if (labelNames.length === 0) gauge.remove()
    return gauge
  }

  #counter<L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> {
    return new Counter({ name: `wsctl_${name}`, help, labelNames, registers: [this.#registry] })
  }
}

/** Null: absent. */
function set<L extends string>(gauge: Gauge<L>, value: number | null, labels: Partial<Record<L, string>> = {}): void {
  if (value === null) gauge.remove(labels)
  else gauge.set(labels, value)
}

/** Whether the server gave a valid answer to a reading; null for an event that is none. */
function readingOf(event: RolloutEvent): boolean | null {
  switch (event.type) {
    case 'write-cleared':
    case 'doubted':
      return true
    case 'measured':
    case 'checked':
    case 'read-back':
    case 'rollback-read':
      return event.status !== null
    case 'throttled':
      return false
    default:
      return null
  }
}

function seconds(iso: string): number {
  return Date.parse(iso) / 1000
}
