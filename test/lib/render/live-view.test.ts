import assert from 'node:assert/strict'
import { analyse, unmeasured, type Check } from '../../../src/lib/core/analysis.js'
import type { EventBody } from '../../../src/lib/core/event.js'
import { DEFAULT_THRESHOLDS } from '../../../src/lib/core/thresholds.js'
import { liveView } from '../../../src/lib/render/live-view.js'
import { createPalette } from '../../../src/lib/render/palette.js'
import { widthOf } from '../../../src/lib/render/text.js'
import { failure, hasControls, HOSTILE, recordedRun, serverStatus, Story } from '../../support/events.js'
import { emergency, gradual, Scene } from '../../support/rollouts.js'

const layout = { palette: createPalette(false), width: 80 }
const status = serverStatus({ mode: 'gradual', percentage: 5 })
const BEGUN: readonly EventBody[] = [
  { type: 'step-started', step: 0, percentage: 5, again: false },
  { type: 'step-applied', step: 0, percentage: 5, status },
]

function checkOf(errors: number): Check {
  const recent = { legacy: 95, unified: 5, errors, fallbacks: errors, attempts: 100 }
  return analyse({ recent, windowErrors: errors, stepTotal: recent, percentage: 5 }, DEFAULT_THRESHOLDS)
}

function checked(errors: number): EventBody {
  return { type: 'checked', step: 0, status, failure: null, check: checkOf(errors), begunMs: 0 }
}

describe('live view', () => {
  for (const width of [40, 80]) {
    it(`fits ${width} columns at every moment of a run that is rolled back`, async () => {
      const scene = new Scene({ attemptsPerSecond: 20, failing: (percentage) => (percentage >= 20 ? 0.5 : 0) })
      for (const { state } of await recordedRun(scene, gradual())) {
        for (const line of liveView(state, state.atMs + 500, { ...layout, width })) {
          assert.ok(widthOf(line) <= width, line)
          assert.equal(hasControls(line), false)
        }
      }
    })
  }

  it('counts the time left down between two events, but not beyond what samples may vouch for', () => {
    const { state } = new Story(gradual()).then(...BEGUN)
    const leftAfter = (ms: number) =>
      /(\S+ ?\S*) left of 5m/.exec(liveView(state, state.atMs + ms, layout).join('\n'))?.[1]
    assert.equal(leftAfter(0), 'observing, 5m')
    assert.equal(leftAfter(1000), '4m 59s')
    assert.equal(leftAfter(60_000), '4m 40s')
  })

  it('sets each value against its limit, in words', () => {
    const text = liveView(new Story(gradual()).then(...BEGUN, checked(8)).state, 0, layout).join('\n')
    assert.match(text, /OVER {2}error rate +8 % {2}max 5 %/)
    assert.match(text, /ok {4}routing errors +8 {2}max 50/)
    assert.match(text, /ok {4}success rate +100 % {2}min 95 %/)
    assert.match(text, /1 of 3 failures in a row, 1 check/)
    assert.match(text, /confirming a failed check/)
    assert.match(text, /open now: legacy 12, unified 3/)
  })

  it('calls nothing ok when nothing could be measured', () => {
    const unreachable: EventBody = {
      type: 'checked',
      step: 0,
      status: null,
      failure: failure('down'),
      check: unmeasured('down'),
      begunMs: 0,
    }
    const text = liveView(new Story(gradual()).then(...BEGUN, checked(0), unreachable).state, 0, layout).join('\n')
    assert.doesNotMatch(text, /\bok\b/)
    assert.match(text, /- +error rate +- {2}max 5 %/)
    assert.match(text, /last check error: down/)
  })

  it('draws how each limited value went, flat where it was 0, and what was not measured as such', () => {
    const { state } = new Story(gradual()).then(...BEGUN, checked(8))
    const course = [...[0, 3, 8].map(checkOf), unmeasured('down'), checkOf(0)]
    const lines = (width: number, ascii = false) => liveView(state, 0, { ...layout, width, ascii }, course)
    const trend = (label: string, ascii = false) =>
      new RegExp(`${label} .*(?:min|max) [\\d.]+(?: %)? +(.*)$`, 'm').exec(lines(80, ascii).join('\n'))?.[1]
    assert.equal(trend('error rate'), '▁▅█?▁')
    assert.equal(trend('error rate', true), '_=#?_')
    assert.equal(trend('routing errors'), '▁▂▂?▁')
    assert.equal(trend('fallback rate'), '▁▃▆?▁')
    assert.equal(trend('success rate'), '███?█')
    assert.equal(trend('adoption'), '███?█')
    const columns = lines(80).flatMap((line) => (line.includes('?') ? [line.indexOf('?')] : []))
    assert.deepEqual(new Set(columns).size, 1, 'they stand beneath each other')
    assert.ok(lines(40).every((line) => !line.includes('?')))
    assert.equal(liveView(state, 0, layout).join('\n').includes('█'), false)
  })

  it('fits 80 columns with the course of many checks, and shows the newest', () => {
    const { state } = new Story(gradual()).then(...BEGUN, checked(8))
    const course = [...Array.from({ length: 100 }, () => checkOf(0)), checkOf(8)]
    const lines = liveView(state, 0, layout, course)
    for (const line of lines) assert.ok(widthOf(line) <= 80, line)
    assert.match(lines.find((line) => line.includes('error rate')) ?? '', /▁{30,}█$/)
  })

  it('says that the step is extended, and that nothing is judged', () => {
    const extended = new Story(gradual()).then(...BEGUN, { type: 'step-extended', step: 0, byMs: 300_000, reason: 'x' })
    assert.match(liveView(extended.state, 0, layout).join('\n'), /left of 10m \(extended\)/)
    const unguarded = new Story(gradual({ monitoring: false })).then(...BEGUN)
    assert.match(liveView(unguarded.state, 0, layout).join('\n'), /nothing will roll back/)
  })

  it('shows a rollback with its reason, its attempt and the time it still has', () => {
    const plan = emergency()
    const story = new Story(plan).then(
      { type: 'rollback-started', cause: 'requested', reason: HOSTILE },
      { type: 'rollback-called', call: 'emergency-rollback', attempt: 1, failure: failure(HOSTILE) },
    )
    const lines = liveView(story.state, story.state.atMs + 9000, layout)
    const text = lines.join('\n')
    assert.match(text, /ROLLING BACK to legacy: reading back \(0 of 6\), attempt 1, 1m 50s left to try/)
    assert.match(text, /why: up red next/)
    assert.equal(lines.some(hasControls), false)
  })
})
