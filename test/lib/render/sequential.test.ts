import assert from 'node:assert/strict'
import { RunMetrics } from '../../../src/lib/adapters/run-metrics.js'
import { planFlags } from '../../../src/lib/cli/plan-flags.js'
import { decodeEvent, encodeEvent } from '../../../src/lib/contract/event.js'
import type { SequentialAnalysis } from '../../../src/lib/core/judging.js'
import { DEFAULT_THRESHOLDS } from '../../../src/lib/core/thresholds.js'
import { describeEvent } from '../../../src/lib/render/describe-event.js'
import { describePlan } from '../../../src/lib/render/describe-plan.js'
import { liveView } from '../../../src/lib/render/live-view.js'
import { createPalette } from '../../../src/lib/render/palette.js'
import { widthOf } from '../../../src/lib/render/text.js'
import { recordedRun, type Told } from '../../support/events.js'
import { gradual, Scene } from '../../support/rollouts.js'

const SEQUENTIAL: SequentialAnalysis = { rule: 'sequential', confidence: 0.99, designEffect: 1 }
const thresholds = { ...DEFAULT_THRESHOLDS, maxErrorRate: 1 }
const plan = gradual({}, { thresholds, analysis: SEQUENTIAL })

describe('a run that is judged sequentially, as it is told', () => {
  let told: readonly Told[]

  before(async () => {
    const failing = (percentage: number): number => (percentage >= 20 ? 0.3 : 0)
    told = await recordedRun(new Scene({ attemptsPerSecond: 20, failing }), plan)
  })

  /** What the screen had to say when the first check failed. */
  function failed(): Told {
    const found = told.find(({ event }) => event.type === 'checked' && event.check.verdict === 'fail')
    assert.ok(found)
    return found
  }

  it('says at the start how it is judged', () => {
    assert.match(describePlan(plan), /, rates judged sequentially \(confidence 0\.99\)$/)
    const careful = { ...plan, analysis: { ...SEQUENTIAL, designEffect: 5 } }
    assert.match(describePlan(careful), /\(confidence 0\.99, design effect 5\)$/)
    assert.doesNotMatch(describePlan({ ...plan, monitoring: false }), /sequentially/)
  })

  it('tells an alarm by its odds, and of no row', () => {
    const { event, state } = failed()
    const text = describeEvent(event, state)?.text ?? ''
    assert.match(text, /^20 %: check failed: 6 % of 200 attempts failed, limit 1 %; odds against chance [\d,]+ to 1$/)
  })

  it('shows the odds of each rate in the live view, which still fits', () => {
    for (const width of [40, 80]) {
      for (const { state } of told) {
        for (const line of liveView(state, state.atMs, { palette: createPalette(false), width })) {
          assert.ok(widthOf(line) <= width, line)
        }
      }
    }
    const passed = told.find(({ event }) => event.type === 'checked' && event.check.verdict === 'pass')
    assert.ok(passed)
    const text = liveView(passed.state, passed.state.atMs, { palette: createPalette(false), width: 80 }).join('\n')
    assert.match(text, /ok {4}error rate +0 % {2}max 1 % +odds under 1 to 1/)
  })

  it('has its odds and their limit in the metrics', async () => {
    const metrics = new RunMetrics()
    const { event, state } = failed()
    metrics.update(event, state)
    const text = await metrics.text()
    assert.ok(Number(/^wsctl_odds_against_chance\{rate="error"\} (\S+)$/m.exec(text)?.[1]) >= 100)
    assert.match(text, /^wsctl_odds_against_chance_limit 100$/m)
    assert.doesNotMatch(text, /odds_against_chance\{rate="adoption"\}/)
  })

  it('is read back from its journal as it was written', () => {
    for (const { event } of told) {
      const { schema, rolloutId, ...read } = decodeEvent(encodeEvent(event, 'a-run'))
      assert.deepEqual([schema, rolloutId, read], ['wsctl/event@1', 'a-run', event])
    }
  })

  it('is counted in a journal from before there was a choice', () => {
    const [first] = told
    assert.ok(first)
    const written = encodeEvent(first.event, 'a-run').replace(/"analysis":\{[^}]*\},/, '')
    const event = decodeEvent(written)
    assert.ok(event.type === 'started')
    assert.deepEqual(event.plan.analysis, { rule: 'counted' })
  })

  it('goes on by the same rule', () => {
    assert.match(planFlags(plan), / --max-error-rate 1 --analysis sequential$/)
    const careful = { ...plan, analysis: { ...SEQUENTIAL, confidence: 0.999, designEffect: 5 } }
    assert.match(planFlags(careful), / --analysis sequential --confidence 0\.999 --design-effect 5$/)
  })
})
