import { toChecklist } from '../contract/checklist.js'
import type { UnfinishedState } from '../contract/history.js'
import type { Report } from '../contract/report.js'
import type { AttemptRecords } from '../core/attempt.js'
import { judgeChecklist } from '../core/checklist-evidence.js'
import type { RolloutEvent } from '../core/event.js'
import { printable } from '../render/text.js'
import { compareSteps, toBaseline } from './comparison.js'
import { decisionLog, outstanding } from './log.js'
import { momentsOf } from './moments.js'
import { recommend } from './recommendations.js'
import { describeRun, figuresOf, settingsAfter, settingsBefore, toPlan, toStep } from './run.js'
import { checksOf, connectionsOf, percentagesOf } from './series.js'
import { summarize } from './summary.js'

/** What a report needs besides the events of its run. */
export interface ReportFacts {
  /** Such as `wsctl 0.1.0`. */
  readonly generator: string
  readonly generatedAt: Date
  /** What is known of the run in case that its journal holds no end. */
  readonly unfinishedState: UnfinishedState
  /** Where the checklist finds its evidence. */
  readonly records: AttemptRecords
}

/** A report as far as it rests on the run alone; summary and recommendations are drawn from it. */
export type BareReport = Omit<Report, 'summary' | 'recommendations' | 'checklist'>

/**
 * The report of a run, whether or not it has ended. Its texts are free of control characters.
 *
 * @param events the whole journal
 * @throws RangeError when it does not begin with the start of a run
 */
export function composeReport(events: readonly RolloutEvent[], facts: ReportFacts): Report {
  const moments = momentsOf(events)
  const [first] = moments
  const last = moments.at(-1)
  if (first?.event.type !== 'started' || last === undefined) throw new RangeError('a run begins with its start')
  const { state } = last
  const { baseline } = state
  const bare: BareReport = {
    schema: 'wsctl/report@1',
    generator: facts.generator,
    generatedAt: facts.generatedAt.toISOString(),
    operator: printable(first.event.operator),
    ...describeRun(state, facts.unfinishedState),
    seenAt: last.event.time,
    before: settingsBefore(state),
    after: settingsAfter(state),
    plan: toPlan(state.plan),
    figures: figuresOf(moments, state),
    steps: state.steps.map((record) => toStep(record, state.plan)),
    checks: checksOf(moments),
    percentages: percentagesOf(moments),
    connections: connectionsOf(moments),
    events: outstanding(moments),
    log: decisionLog(moments),
    baseline: baseline && toBaseline(baseline),
    comparison: baseline === null ? [] : compareSteps(state, baseline),
    warnings: state.warnings.map(printable),
  }
  const checklist = toChecklist(judgeChecklist(facts.records))
  return { ...bare, summary: summarize(bare, state), checklist, recommendations: recommend(bare) }
}
