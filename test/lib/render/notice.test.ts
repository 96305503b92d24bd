import assert from 'node:assert/strict'
import type { Notice } from '../../../src/lib/core/notice.js'
import { composeNotice, levelOfNotice, testNotice } from '../../../src/lib/render/notice.js'
import { notifyTestText } from '../../../src/lib/render/notify-test.js'
import { createPalette } from '../../../src/lib/render/palette.js'
import { slackPayload } from '../../../src/lib/render/slack-notice.js'
import { teamsPayload } from '../../../src/lib/render/teams-notice.js'
import { hasControls, HOSTILE, recordedRun } from '../../support/events.js'
import { gradual, Scene } from '../../support/rollouts.js'

interface SlackMessage {
  readonly text: string
  readonly blocks: readonly {
    readonly type: string
    readonly text?: { readonly type: string; readonly text: string }
    readonly fields?: readonly { readonly text: string }[]
  }[]
}

const CONTACTS = { 'development-team-lead': 'Lee, +49 30 1', 'network-administrator': 'Nia' }

describe('the message of a breach', () => {
  let breach: Notice
  let end: Notice

  before(async () => {
    const scene = new Scene({ attemptsPerSecond: 20, failing: (percentage) => (percentage > 5 ? 0.5 : 0) })
    const told = await recordedRun(scene, gradual({ maxPercentage: 35 }))
    const context = { contacts: CONTACTS, advice: () => ['wsctl status'] }
    const notices = told.flatMap(({ event, state }) => composeNotice(event, state, context) ?? [])
    breach = notices.find(({ event }) => event === 'breach') ?? assert.fail('there was none')
    end = notices.at(-1) ?? assert.fail('there was none')
  })

  it('says what broke, with the numbers, where, and whom to turn to', () => {
    assert.equal(breach.title, 'Breach: deploy gradual on 127.0.0.1:8000')
    assert.match(breach.message, /^breach at gradual 20 %: 3 failed checks in a row.*error rate \d/)
    assert.equal(breach.percentage, 20)
    assert.equal(breach.step?.number, 2)
    assert.ok((breach.step.errorRate ?? 0) > 5)
    assert.deepEqual(breach.contacts, [{ role: 'development-team-lead', contact: 'Lee, +49 30 1' }])
  })

  it('is followed by one that says what became of it', () => {
    assert.equal(end.event, 'rolled-back')
    assert.equal(end.outcome, 'rolled-back')
    assert.equal(end.exitCode, 10)
    assert.equal(end.mode, 'disabled')
    assert.equal(end.percentage, 0)
    assert.equal(levelOfNotice(end), 'bad')
  })

  it('has a key that is the same whichever process sends it', () => {
    assert.match(breach.key, /^test-run\/\d+$/)
    assert.notEqual(breach.key, end.key)
  })

  it('holds for Slack everything that it says', () => {
    const text = JSON.stringify(slackPayload(breach))
    for (const part of ['Breach: deploy gradual', 'error rate', 'Development team lead: Lee', 'wsctl status', '2 of 3'])
      assert.ok(text.includes(part), `${part} is missing`)
  })

  it('holds for Teams everything that it says, in one card', () => {
    const { type, attachments } = teamsPayload(breach) as {
      readonly type: string
      readonly attachments: readonly { readonly contentType: string; readonly content: { readonly type: string } }[]
    }
    assert.equal(type, 'message')
    assert.deepEqual(
      attachments.map(({ contentType, content }) => [contentType, content.type]),
      [['application/vnd.microsoft.card.adaptive', 'AdaptiveCard']],
    )
    const text = JSON.stringify(attachments)
    for (const part of [
      'Breach: deploy gradual',
      'error rate',
      'Development team lead: Lee',
      'wsctl status',
      'Attention',
    ])
      assert.ok(text.includes(part), `${part} is missing`)
  })

  it('mentions nobody and links to nothing, whatever the server said', () => {
    const message = 'ping <!channel> & [here](https://evil.example)'
    const { text, blocks } = slackPayload({ ...breach, message }) as SlackMessage
    assert.doesNotMatch(text, /<!channel>/)
    assert.match(text, /&lt;!channel&gt; &amp;/)
    const holding = blocks.filter((block) => block.text?.text.includes('channel'))
    assert.deepEqual(
      holding.map((block) => block.text?.type),
      ['plain_text'],
    )
    const card = JSON.stringify(teamsPayload({ ...breach, message }))
    assert.match(card, /"type":"TextRun","text":"ping <!channel>/)
    assert.doesNotMatch(card, /"TextBlock"/)
  })

  it('stays within what a chat takes, however much there is to say', () => {
    const long = { ...breach, title: 't'.repeat(500), message: 'm'.repeat(9000), suggestions: ['s'.repeat(9000)] }
    const { text, blocks } = slackPayload(long) as SlackMessage
    assert.ok(text.length <= 3000)
    for (const block of blocks) {
      assert.ok((block.text?.text.length ?? 0) <= (block.type === 'header' ? 150 : 3000))
      assert.ok((block.fields ?? []).length <= 10)
    }
    assert.ok(JSON.stringify(teamsPayload(long)).length < 28_000)
  })
})

describe('a test message', () => {
  it('names everybody who would ever be named, and says that nothing has happened', () => {
    const notice = testNotice('2026-11-24T09:00:00.000Z', CONTACTS)
    assert.equal(notice.contacts.length, 2)
    assert.match(notice.message, /nothing has happened/)
    assert.equal(levelOfNotice(notice), 'info')
  })

  it('is reported a target a line, without control characters, within 80 columns', () => {
    const targets = [
      { target: 'slack (hooks.slack.com)', delivered: true, message: 'delivered', tookMs: 120 },
      { target: 'webhook (a.example)', delivered: false, message: `it answered 500: ${HOSTILE}`, tookMs: 15 },
    ]
    const lines = notifyTestText(targets, { palette: createPalette(false), width: 80 }).split('\n')
    assert.match(lines[1] ?? '', /^ok {4}slack \(hooks\.slack\.com\) {2}delivered +120ms$/)
    assert.match(lines[2] ?? '', /^FAIL {2}webhook/)
    for (const line of lines) assert.ok(line.length <= 80 && !hasControls(line), line)
  })
})
