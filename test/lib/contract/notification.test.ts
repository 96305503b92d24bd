import assert from 'node:assert/strict'
import {
  contactsSchema,
  decodeNoticeSetup,
  encodeNoticeSetup,
  notificationsSchema,
  parseNotifyFlag,
  type Notification,
} from '../../../src/lib/contract/notification.js'
import { WsctlError } from '../../../src/lib/core/error.js'

/** What is wrong, as `path: message`. */
function complaints(value: unknown): readonly string[] {
  const parsed = notificationsSchema.safeParse(value)
  return parsed.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []
}

describe('notifications in a file', () => {
  it('may be webhooks, chats and commands, each for all events or for some', () => {
    const typed = [
      { type: 'webhook', url: 'https://hooks.example.org/wsctl', 'secret-env': 'HOOK_SECRET', on: ['breach', 'held'] },
      { type: 'slack', 'url-env': 'SLACK_WEBHOOK' },
      { type: 'teams', 'url-file': '/run/secrets/teams', timeout: '5s' },
      { type: 'command', command: './page.sh' },
    ]
    const parsed = notificationsSchema.parse(typed)
    assert.deepEqual(
      parsed.map(({ timeout }) => timeout),
      [10_000, 10_000, 5000, 10_000],
    )
    const setup = { folder: '/srv', after: 0, notifications: parsed, contacts: {} }
    assert.deepEqual(decodeNoticeSetup(encodeNoticeSetup(setup)), setup, 'kept and read again')
  })

  it('are refused with what is wrong and what is legal', () => {
    assert.deepEqual(complaints([{ type: 'mail' }]), ['0.type: expected a type: webhook, slack, teams, command'])
    assert.deepEqual(complaints([{ type: 'webhook' }]), ['0: expected one of url, url-env, url-file'])
    assert.deepEqual(complaints([{ type: 'webhook', url: 'https://a.example', 'url-env': 'A' }]), [
      '0.url-env: expected exactly one of url, url-env, url-file, not url and url-env',
    ])
    assert.match(
      complaints([{ type: 'slack', 'url-env': 'A', on: ['breech'] }]).join(),
      /^0\.on\.0: expected one of st/,
    )
    assert.match(complaints([{ type: 'slack', 'url-env': 'https://a.example' }]).join(), /not its value$/)
    assert.match(complaints([{ type: 'command', command: 'x', retry: 3 }]).join(), /retry/)
    assert.match(complaints([{ type: 'command', command: 'x', timeout: '2h' }]).join(), /up to 1 minute/)
  })

  it('never hold the URL of a chat', () => {
    const [first = ''] = complaints([{ type: 'slack', url: 'https://hooks.example.com/services/T/B/X' }])
    assert.match(first, /"url"/)
  })

  it('name contacts by the four roles alone', () => {
    const contacts = { 'system-administrator': ' Ana, +49 30 1234 ', 'database-administrator': 'Ben' }
    assert.equal(contactsSchema.parse(contacts)['system-administrator'], 'Ana, +49 30 1234')
    assert.equal(contactsSchema.safeParse({ 'office-dog': 'Rex' }).success, false)
    assert.equal(contactsSchema.safeParse({ 'system-administrator': '' }).success, false)
  })
})

describe('--notify', () => {
  const parse = (value: string, ...variables: string[]): Notification =>
    parseNotifyFlag(value, (name) => variables.includes(name))

  function refusalOf(value: string): WsctlError {
    try {
      parse(value)
    } catch (error) {
      assert.ok(error instanceof WsctlError)
      assert.equal(error.exitCode, 2)
      return error
    }
    return assert.fail(`${value} was taken`)
  }

  it('names a type and where to find it', () => {
    const timeout = 10_000
    assert.deepEqual(parse('slack=env:SLACK'), { type: 'slack', 'url-env': 'SLACK', timeout })
    assert.deepEqual(parse('teams=file:/run/x'), { type: 'teams', 'url-file': '/run/x', timeout })
    assert.deepEqual(parse('webhook=https://a.example/?a=b'), {
      type: 'webhook',
      url: 'https://a.example/?a=b',
      timeout,
    })
    assert.deepEqual(parse('command=./page.sh --to=me'), { type: 'command', command: './page.sh --to=me', timeout })
  })

  it('signs a webhook when there is a secret to sign with', () => {
    const signed = parse('webhook=https://a.example', 'WSCTL_NOTIFY_SECRET')
    assert.equal(signed.type === 'webhook' && signed['secret-env'], 'WSCTL_NOTIFY_SECRET')
  })

  it('takes no URL of a chat, and does not repeat it', () => {
    const error = refusalOf('slack=https://hooks.example.com/services/T/B/XSecretX')
    assert.match(error.message, /list of processes/)
    assert.ok(error.suggestions.some((line) => line.includes('--notify slack=env:NAME')))
    assert.doesNotMatch([error.message, ...error.suggestions].join(), /XSecretX/)
  })

  it('is refused with the form that is expected', () => {
    for (const value of [
      '',
      'slack',
      'mail=x',
      'webhook=',
      'webhook=ftp://a',
      'slack=env:',
      'command=',
      'slack=env:a b',
    ]) {
      assert.ok(refusalOf(value).suggestions.length > 0, value)
    }
  })
})
