import assert from 'node:assert/strict'
import { reportSchema } from '../../../src/lib/contract/report.js'
import type { GradualStep } from '../../../src/lib/core/gradual-steps.js'
import { planFull, planWatch } from '../../../src/lib/core/plan.js'
import { DEFAULT_THRESHOLDS } from '../../../src/lib/core/thresholds.js'
import { formatRate } from '../../../src/lib/render/format.js'
import { createPalette } from '../../../src/lib/render/palette.js'
import { compareSteps, toBaseline } from '../../../src/lib/report/comparison.js'
import { composeReport } from '../../../src/lib/report/compose.js'
import { courseChart } from '../../../src/lib/report/text-chart.js'
import { describeMeasure, keyFigures } from '../../../src/lib/report/words.js'
import { hasControls, HOSTILE, serverStatus, Story } from '../../support/events.js'
import { basis, emergency, gradual, MINUTE, Scene } from '../../support/rollouts.js'
import { FACTS, FAILING, journalOf, reportOf, storyReport } from '../../support/reports.js'

const RUNS = {
  'a passed run': () => reportOf(gradual()),
  'a rolled-back run': () => reportOf(gradual(), new Scene(FAILING)),
  'an emergency': () => reportOf(emergency('why')),
  'a watch': () => reportOf(planWatch(basis(), { durationMs: 5 * MINUTE, onBreach: 'exit' })),
  'a run without monitoring': () => reportOf(gradual({ monitoring: false })),
  'a run that has only begun': async () => storyReport(new Story(gradual())),
}

describe('a report', () => {
  for (const [name, make] of Object.entries(RUNS)) {
    it(`of ${name} is the document that its schema says`, async () => {
      const report = await make()
      assert.deepEqual(reportSchema.parse(report), report)
      assert.deepEqual(JSON.parse(JSON.stringify(report)), report)
    })
  }

  it('tells how a run ended, from the breach to the verified rollback', async () => {
    const report = await reportOf(gradual(), new Scene(FAILING))
    assert.deepEqual([report.state, report.outcome, report.exitCode], ['ended', 'rolled-back', 10])
    assert.deepEqual(
      report.percentages.map(({ percentage }) => percentage),
      [0, 5, 20, 0],
    )
    assert.equal(report.figures.peakPercentage, 20)
    assert.ok(report.figures.breachToSafetyMs !== null && report.figures.breachToSafetyMs < MINUTE)
    assert.equal(report.figures.checks.fail, 3)
    assert.match(
      report.summary,
      /The breach came at gradual 20 %\. Everybody was taken back to legacy, and that was verified/,
    )
    assert.deepEqual(
      report.events.map(({ text }) => text.split(/[ :]/, 1)[0]),
      ['breach', 'verified'],
    )
  })

  it('finds the highest error rate among checks with as many attempts as their own step needs', async () => {
    const step = { percentage: 20, durationMs: 5 * MINUTE }
    const strict = { ...step, thresholds: { ...DEFAULT_THRESHOLDS, minAttempts: 100_000 } }
    const highest = async (steps: readonly GradualStep[]) =>
      (await reportOf(gradual({ steps }))).figures.highestErrorRate
    assert.equal(await highest([step]), 0)
    assert.equal(await highest([strict]), null)
  })

  it('tells how many checks a chart has no point for', async () => {
    const report = await reportOf(gradual())
    const withAdoption = (adoption: (index: number) => number | null) => ({
      ...report,
      checks: report.checks.map((check, index) => ({ ...check, verdict: 'pass' as const, adoption: adoption(index) })),
    })
    assert.doesNotMatch(
      describeMeasure(
        withAdoption(() => 97),
        'adoption',
      ),
      /Left out/,
    )
    const text = describeMeasure(
      withAdoption((index) => (index < 2 ? null : 97)),
      'adoption',
    )
    assert.match(text, new RegExp(`Lowest 97 % .* Left out: 2 of ${report.checks.length} checks; too few attempts`))
  })

  it('tells a run that is under way from one that was left', () => {
    const story = new Story(gradual()).then({ type: 'step-started', step: 0, percentage: 5, again: false })
    const running = storyReport(story, { unfinishedState: 'running' })
    assert.deepEqual([running.state, running.outcome, running.endedAt], ['running', null, null])
    assert.match(running.conclusion, /^under way, step 1 of 4/)
    const left = storyReport(story)
    assert.equal(left.state, 'left')
    assert.match(left.conclusion, /^left without a process before its end/)
    assert.ok(left.recommendations.some(({ command }) => command === 'wsctl rollout resume test-run'))
    const incomplete = storyReport(story, { unfinishedState: 'incomplete' })
    assert.match(incomplete.conclusion, /^its end was not recorded/)
    assert.match(incomplete.recommendations[0]?.command ?? '', /^wsctl status/)
  })

  it('names no user', async () => {
    const pins = { rolloutUsers: ['ann-secret'], forceLegacyUsers: ['mallory-secret'] }
    const report = await reportOf(
      gradual({}, { pins }),
      new Scene(undefined, { explicitRolloutUsers: 1, forcedLegacyUsers: 1 }),
    )
    assert.equal(report.outcome, 'completed', report.conclusion)
    assert.deepEqual([report.before?.rolloutUsers, report.before?.forceLegacyUsers], [1, 1])
    assert.doesNotMatch(JSON.stringify(report), /secret/)
  })

  it('holds no control character, whatever the journal holds', () => {
    const story = new Story(gradual({}, { server: `http://a/${HOSTILE}` }), HOSTILE).then(
      { type: 'interrupted', signal: HOSTILE, ignored: false },
      { type: 'journal-failed', message: HOSTILE },
      { type: 'finished', outcome: 'held', code: 'x', reason: HOSTILE },
    )
    const texts: string[] = []
    JSON.stringify(storyReport(story), (_, value: unknown) => {
      if (typeof value === 'string') texts.push(value)
      return value
    })
    assert.deepEqual(texts.filter(hasControls), [])
  })

  it('tells passed checks of a step in one line, and each failed one in its own', async () => {
    const { log, checks } = await reportOf(gradual(), new Scene(FAILING))
    const passed = log.filter(({ text }) => /^5 %: \d+ checks passed, error rate at most 0 %$/.test(text))
    assert.equal(passed.length, 1)
    assert.ok(passed[0]?.endedAt)
    assert.equal(log.filter(({ text }) => text.startsWith('20 %: check failed')).length, 3)
    assert.ok(checks.length > 30)
  })

  it('counts adoption against the percentage of the step', async () => {
    const [first] = (await reportOf(gradual())).steps
    assert.ok(first?.adoption !== null && first?.adoption !== undefined)
    assert.ok(Math.abs(first.adoption - 100) < 5, String(first.adoption))
  })

  it('tells no adoption while a step has seen too few attempts to judge it', async () => {
    const { checks } = await reportOf(gradual())
    assert.equal(checks[0]?.adoption, null)
    assert.ok(checks.some(({ adoption }) => adoption !== null))
  })

  it('sets each step against the baseline, and divides by nothing that is 0', async () => {
    const scene = new Scene(FAILING)
    const state = await scene.run(gradual())
    const [quiet, failed] = state.steps
    assert.ok(quiet && failed)
    assert.equal(compareSteps(state, { tally: quiet.tally, observedMs: MINUTE })[1]?.errorFactor, null)
    const [, same] = compareSteps(state, { tally: failed.tally, observedMs: MINUTE })
    assert.deepEqual([same?.errorFactor, same?.fallbackFactor, same?.successChange], [1, 1, 0])
    assert.equal(toBaseline({ tally: failed.tally, observedMs: MINUTE }).attempts, failed.tally.attempts)
  })

  it('shows the limit that decided where the baseline is stricter than what was typed, and says where it comes from', async () => {
    const plan = gradual({
      safeguards: {
        baseline: { durationMs: MINUTE },
        increases: { maxErrorRate: 1.5, maxFallbackRate: null },
      },
    })
    const traffic = { attemptsPerSecond: 20, failing: (percentage: number) => (percentage >= 20 ? 0.1 : 0) }
    const events = await journalOf(plan, new Scene(traffic))
    const report = composeReport(events, FACTS)
    const limit = report.checks.find(({ broken }) => broken.length > 0)?.limits.errorRate ?? Number.NaN
    assert.ok(limit < 1, String(limit))
    const shown = new RegExp(`limit ${formatRate(limit)}`)
    assert.match(report.summary, shown)
    assert.match(report.summary, /within 1\.5 times the baseline, which saw no error in [\d,]+ attempts\./)
    assert.match(keyFigures(report).find(({ name }) => name === 'Error rate')?.note ?? '', shown)
    assert.match(courseChart(events, { palette: createPalette(false), width: 80 }), shown)
    assert.ok(report.checks.every(({ limits }) => limits.errorRate === limit))
  })

  it('recommends to watch what went well, and to look for the cause of what did not', async () => {
    const texts = ({ recommendations }: Awaited<ReturnType<typeof reportOf>>): string =>
      recommendations.map(({ text, command }) => `${text} ${command ?? ''}`).join('\n')
    const full = texts(await reportOf(planFull(basis(), { durationMs: MINUTE, onInconclusive: 'hold' })))
    assert.match(full, /wsctl monitor --duration 48h --server http:\/\/127\.0\.0\.1:8000/)
    assert.match(full, /No environment file was kept in step/)
    const back = texts(await reportOf(gradual(), new Scene(FAILING)))
    assert.match(back, /raised errors.*\(max-error-rate\)/)
    assert.match(texts(await reportOf(gradual({ monitoring: false }))), /Nothing was judged/)
  })

  it('puts no server into a command that a shell would take apart', () => {
    const { recommendations } = storyReport(new Story(gradual({}, { server: 'http://a/$(reboot)' })))
    assert.ok(recommendations.every(({ command }) => !command?.includes('$')))
  })

  it('goes on when the wall clock was set back', async () => {
    const events = (await journalOf(gradual())).map((event, index) =>
      index < 30 ? event : { ...event, time: new Date(Date.parse(event.time) - 60 * MINUTE).toISOString() },
    )
    const report = composeReport(events, FACTS)
    assert.ok(report.figures.elapsedMs >= 0)
    assert.equal(report.outcome, 'completed')
  })

  it('is of a journal with a beginning', () => {
    assert.throws(() => composeReport([], FACTS), RangeError)
  })

  it('marks where a server that was read shows something else than was set', () => {
    const shown = serverStatus({ mode: 'disabled', percentage: 0 })
    const report = storyReport(
      new Story(gradual()).then(
        { type: 'step-started', step: 0, percentage: 5, again: false },
        { type: 'foreign-change-detected', step: 0, status: shown },
      ),
    )
    assert.match(report.events[0]?.text ?? '', /the server was changed from outside this run: .*now says disabled 0 %/)
    assert.deepEqual(report.connections, [{ time: report.seenAt, legacy: 12, unified: 3 }])
  })
})
