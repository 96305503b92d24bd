import assert from 'node:assert/strict'
import { createPalette, type Layout } from '../../../src/lib/render/palette.js'
import { widthOf } from '../../../src/lib/render/text.js'
import { courseChart } from '../../../src/lib/report/text-chart.js'
import { hasControls } from '../../support/events.js'
import { emergency, gradual, Scene } from '../../support/rollouts.js'
import { FAILING, journalOf, PILING_UP } from '../../support/reports.js'

const PIPE: Layout = { palette: createPalette(false), width: Number.POSITIVE_INFINITY }

describe('the chart of a run in a terminal', () => {
  it('raises the percentage from left to right, and lets the errors stand above their limit', async () => {
    const lines = courseChart(await journalOf(gradual(), new Scene(FAILING)), PIPE).split('\n')
    assert.equal(lines[0], 'percentage of users on unified')
    const [top, , , bottom] = lines.slice(1)
    assert.match(top ?? '', /^ 100 %/)
    assert.match(bottom ?? '', /^ +0 % ▂+▆+/)
    assert.match(lines[5] ?? '', /^error rate, at most [\d.]+ %, limit 5 %$/)
    assert.match(lines.find((line) => line.startsWith('checks')) ?? '', /^checks +\.[. ]*x+$/)
    assert.match(lines.at(-2) ?? '', /09:00:00Z +09:0\d:\d\dZ$/)
  })

  it('lets the routing errors within the window reach the top only where there were too many', async () => {
    const lines = courseChart(await journalOf(gradual(), new Scene(PILING_UP)), PIPE).split('\n')
    const head = lines.findIndex((line) => /^routing errors within the window, at most [\d,]+, limit 50$/.test(line))
    assert.match(lines[head + 1] ?? '', /^ +▁[▁ ]*[▂-▇ ]*█[█ ]*$/)
    const quiet = courseChart(await journalOf(gradual()), PIPE)
    assert.match(quiet, /^routing errors within the window, at most 0, limit 50\n +▁[▁ ]*$/m)
  })

  for (const width of [28, 40, 80]) {
    it(`fits ${width} columns`, async () => {
      const chart = courseChart(await journalOf(gradual(), new Scene(FAILING)), { ...PIPE, width })
      const drawn = chart.split('\n').slice(0, -1)
      assert.ok(
        drawn.filter((line) => !/^[a-z]/.test(line)).every((line) => widthOf(line) <= width),
        chart,
      )
    })
  }

  it('is ASCII where nothing else can be shown, and never more than text in a pipe', async () => {
    const events = await journalOf(gradual(), new Scene(FAILING))
    const plain = courseChart(events, { ...PIPE, ascii: true })
    assert.doesNotMatch(plain, /[^\n -~]/)
    assert.match(plain, /#/)
    for (const line of courseChart(events, PIPE).split('\n')) assert.equal(hasControls(line), false)
  })

  it('is none where nothing was checked', async () => {
    assert.equal(courseChart(await journalOf(emergency()), PIPE), '')
    assert.equal(courseChart([], PIPE), '')
  })
})
