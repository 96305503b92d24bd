import assert from 'node:assert/strict'
import { errorResult, toResult, type Result } from '../../../src/lib/contract/result.js'
import { usageError, WsctlError } from '../../../src/lib/core/error.js'
import type { RolloutState } from '../../../src/lib/core/rollout.js'
import { createPalette } from '../../../src/lib/render/palette.js'
import { resultText } from '../../../src/lib/render/result.js'
import { summaryMarkdown } from '../../../src/lib/render/summary.js'
import { HOSTILE, recordedRun } from '../../support/events.js'
import { gradual, MINUTE, Scene } from '../../support/rollouts.js'

const NEXT = ['to see where the server stands: wsctl status --server http://127.0.0.1:8000', 'a word of advice']

async function rolledBack(plan = gradual()): Promise<{ readonly result: Result; readonly state: RolloutState }> {
  const scene = new Scene({ attemptsPerSecond: 20, failing: (percentage) => (percentage >= 20 ? 0.5 : 0) })
  const last = (await recordedRun(scene, plan)).at(-1)
  assert.ok(last)
  return { result: toResult(last.state, NEXT), state: last.state }
}

describe('the summary of a run', () => {
  it('tells outcome, reason, what to type next, where the server is, and each step', async () => {
    const { result, state } = await rolledBack()
    const text = summaryMarkdown(result, NEXT, state)
    assert.match(
      text,
      /^### wsctl deploy gradual: rolled-back \(exit 10\)\n\n3 failed checks in a row; the last one: error/,
    )
    assert.match(
      text,
      /\n```sh\n# to see where the server stands\nwsctl status --server \S+\n# a word of advice\n```\n/,
    )
    assert.match(text, /\n- after: disabled 0 %\n/)
    assert.match(text, /\n\| 1 \| 5 % \| passed \| 5m \| 30 \| 6,000 \| 0 % \| 0 % \| 100 % \|\n/)
    assert.match(text, /\n\| 2 \| 20 % \| \*\*failed\*\* \| 16s \| 3 \|/)
    assert.match(text, /\n2 of 4 steps not begun\.\n/)
  })

  it('counts the steps that were not begun as the terminal does, with the one that only sets mode full', async () => {
    const steps = [5, 30, 100].map((percentage) => ({ percentage, durationMs: MINUTE }))
    const { result, state } = await rolledBack(gradual({ steps }))
    const layout = { palette: createPalette(false), width: 100 }
    for (const text of [resultText(state, NEXT, layout), summaryMarkdown(result, NEXT, state)]) {
      assert.match(text, /^2 of 4 steps not begun\.?$/m)
    }
  })

  it('names what to type before anything that may have to be cut off', async () => {
    const { result, state } = await rolledBack()
    const text = summaryMarkdown({ ...result, warnings: ['w'] }, NEXT, state)
    const places = ['What to type next', '- server: ', '#### Steps', '#### Warnings'].map((part) => text.indexOf(part))
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    )
    assert.ok(places.every((place) => place > 0))
  })

  it('shows what a server or an operator wrote as it is, never as a link, a tag, a table or a heading', async () => {
    const hostile = `${HOSTILE} <img src=x onerror=alert(1)> | cell | [link](https://evil.example) \`code\` @somebody # x`
    const { result: run, state } = await rolledBack()
    const result = { ...run, reason: hostile, warnings: [hostile], server: 'http://h/`|<b>' }
    const text = summaryMarkdown(result, [`to \`\`\`look\`\`\`: wsctl status <b>`], state)
    const [head = '', block = ''] = [text.split('````')[0], /````sh\n([^]*?)\n````/.exec(text)?.[1]]
    assert.equal(block, '# to ```look```\nwsctl status <b>')
    for (const part of [head, text.slice(text.lastIndexOf('````'))]) {
      assert.doesNotMatch(part, /<(?!code>|\/code>|br>)/)
      assert.doesNotMatch(part, /\]\(|@somebody|\| cell/)
    }
    assert.equal(/\p{Cc}/u.test(text.replaceAll('\n', '')), false)
  })

  it('tells why there was no run, with every check that failed', () => {
    const error = new WsctlError('preflight-failed', '2 of 14 checks failed:\nserver: no answer\ntoken: none', {
      outcome: 'refused',
      suggestions: ['set one: WSCTL_TOKEN'],
    })
    const text = summaryMarkdown(errorResult('deploy gradual', error, 'http://h'), error.suggestions, null)
    assert.match(text, /^### wsctl deploy gradual: refused \(exit 13\)\n/)
    assert.match(text, /2 of 14 checks failed:<br>\nserver: no answer<br>\ntoken: none\n/)
    assert.match(text, /\n- rollout: none was begun\n/)
    assert.doesNotMatch(text, /#### Steps|#### Warnings|- before/)
    assert.doesNotMatch(summaryMarkdown(errorResult('deploy full', usageError('x'), null), [], null), /- server/)
  })

  it('keeps a reason without end short', async () => {
    const { result, state } = await rolledBack()
    const text = summaryMarkdown({ ...result, reason: 'word '.repeat(100_000) }, NEXT, state)
    assert.ok(text.length < 10_000)
  })
})
