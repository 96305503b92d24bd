import assert from 'node:assert/strict'
import { markdownReport } from '../../../src/lib/report/markdown.js'
import { Story } from '../../support/events.js'
import { emergency, gradual, Scene } from '../../support/rollouts.js'
import { FAILING, reportOf, storyReport, withBaseline } from '../../support/reports.js'

const HOSTILE = '<script>alert(1)</script> | `x` ``` [a](javascript:1) ![b](http://c) **d** @everyone #12 ~~e~~ $f$'

/** The text between two headings of the second level. */
function section(markdown: string, title: string): string {
  return markdown.split(/^## /m).find((part) => part.startsWith(title)) ?? ''
}

describe('the Markdown of a report', () => {
  it('holds what the page holds', async () => {
    const markdown = markdownReport(withBaseline(await reportOf(gradual(), new Scene(FAILING))))
    assert.match(markdown, /^# deploy gradual: rolled back to legacy\n/)
    const titles = [...markdown.matchAll(/^## (.*)$/gm)].map(([, title]) => title)
    assert.deepEqual(titles, [
      'Summary',
      'Recommendations',
      'Timeline',
      'Rates and verdicts',
      'Steps',
      'Comparison with the baseline',
      'Decision log',
      'Checklist',
      'About this run',
    ])
    assert.match(section(markdown, 'Steps'), /\| 2\. gradual 20 % \| failed \|/)
    assert.match(section(markdown, 'Rates'), /Error rate: Highest .*; limit 5 %, broken in 3 of \d+ checks\./)
    assert.match(
      section(markdown, 'Rates'),
      /Routing errors within the window: Highest \d+ at .*; limit 50, never broken\./,
    )
    assert.match(section(markdown, 'Timeline'), /^routing errors within the window, at most \d+, limit 50\n +▁/m)
    assert.match(section(markdown, 'Comparison'), /\| 1\. gradual 5 % \| [\d,]+ \| 1 % \| 2x \|.*\| -0\.5 points \|/)
    assert.match(section(markdown, 'Checklist'), /- \[ \] Everybody concerned knows the hours \(`team-told`\)/)
  })

  it('leaves out what there is nothing to say about', async () => {
    const markdown = markdownReport(await reportOf(emergency('login storm')))
    assert.doesNotMatch(markdown, /^## (?:Rates|Steps|Comparison)/m)
    assert.match(markdown, /\| Reason given \| login storm \|/)
  })

  it('shows what a journal holds as text: no markup, no mention, no reference, and whole tables', () => {
    const story = new Story(gradual({}, { server: `http://a/${HOSTILE}` }), HOSTILE).then(
      { type: 'step-started', step: 0, percentage: 5, again: false },
      { type: 'apply-failed', step: 0, reason: HOSTILE },
      { type: 'finished', outcome: 'refused', code: 'x', reason: HOSTILE },
    )
    const markdown = markdownReport(storyReport(story))
    assert.doesNotMatch(markdown, /<|@everyone|(?<!&)#12|[^\\]\[a\]/)
    assert.equal(markdown.match(/^```/gm)?.length, 2, 'one block of code, and it is closed')
    for (const line of markdown.split('\n').filter((row) => row.startsWith('| ') && row.includes('alert'))) {
      const bars = line.match(/(?<!\\)\|/g)?.length
      assert.ok(bars === 3 || bars === 4, line)
    }
  })
})
