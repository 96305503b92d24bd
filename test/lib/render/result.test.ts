import assert from 'node:assert/strict'
import { planConfigure } from '../../../src/lib/core/plan.js'
import type { Configuration, Snapshot } from '../../../src/lib/core/server.js'
import { createPalette } from '../../../src/lib/render/palette.js'
import { resultText } from '../../../src/lib/render/result.js'
import { widthOf } from '../../../src/lib/render/text.js'
import { failure, hasControls, HOSTILE, recordedRun, serverStatus, Story } from '../../support/events.js'
import { basis, gradual, Scene } from '../../support/rollouts.js'

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

  it('leaves columns out in a narrow terminal, and breaks none', async () => {
    const scene = new Scene({ attemptsPerSecond: 2000, failing: (percentage) => (percentage >= 20 ? 0.5 : 0) })
    const told = await recordedRun(scene, gradual())
    const last = told.at(-1)
    assert.ok(last)
    const lines = resultText(last.state, [], { ...layout, width: 60 }).split('\n')
    assert.deepEqual(
      lines.filter((line) => widthOf(line) > 60),
      [],
    )
    const title = lines.findIndex((line) => line.startsWith('step'))
    assert.deepEqual(lines.slice(title, title + 3), [
      'step    at  outcome  took  attempts  errors  connected',
      '   1   5 %  passed     5m   600,000     0 %      100 %',
      '   2  20 %  failed    16s    32,000    10 %      100 %',
    ])
  })

  it('tells a server that nobody saw come back as last seen, not as how it was left', () => {
    const story = new Story(gradual()).then(
      { type: 'rollback-started', cause: 'breach', reason: 'errors' },
      { type: 'rollback-read', status: serverStatus({ mode: 'gradual', percentage: 20 }), failure: null },
    )
    const end = (outcome: 'rollback-unverified' | 'rolled-back') =>
      resultText(
        new Story(gradual()).then(...story.told.slice(1).map(({ event }) => event), {
          type: 'finished',
          outcome,
          code: 'breach',
          reason: 'errors',
        }).state,
        [],
        layout,
      )
    assert.match(end('rollback-unverified'), /^last seen +gradual 20 %$/m)
    assert.match(end('rolled-back'), /^after +gradual 20 %$/m)
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
    const command = `wsctl deploy gradual ${'--rollout-users somebody '.repeat(9)}`.trim()
    const story = new Story(gradual()).then({ type: 'finished', outcome: 'held', code: 'x', reason: 'y' })
    assert.ok(
      resultText(story.state, [`to go on: ${command}`], { ...layout, width: 40 }).endsWith(
        `\n  to go on:\n  ${command}`,
      ),
    )
  })

  it('calls a run unfinished that was cut off', () => {
    assert.match(resultText(new Story(gradual()).state, [], layout), /^deploy gradual: unfinished\n/)
  })
  it('tells what a single write changed of lists and fallback, and only that', async () => {
    const before = { mode: 'gradual', percentage: 20, legacyFallback: true } as const
    const was = { ...before, rolloutUsers: ['ann', 'b\u200Ben'], forceLegacyUsers: ['mallory'] }
    const text = async (change: Partial<Configuration>, known: Snapshot = was): Promise<string> => {
      const scene = new Scene(undefined, { ...before, explicitRolloutUsers: 2, forcedLegacyUsers: 1 })
      const told = await recordedRun(scene, planConfigure(basis({ before: known }), { ...was, ...change }))
      const last = told.at(-1)
      assert.ok(last)
      return resultText(last.state, [], layout)
    }
    const all = await text({
      legacyFallback: false,
      rolloutUsers: ['ann', 'carl', 'd1', 'd2', 'd3', 'd4', 'd5'],
      forceLegacyUsers: [],
    })
    assert.match(all, /^fallback +on → off$/m)
    assert.match(all, /^rollout list +added carl, d1, d2, d3, d4 and 1 more; taken off b\\u\{200b\}en$/m)
    assert.match(all, /^force-legacy list +taken off mallory$/m)
    assert.doesNotMatch(await text({ percentage: 30 }), /fallback|list/)
    const unknown = { ...was, rolloutUsers: null, forceLegacyUsers: null }
    assert.match(await text({ rolloutUsers: [] }, unknown), /^rollout list +now nobody; who was on it is not known$/m)
  })
})
