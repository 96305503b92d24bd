import assert from 'node:assert/strict'
import { planWatch } from '../../../src/lib/core/plan.js'
import { createGithubSink } from '../../../src/lib/render/github.js'
import { createPalette } from '../../../src/lib/render/palette.js'
import {
  failure,
  hasControls,
  HOSTILE,
  Paper,
  recordedRun,
  serverStatus,
  Story,
  type Told,
} from '../../support/events.js'
import { basis, emergency, gradual, MINUTE, Scene } from '../../support/rollouts.js'

async function print(told: readonly Told[], warnings: readonly string[] = []): Promise<readonly string[]> {
  const paper = new Paper()
  const sink = createGithubSink(paper, createPalette(false), warnings)
  for (const { event, state } of told) sink.notify(event, state)
  await sink.close()
  return paper.lines
}

const isCommand = (line: string): boolean => line.startsWith('::')
const annotations = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => /^::(error|warning|notice)/.test(line))

/** Each line with the title of the group that it is in; null outside. */
function grouped(lines: readonly string[]): readonly (readonly [string | null, string])[] {
  let group: string | null = null
  return lines.flatMap((line) => {
    const [, title] = /^::group::(.*)$/.exec(line) ?? []
    if (title !== undefined) {
      assert.equal(group, null, 'groups do not nest')
      group = title.replaceAll('%25', '%')
      return []
    }
    if (line === '::endgroup::') {
      assert.notEqual(group, null, 'a group is closed once')
      group = null
      return []
    }
    return [[group, line] as const]
  })
}

describe('output in GitHub Actions', () => {
  it('folds each step away, and a breach with its rollback never', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: (percentage) => (percentage >= 20 ? 0.5 : 0) })
    const lines = await print(await recordedRun(scene, gradual()))
    const inGroups = grouped(lines)
    assert.deepEqual(
      [...new Set(inGroups.map(([group]) => group))],
      [null, 'step 1 of 4: gradual 5 %', 'step 2 of 4: gradual 20 %'],
    )
    const groupOf = (text: string) => inGroups.find(([, line]) => line.includes(text))?.[0]
    assert.equal(groupOf('step 1 of 4: passed'), 'step 1 of 4: gradual 5 %')
    assert.equal(groupOf('check failed, 3 of 3'), 'step 2 of 4: gradual 20 %')
    for (const text of ['FAIL breach at', '::error', 'rolling everybody back', 'verified: new', 'ended: rolled-back'])
      assert.equal(groupOf(text), null, text)
  })

  it('annotates the breach with its numbers, and says where everybody is now', async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: (percentage) => (percentage >= 20 ? 0.5 : 0) })
    const [breach, end, ...more] = annotations(await print(await recordedRun(scene, gradual())))
    assert.match(
      breach ?? '',
      /^::error title=wsctl%3A breach at gradual 20 %25::3 failed checks in a row; the last one: error rate [\d.]+ %25/,
    )
    assert.equal(
      end,
      '::warning title=wsctl%3A deploy gradual rolled-back (exit 10)::' +
        'everybody is back on legacy, verified: the server says disabled 0 %25',
    )
    assert.deepEqual(more, [])
  })

  it('keeps the time, the level and the sentence of every line', async () => {
    const scene = new Scene({ attemptsPerSecond: 20 })
    const lines = (await print(await recordedRun(scene, gradual()))).filter((line) => !isCommand(line))
    assert.ok(lines.length > 100)
    for (const line of lines) assert.match(line, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (info|ok {2}|WARN|FAIL) \S/)
  })

  it('tells an error when it could not be confirmed that users are back, and a warning when the run was held', async () => {
    const end = (outcome: 'rollback-unverified' | 'held' | 'completed') =>
      print(new Story(gradual()).then({ type: 'finished', outcome, code: 'x', reason: 'why' }).told)
    assert.deepEqual(annotations(await end('rollback-unverified')), [
      '::error title=wsctl%3A deploy gradual rollback-unverified (exit 11)::why',
    ])
    assert.deepEqual(annotations(await end('held')), ['::warning title=wsctl%3A deploy gradual held (exit 12)::why'])
    assert.deepEqual(annotations(await end('completed')), [
      '::notice title=wsctl%3A deploy gradual completed (exit 0)::why',
    ])
  })

  it('never drowns the end of a run in warnings, of which GitHub shows ten', async () => {
    const restarts = [...Array(30).keys()].map(
      (index) => ({ type: 'rollback-called', call: 'configure', attempt: index, failure: failure('x') }) as const,
    )
    const story = new Story(emergency()).then(
      { type: 'rollback-started', cause: 'requested', reason: 'asked' },
      ...restarts,
      { type: 'cache-cleared', offered: true, failure: failure('not cleared') },
      { type: 'finished', outcome: 'held', code: 'x', reason: 'the end' },
    )
    const warnings = [...Array(30).keys()].map((index) => `before the run ${index}`)
    const found = annotations(await print(story.told, warnings))
    assert.ok(found.length <= 8, `${found.length} warnings`)
    assert.match(found.at(-1) ?? '', /::the end$/)
  })

  it('tells each warning of a run once', async () => {
    const story = new Story(emergency()).then(
      { type: 'rollback-started', cause: 'requested', reason: 'asked' },
      { type: 'cache-cleared', offered: true, failure: failure('no answer') },
      { type: 'percentage-reset', failure: 'the lists are not known' },
    )
    assert.deepEqual(
      annotations(await print(story.told, ['the token expires soon'])).map((line) => line.split('::')[2]),
      [
        'the token expires soon',
        'the assignment cache was not cleared: no answer',
        'the percentage was not set to 0: the lists are not known',
      ],
    )
  })

  it('lets a server say what it likes: it is no command, and moves no cursor', async () => {
    const said = `${HOSTILE} ##[add-mask]e %0A::error::owned`
    const story = new Story(gradual()).then(
      { type: 'step-started', step: 0, percentage: 5, again: false },
      { type: 'write-answered', step: 0, failure: failure(said) },
      { type: 'breached', step: 0, reason: said },
    )
    const lines = await print(story.told)
    assert.equal(lines.some(hasControls), false)
    assert.equal(
      lines.some((line) => !isCommand(line) && line.includes('##[')),
      false,
    )
    assert.deepEqual(
      annotations(lines).map((line) => line.includes('%250A')),
      [true],
    )
  })

  it('opens no second group when a step is set again, and closes what a killed run left open', async () => {
    const again = { type: 'step-started', step: 0, percentage: 5, again: true } as const
    const story = new Story(gradual()).then({ ...again, again: false }, again)
    const lines = await print(story.told)
    assert.deepEqual(
      lines.filter((line) => line.startsWith('::')),
      ['::group::step 1 of 4: gradual 5 %25', '::endgroup::'],
    )
    const taken = await print(new Story(gradual()).then(again).told)
    assert.equal(taken.filter((line) => line.startsWith('::group::')).length, 1)
  })

  it('folds a watch, and an emergency not at all', async () => {
    const scene = new Scene({ attemptsPerSecond: 20 })
    const { before } = basis()
    const watch = planWatch({ ...basis(), before, pins: null }, { durationMs: MINUTE, onBreach: 'rollback' })
    const lines = await print(await recordedRun(scene, watch))
    assert.ok(lines.includes('::group::watching at 0 %25'))
    const rollback = await print(await recordedRun(new Scene(), emergency('asked')))
    assert.deepEqual(
      rollback.filter((line) => line.startsWith('::group::')),
      [],
    )
  })

  it('goes on when the reader has left', async () => {
    const paper = new Paper()
    const sink = createGithubSink(paper, createPalette(false))
    const { told } = new Story(gradual()).then({
      type: 'foreign-change-detected',
      step: 0,
      status: serverStatus({ mode: 'disabled' }),
    })
    paper.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    for (const { event, state } of told) sink.notify(event, state)
    await sink.close()
    assert.equal(paper.text, '')
  })
})
