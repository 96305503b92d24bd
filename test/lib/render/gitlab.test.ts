import assert from 'node:assert/strict'
import { createGitlabSink } from '../../../src/lib/render/gitlab.js'
import { createPalette } from '../../../src/lib/render/palette.js'
import { Paper, recordedRun } from '../../support/events.js'
import { gradual, Scene } from '../../support/rollouts.js'

const MARK = /^\u001B\[0Ksection_(start|end):(\d+):([\w.-]+)\r\u001B\[0K(.*)$/

describe('output in GitLab CI', () => {
  it('folds each step into a section of its own with its times, and leaves a rollback outside', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: (percentage) => (percentage >= 20 ? 0.5 : 0) })
    const paper = new Paper()
    const sink = createGitlabSink(paper, createPalette(false))
    for (const { event, state } of await recordedRun(scene, gradual())) sink.notify(event, state)
    await sink.close()

    const marks = paper.lines.flatMap((line, index) => {
      const [, kind, seconds, name, title] = MARK.exec(line) ?? []
      return name === undefined ? [] : [{ kind, seconds: Number(seconds), name, title, index }]
    })
    assert.deepEqual(
      marks.map(({ kind, title }) => [kind, title]),
      [
        ['start', 'step 1 of 4: gradual 5 %'],
        ['end', ''],
        ['start', 'step 2 of 4: gradual 20 %'],
        ['end', ''],
      ],
    )
    const [first, firstEnd, second, secondEnd] = marks
    assert.ok(first && firstEnd && second && secondEnd)
    assert.equal(first.name, firstEnd.name)
    assert.equal(second.name, secondEnd.name)
    assert.notEqual(first.name, second.name)
    assert.ok(firstEnd.seconds - first.seconds >= 300, 'the first step was observed for five minutes')
    assert.ok(paper.lines.findIndex((line) => line.includes('FAIL breach at')) > secondEnd.index)
    assert.doesNotMatch(paper.lines.filter((line) => !MARK.test(line)).join(''), /\p{Cc}/u)
  })
})
