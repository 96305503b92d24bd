import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { reportSchema } from '../../src/lib/contract/report.js'
import { resultSchema } from '../../src/lib/contract/result.js'
import { LiveFleet } from '../support/live-fleet.js'
import { gradual } from '../support/live-server.js'

describe('the report of a run over several servers', function () {
  this.timeout(120_000)
  let fleet: LiveFleet
  let bad: string
  let id: string

  before(async () => {
    const failing = { faults: { fail: { probability: 1, fromPercentage: 20, withFallback: false } } }
    fleet = await LiveFleet.open({}, failing, {}, {}, {})
    bad = fleet.urls[1] ?? ''
    const ended = await fleet.result(...gradual({ duration: '4s' }), ...fleet.named, '--min-attempts', '20')
    assert.equal(ended.outcome, 'rolled-back')
    id = ended.rolloutId ?? ''
  })
  after(async () => {
    await fleet.close()
  })

  const report = async (format: string): Promise<string> => {
    const path = join(fleet.shell.folder, `report.${format}`)
    const { code, stderr } = await fleet.wsctl('report', id, '--output', path)
    assert.equal(code, 0, stderr)
    return readFile(path, 'utf8')
  }

  it('names the server of the breach in the document, which is as its schema says', async () => {
    const document = reportSchema.parse(JSON.parse(await report('json')))
    assert.ok(document.conclusion.includes(`${bad}: `), document.conclusion)
    assert.match(document.server, / and 2 more$/)
    assert.ok(document.connections.length > 0)
  })

  it('names it in the text', async () => {
    const text = await report('md')
    assert.ok(text.includes(bad), text)
  })

  it('names it on the page, where nothing is wider than a narrow screen', async () => {
    const page = await report('html')
    assert.ok(page.includes(bad))
    // A name without a place to break is what makes a page scroll sideways.
    const words = page
      .replaceAll(/<(style|svg)[^]*?<\/\1>/g, '')
      .replaceAll(/<[^>]*>/g, ' ')
      .split(/\s+/)
    const longest = words.reduce((long, word) => (word.length > long.length ? word : long), '')
    assert.ok(longest.length <= 40, longest)
  })

  it('is what history tells of it', async () => {
    const { code, stdout } = await fleet.wsctl('history', id)
    assert.equal(code, 0)
    assert.ok(stdout.includes(`${bad}: `), stdout)
    const document = resultSchema.parse(JSON.parse((await fleet.wsctl('history', id, '--json')).stdout))
    assert.equal(document.outcome, 'rolled-back')
    assert.ok(document.reason.includes(bad))
  })
})
