import type { Report } from '../../src/lib/contract/report.js'
import type { AttemptRecords } from '../../src/lib/core/attempt.js'
import type { RolloutEvent } from '../../src/lib/core/event.js'
import type { RolloutPlan } from '../../src/lib/core/rollout.js'
import { composeReport, type ReportFacts } from '../../src/lib/report/compose.js'
import type { Story } from './events.js'
import { MINUTE, Scene } from './rollouts.js'
import type { Traffic } from './fakes.js'

const NO_RECORDS: AttemptRecords = { since: null, runs: [], others: [], backups: [], signatures: [] }

export const FACTS: ReportFacts = {
  generator: 'wsctl 1.2.3',
  generatedAt: new Date(Date.UTC(2026, 10, 25, 12)),
  unfinishedState: 'left',
  records: NO_RECORDS,
}

/** Half of the unified connections fail from 20 % on. */
export const FAILING: Traffic = { attemptsPerSecond: 20, failing: (percentage) => (percentage >= 20 ? 0.5 : 0) }

/** A few of very many connections fail from 20 % on: no rate is broken, but the errors within the window pile up. */
export const PILING_UP: Traffic = { attemptsPerSecond: 40, failing: (percentage) => (percentage >= 20 ? 0.15 : 0) }

/** The journal of a whole run on a fake clock. */
export async function journalOf(plan: RolloutPlan, scene = new Scene()): Promise<readonly RolloutEvent[]> {
  await scene.run(plan)
  return scene.journal.events
}

/** The report of a whole run on a fake clock. */
export async function reportOf(
  plan: RolloutPlan,
  scene = new Scene(),
  facts: Partial<ReportFacts> = {},
): Promise<Report> {
  return composeReport(await journalOf(plan, scene), { ...FACTS, ...facts })
}

/** The report of a run that was written by hand. */
export function storyReport(story: Story, facts: Partial<ReportFacts> = {}): Report {
  return composeReport(
    story.told.map(({ event }) => event),
    { ...FACTS, ...facts },
  )
}

/** As if five minutes had been observed before the first step. */
export function withBaseline(report: Report): Report {
  const rates = { errorRate: 0.5, fallbackRate: 0.25, successRate: 99 }
  const [step] = report.steps
  if (step === undefined) throw new RangeError('a comparison needs a step')
  return {
    ...report,
    baseline: {
      observedMs: 5 * MINUTE,
      attempts: 6000,
      ...rates,
    },
    comparison: [
      {
        step: 1,
        label: step.label,
        attempts: step.attempts,
        errorRate: 1,
        errorFactor: 2,
        fallbackRate: 0.25,
        fallbackFactor: 1,
        successRate: 98.5,
        successChange: -0.5,
      },
    ],
  }
}
