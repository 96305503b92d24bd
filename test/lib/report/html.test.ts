import assert from 'node:assert/strict'
import axe from 'axe-core'
import { JSDOM } from 'jsdom'
import type { Report } from '../../../src/lib/contract/report.js'
import { planWatch } from '../../../src/lib/core/plan.js'
import { composeReport } from '../../../src/lib/report/compose.js'
import { loadDraw, type Draw } from '../../../src/lib/report/draw.js'
import { htmlReport } from '../../../src/lib/report/html.js'
import { Story } from '../../support/events.js'
import { basis, emergency, from, gradual, MINUTE, Scene } from '../../support/rollouts.js'
import { FACTS, FAILING, journalOf, PILING_UP, reportOf, storyReport, withBaseline } from '../../support/reports.js'

const SCRIPT = `</script></style><script>alert(1)</script><img src=x onerror=alert(1)> "' & "onload="alert(1)`

/** Whatever somebody may have put into a journal. */
const hostile = new Story(gradual({}, { server: `http://127.0.0.1/${SCRIPT}` }), SCRIPT).then(
  { type: 'step-started', step: 0, percentage: 5, again: false },
  { type: 'apply-failed', step: 0, reason: SCRIPT },
  { type: 'breached', step: 0, reason: SCRIPT },
  { type: 'rollback-started', cause: 'breach', reason: SCRIPT },
  { type: 'rollback-abandoned', reason: SCRIPT },
  { type: 'journal-failed', message: SCRIPT },
  { type: 'finished', outcome: 'rollback-unverified', code: 'x', reason: SCRIPT },
)

const PASSED = 'a run that passed'
const ROLLED_BACK = 'a run that was rolled back, with a baseline'
const PILED_UP = 'a run in which errors piled up'
const EMERGENCY = 'an emergency'
const BEGUN = 'a run that has only begun'
const HOSTILE = 'a run with a hostile journal'

describe('the page of a report', function () {
  this.timeout(60_000)
  let draw: Draw
  const pages = new Map<string, JSDOM['window']>()

  before(async () => {
    draw = await loadDraw()
    const rolledBack = await reportOf(gradual(), new Scene(FAILING))
    const reports = {
      [PASSED]: await reportOf(gradual()),
      [ROLLED_BACK]: withBaseline(rolledBack),
      [PILED_UP]: await reportOf(gradual(), new Scene(PILING_UP)),
      [EMERGENCY]: await reportOf(emergency('login storm')),
      [BEGUN]: storyReport(new Story(gradual())),
      [HOSTILE]: storyReport(hostile),
    }
    for (const [name, report] of Object.entries(reports)) pages.set(name, open(report))
  })

  after(() => {
    for (const page of pages.values()) page.close()
  })

  function open(report: Report): JSDOM['window'] {
    return new JSDOM(htmlReport(report, draw), { runScripts: 'outside-only' }).window
  }

  function page(name: string): JSDOM['window'] {
    const found = pages.get(name)
    assert.ok(found)
    return found
  }

  it('runs nothing and loads nothing, whatever the journal holds', () => {
    for (const [name, { document }] of pages) {
      const active = document.querySelectorAll('script, img, iframe, object, embed, form, foreignObject')
      assert.equal([...active].length, 0, name)
      const attributes = [...document.querySelectorAll('*')].flatMap((element) => [...element.attributes])
      const wrong = attributes.filter(
        (attribute) =>
          attribute.name.startsWith('on') ||
          (/^(?:src|href|xlink:href|action|data|poster)$/.test(attribute.name) && !/^#|^data:,$/.test(attribute.value)),
      )
      assert.deepEqual(wrong, [], name)
      const styles = [...document.querySelectorAll('style')].map((style) => style.textContent).join('')
      assert.doesNotMatch(styles, /@import|url\((?!#)/, name)
      const policy = document.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute('content')
      assert.match(policy ?? '', /default-src 'none'/, name)
    }
  })

  it('shows what a journal holds as it is', () => {
    const { document } = page(HOSTILE)
    assert.ok(document.querySelector('.outcome')?.textContent.includes(SCRIPT))
    const log = [...document.querySelectorAll('.log li')].map(({ textContent }) => textContent)
    assert.ok(log.filter((line) => line.includes(SCRIPT)).length >= 4)
  })

  for (const name of [ROLLED_BACK, BEGUN]) {
    it(`of ${name} has no violation that axe finds`, async () => {
      const window = page(name)
      window.eval(axe.source)
      // jsdom cannot tell a colour against its background, and what a drawing is made of is of no interest.
      const options = JSON.stringify({ rules: { 'color-contrast': { enabled: false } } })
      const run = window.eval(`axe.run({ exclude: [['svg path'], ['svg text'], ['svg g']] }, ${options})`)
      const { violations } = (await run) as { readonly violations: Iterable<{ readonly id: string }> }
      assert.deepEqual(
        Array.from(violations, ({ id }) => id),
        [],
      )
    })
  }

  it('tells in words what each chart shows', () => {
    for (const [name, { document }] of pages) {
      const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
      assert.equal(new Set(ids).size, ids.length, `${name}: an id stands for one thing`)
      for (const chart of document.querySelectorAll('svg')) {
        const names = (chart.getAttribute('aria-labelledby') ?? '').split(' ')
        const texts = names.map((id) => document.querySelector(`#${id}`)?.textContent ?? '')
        assert.equal(texts.filter((text) => text.length > 5).length, 2, name)
      }
    }
  })

  it('tells what piled up, where no rate tells it', () => {
    const { document } = page(PILED_UP)
    const text = document.querySelector('#routingErrors-wide-text')?.textContent ?? ''
    assert.match(text, /^Highest \d+ at .*; limit 50, broken in 3 of \d+ checks\.$/)
    assert.match(document.querySelector('#errorRate-wide-text')?.textContent ?? '', /never broken/)
    assert.match(document.querySelector('#summary .lead')?.textContent ?? '', /routing errors came within the window/)
  })

  it('draws every rate of a run that was observed, and nothing of one that was not', () => {
    const charts = (name: string): number => [...page(name).document.querySelectorAll('figure')].length
    assert.deepEqual([charts(PASSED), charts(ROLLED_BACK), charts(EMERGENCY), charts(BEGUN)], [7, 7, 1, 1])
  })

  it('stays small for a watch of two days', async () => {
    const journal = await journalOf(planWatch(basis(from('full', 100)), { durationMs: 5 * MINUTE, onBreach: 'exit' }))
    const check = journal.find((event) => event.type === 'checked')
    assert.ok(check)
    const checks = Array.from({ length: 17_280 }, (_, index) => {
      const atMs = check.atMs + index * 10_000
      return {
        ...check,
        seq: check.seq + index,
        atMs,
        time: new Date(Date.parse(check.time) + index * 10_000).toISOString(),
      }
    })
    const report = composeReport([...journal.slice(0, journal.indexOf(check)), ...checks], FACTS)
    assert.equal(report.checks.length, 17_280)
    assert.ok(htmlReport(report, draw).length < 500_000)
  })
})
