/** Which items of the checklist records prove. Nothing is proven by the absence of a record. */
import { tookEverybodyBack, type AttemptRecords, type Signature } from './attempt.js'
import { CHECKLIST, type ChecklistItem, type ChecklistItemId } from './checklist.js'
import type { RolloutState, Step, StepRecord } from './rollout.js'
import { describeSettings } from './server.js'
import type { Tally } from './window.js'

const MINUTE_MS = 60_000
/** A first step above this is not small, %. */
const SMALL_PERCENTAGE = 10
const LONG_STEP_MS = 30 * MINUTE_MS
const LONG_WATCH_MS = 24 * 60 * MINUTE_MS

interface Evidence {
  readonly text: string
  /** The run that proves it; null when it takes several, or none. */
  readonly rolloutId: string | null
}

export interface JudgedItem {
  readonly item: ChecklistItem
  /** `proven`: by records; `signed`: by a person; `open`: by nobody yet. */
  readonly status: 'proven' | 'signed' | 'open'
  readonly evidence: Evidence | null
  /** The newest one. */
  readonly signature: Signature | null
}

export function judgeChecklist(records: AttemptRecords): readonly JudgedItem[] {
  return CHECKLIST.map((item) => {
    const evidence = PROOFS[item.id]?.(records) ?? null
    const signature = records.signatures.findLast((one) => one.item === item.id) ?? null
    return { item, evidence, signature, status: evidence ? 'proven' : signature ? 'signed' : 'open' }
  })
}

type Proof = (records: AttemptRecords) => Evidence | null

const PROOFS: Readonly<Partial<Record<ChecklistItemId, Proof>>> = {
  'monitoring-ready': ({ runs }) => {
    const run = runs.findLast((state) => state.plan.monitoring && sum(state.steps).attempts > 0)
    if (run === undefined) return null
    return by(
      run,
      `${count(countChecks(run.steps))} checks over ${count(sum(run.steps).attempts)} attempts were judged`,
    )
  },
  'rollback-practised': ({ others }) => {
    const run = others.findLast(tookEverybodyBack)
    return run === undefined
      ? null
      : by(run, `${run.plan.command} took everybody back on ${run.plan.server}, ${day(run.endedAt)}`)
  },
  'configuration-copied': ({ backups }) => {
    const newest = backups.toSorted((a, b) => (a.at < b.at ? -1 : 1)).at(-1)
    return newest === undefined ? null : { text: `${newest.path}, ${day(newest.at)}`, rolloutId: null }
  },
  'test-users-moved': ({ runs }) => {
    const run = runs.findLast(
      (state) => isCompleted(state) && state.said?.mode === 'testing' && state.said.explicitRolloutUsers > 0,
    )
    return run === undefined
      ? null
      : by(run, `${run.said?.explicitRolloutUsers ?? 0} on the rollout list in mode testing, ${day(run.endedAt)}`)
  },
  'fallback-works': ({ runs, others }) => {
    const server = runs[0]?.plan.server
    const known = [...others.filter((state) => state.plan.server === server), ...runs]
    const run = known.findLast(({ steps }) => sum(steps).fallbacks > 0 && sum(steps).fallbacks >= sum(steps).errors)
    if (run === undefined) return null
    const { fallbacks, errors } = sum(run.steps)
    return by(run, `${count(fallbacks)} fallbacks for ${count(errors)} errors: legacy caught all of them`)
  },
  'started-small': ({ runs }) => {
    const [first] = raisedSteps(runs)
    return first?.record.outcome === 'passed' && first.record.percentage <= SMALL_PERCENTAGE
      ? by(first.run, `${first.record.percentage} % came first, and passed`)
      : null
  },
  'steps-long-enough': ({ runs }) => {
    const steps = raisedSteps(runs)
    const shortest = Math.min(...steps.map(({ step }) => step.durationMs ?? Number.POSITIVE_INFINITY))
    return areProven(steps) && shortest >= LONG_STEP_MS
      ? of(steps, `${steps.length} steps, the shortest ${Math.floor(shortest / MINUTE_MS)} minutes`)
      : null
  },
  'rates-judged': ({ runs }) => {
    const steps = raisedSteps(runs)
    const isJudged = steps.every(({ run, record }) => run.plan.monitoring && record.tally.attempts > 0)
    const checks = countChecks(steps.map(({ record }) => record))
    return steps.length > 0 && isJudged ? of(steps, `${count(checks)} checks over ${steps.length} steps`) : null
  },
  'raised-in-steps': ({ runs }) => {
    const passed = raisedSteps(runs).filter(({ record }) => record.outcome === 'passed')
    const percentages = [...new Set(passed.map(({ record }) => record.percentage))]
    return percentages.length > 1 ? of(passed, `${percentages.join(' → ')} %, each after the one before passed`) : null
  },
  'everybody-moved': ({ runs }) => {
    const run = lastRead(runs)
    return run?.said?.mode === 'full' ? by(run, `the server says ${describeSettings(run.said)}`) : null
  },
  'stable-at-full': ({ runs }) => {
    const calm = observedSteps(runs).findLast(({ record }) => record.percentage === 100 && record.outcome === 'passed')
    return calm === undefined || calm.record.tally.attempts === 0
      ? null
      : by(
          calm.run,
          `${count(calm.record.checks)} checks and ${count(calm.record.tally.attempts)} attempts at 100 %, and passed`,
        )
  },
  'fallback-on': ({ runs }) => {
    const run = lastRead(runs)
    return run?.said?.mode === 'full' && run.said.legacyFallback ? by(run, 'the server says that it is on') : null
  },
  'watched-for-days': ({ runs }) => {
    const watches = runs.filter(
      (state) =>
        state.plan.intent === 'watch' && state.said?.mode === 'full' && state.steps.at(-1)?.outcome === 'passed',
    )
    const totalMs = watches.reduce((total, { observedMs }) => total + observedMs, 0)
    const hours = Math.floor(totalMs / (60 * MINUTE_MS))
    return totalMs >= LONG_WATCH_MS
      ? { text: `${hours} hours observed at full, and passed`, rolloutId: only(watches) }
      : null
  },
}

/** A step that was observed, in its run. */
interface ObservedStep {
  readonly run: RolloutState
  readonly step: Step
  readonly record: StepRecord
}

function observedSteps(runs: readonly RolloutState[]): readonly ObservedStep[] {
  return runs.flatMap((run) =>
    run.steps.flatMap((record) => {
      const step = run.plan.steps[record.index]
      return step === undefined || step.durationMs === 0 ? [] : [{ run, step, record }]
    }),
  )
}

/** The observed steps that gave the unified system a percentage of the users. */
function raisedSteps(runs: readonly RolloutState[]): readonly ObservedStep[] {
  const raising = runs.filter(({ plan }) => plan.intent === 'raise')
  return observedSteps(raising).filter(({ step }) => step.target !== null && step.percentage > 0)
}

/** Whether there are steps, and each passed on evidence. */
function areProven(steps: readonly ObservedStep[]): boolean {
  return steps.length > 0 && steps.every(({ record }) => record.outcome === 'passed')
}

/** The last run that read the server. */
function lastRead(runs: readonly RolloutState[]): RolloutState | undefined {
  return runs.findLast(({ said }) => said !== null)
}

function isCompleted({ phase }: RolloutState): boolean {
  return phase.name === 'finished' && phase.outcome === 'completed'
}

function sum(steps: readonly StepRecord[]): Pick<Tally, 'attempts' | 'errors' | 'fallbacks'> {
  return {
    attempts: steps.reduce((total, { tally }) => total + tally.attempts, 0),
    errors: steps.reduce((total, { tally }) => total + tally.errors, 0),
    fallbacks: steps.reduce((total, { tally }) => total + tally.fallbacks, 0),
  }
}

function countChecks(steps: readonly StepRecord[]): number {
  return steps.reduce((total, { checks }) => total + checks, 0)
}

function by({ plan }: RolloutState, text: string): Evidence {
  return { text, rolloutId: plan.id }
}

function of(steps: readonly ObservedStep[], text: string): Evidence {
  return { text, rolloutId: only(steps.map(({ run }) => run)) }
}

/** The id of the one run that all are; null when there are several. */
function only(runs: readonly RolloutState[]): string | null {
  const [id, ...others] = new Set(runs.map(({ plan }) => plan.id))
  return others.length === 0 ? (id ?? null) : null
}

function count(number: number): string {
  return number.toLocaleString('en-US')
}

/** The day of an ISO time. */
function day(iso: string | null): string {
  return iso?.slice(0, 10) ?? 'not ended'
}
