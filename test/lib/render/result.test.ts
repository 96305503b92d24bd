import assert from 'node:assert/strict'
import { createPalette } from '../../../src/lib/render/palette.js'
import { resultText } from '../../../src/lib/render/result.js'
import { widthOf } from '../../../src/lib/render/text.js'
import { failure, hasControls, HOSTILE, recordedRun, Story } from '../../support/events.js'
import { gradual, Scene } from '../../support/rollouts.js'

const layout = { palette: createPalette(false), width: 80 }

describe('closing text of a run', () => {
  it('tells outcome, reason, before, after, each step and what to type next', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: (percentage) => (percentage >= 20 ? 0.5 : 0) })
    const told = await recordedRun(scene, gradual())
    const last = told.at(-1)
    assert.ok(last)
    const text = resultText(last.state, ['to look at the server: wsctl status'], layout)
    assert.match(text, /^deploy gradual: rolled-back \(exit 10\)\n3 failed checks in a row; the last one: error rate/)
    assert.match(text, /^before +disabled 0 %$/m)
    assert.match(text, /^after +disabled 0 %$/m)
    assert.match(text, /^ +1 +5 % {2}passed +5m +30 +6,000 +0 % +0 % +100 %$/m)
    assert.match(text, /^ +2 +20 % {2}failed +16s +3 /m)
    assert.match(text, /^2 of 4 steps not begun$/m)
    assert.match(text, /\n\nNext\n {2}to look at the server: wsctl status$/)
    assert.deepEqual(
      text.split('\n').filter((line) => widthOf(line) > layout.width),
      [],
    )
  })

  it('lists warnings, without what a hostile server hid in them', () => {
    const story = new Story(gradual()).then(
      { type: 'rollback-started', cause: 'requested', reason: 'asked for' },
      { type: 'cache-cleared', offered: true, failure: failure(HOSTILE) },
      { type: 'finished', outcome: 'completed', code: 'requested', reason: 'asked for' },
    )
    const text = resultText(story.state, [], layout)
    assert.match(text, /\n\nWarnings\n {2}- the assignment cache was not cleared: up red next/)
    assert.equal(text.split('\n').some(hasControls), false)
  })

  it('never breaks a command that is there to be copied', () => {
    const command = `to go on: wsctl deploy gradual ${'--rollout-users somebody '.repeat(9)}`.trim()
    const story = new Story(gradual()).then({ type: 'finished', outcome: 'held', code: 'x', reason: 'y' })
    assert.ok(resultText(story.state, [command], { ...layout, width: 40 }).endsWith(`\n  ${command}`))
  })

  it('calls a run unfinished that was cut off', () => {
    assert.match(resultText(new Story(gradual()).state, [], layout), /^deploy gradual: unfinished\n/)
  })
})
