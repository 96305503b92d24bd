import assert from 'node:assert/strict'
import { createPalette } from '../../../src/lib/render/palette.js'
import { createPlainSink } from '../../../src/lib/render/plain.js'
import { hasControls, Paper, recordedRun, Story } from '../../support/events.js'
import { gradual, Scene } from '../../support/rollouts.js'

const LINE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (info|ok {2}|WARN|FAIL) \S/

describe('plain output', () => {
  it('tells a breach and its rollback in lines of time, level and sentence, without control characters', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: (percentage) => (percentage >= 20 ? 0.5 : 0) })
    const paper = new Paper()
    const sink = createPlainSink(paper, createPalette(false))
    for (const { event, state } of await recordedRun(scene, gradual())) sink.notify(event, state)
    await sink.close()
    for (const line of paper.lines) {
      assert.match(line, LINE)
      assert.equal(hasControls(line), false)
    }
    const told = paper.lines.map((line) => line.slice(21))
    assert.ok(told.some((line) => line.startsWith('FAIL breach at gradual 20 %: 3 failed checks in a row')))
    assert.ok(told.includes('ok   verified: new connections go to legacy, the server says disabled 20 %'))
    assert.equal(told.at(-1), 'WARN deploy gradual ended: rolled-back (exit 10)')
  })

  it('never cuts a long message', () => {
    const reason = 'word '.repeat(400).trim()
    const paper = new Paper()
    const { event, state } = new Story(gradual()).then({ type: 'breached', step: 0, reason }).last
    createPlainSink(paper, createPalette(false)).notify(event, state)
    assert.ok(paper.lines[0]?.endsWith(reason))
    assert.equal(paper.lines.length, 1)
  })

  it('colours the level when colours are forced, and nothing when they are off', () => {
    const { event, state } = new Story(gradual()).then({ type: 'breached', step: 0, reason: 'x' }).last
    const [coloured, bare] = [true, false].map((colour) => {
      const paper = new Paper()
      createPlainSink(paper, createPalette(colour)).notify(event, state)
      return paper.text
    })
    assert.match(coloured ?? '', /\u001B\[31m/)
    assert.doesNotMatch(bare ?? '', /\u001B/)
  })

  it('goes on when the reader has left', async () => {
    const paper = new Paper()
    const sink = createPlainSink(paper, createPalette(false))
    const { event, state } = new Story(gradual()).last
    paper.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    sink.notify(event, state)
    await sink.close()
    assert.equal(paper.text, '')
  })
})
