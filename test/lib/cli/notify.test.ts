import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { noticeSetup, openNotices } from '../../../src/lib/cli/notify.js'
import { openOutlets } from '../../../src/lib/cli/outlets.js'
import { resolveSettings } from '../../../src/lib/cli/settings.js'
import { notificationsSchema, type NoticeSetup } from '../../../src/lib/contract/notification.js'
import { testNotice } from '../../../src/lib/render/notice.js'
import { surroundings } from '../../support/environment.js'
import { refusalOf } from '../../support/refusal.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

describe('who is notified', () => {
  const folder = new TemporaryFolder()

  function setup(...notifications: readonly object[]): NoticeSetup {
    return { folder: folder.at(), after: 0, notifications: notificationsSchema.parse(notifications), contacts: {} }
  }

  it('is nobody unless somebody says so', () => {
    assert.equal(noticeSetup({}, surroundings()), null)
  })

  it('is what the flags say, in place of what files say', () => {
    const notifications = notificationsSchema.parse([{ type: 'slack', 'url-env': 'SLACK' }])
    const contacts = { 'system-administrator': 'Ana' }
    assert.deepEqual(noticeSetup({}, surroundings(), { notifications, contacts })?.notifications, notifications)
    const flagged = noticeSetup({ notify: ['command=./page.sh'] }, surroundings(), { notifications, contacts })
    assert.deepEqual(
      flagged?.notifications.map(({ type }) => type),
      ['command'],
    )
    assert.deepEqual(flagged.contacts, contacts)
  })

  it('is found by a URL in a variable, or in a file beside the plan', async () => {
    await writeFile(folder.at('hook'), 'https://hooks.example.com/services/XSecretX\n')
    const environment = surroundings({ TEAMS: ' https://teams.example.com/XSecretX ' })
    const both = setup({ type: 'slack', 'url-file': 'hook' }, { type: 'teams', 'url-env': 'TEAMS' })
    const { targets } = await openNotices(both, environment, null)
    assert.deepEqual(
      targets.map(({ name }) => name),
      ['slack (hooks.example.com)', 'teams (teams.example.com)'],
    )
  })

  it('is told only of the events that were asked for, and of every test', async () => {
    const { targets } = await openNotices(
      setup({ type: 'command', command: 'true', on: ['breach'] }),
      surroundings(),
      null,
    )
    assert.deepEqual(
      (['breach', 'started', 'test'] as const).map((event) => targets[0]?.wants(event)),
      [true, false, true],
    )
  })

  it('is refused with the name of a variable that is not set, or of a file that is not there', async () => {
    const slack = { type: 'slack' }
    assert.match(
      (await refusalOf(() => openNotices(setup({ ...slack, 'url-env': 'NONE' }), surroundings(), null))).message,
      /NONE.*not set/,
    )
    assert.match(
      (await refusalOf(() => openNotices(setup({ ...slack, 'url-file': 'x' }), surroundings(), null))).message,
      /ENOENT/,
    )
    await writeFile(folder.at('empty'), '\n')
    const empty = setup({ type: 'webhook', url: 'https://a.example', 'secret-file': 'empty' })
    assert.match(
      (await refusalOf(() => openNotices(empty, surroundings(), null))).message,
      /secret of a webhook.*is empty/,
    )
  })

  it('is refused when a URL is none, or would cross the network in plain text, and it is not shown', async () => {
    for (const url of ['not-a-url-XSecretX', 'http://hooks.example.com/XSecretX']) {
      const error = await refusalOf(() =>
        openNotices(setup({ type: 'slack', 'url-env': 'S' }), surroundings({ S: url }), null),
      )
      assert.doesNotMatch(error.message, /XSecretX/)
    }
  })

  it('is refused when two notifications go to the same place', async () => {
    const twice = setup({ type: 'command', command: 'true' }, { type: 'command', command: 'true' })
    assert.match(
      (await refusalOf(() => openNotices(twice, surroundings(), null))).message,
      /go to the same command \(true\)/,
    )
  })

  it('never gets the admin token, under whatever name', async function () {
    if (process.platform === 'win32') this.skip()
    const added = { WSCTL_TOKEN: 'token-1', ADMIN_TOKEN: 'token-2', OTHER_NAME: 'token-3', HARMLESS: 'kept' }
    Object.assign(process.env, added)
    try {
      const token = { variable: 'OTHER_NAME', value: 'token-3' }
      const { targets } = await openNotices(setup({ type: 'command', command: 'env > variables' }), surroundings(), {
        token,
      })
      await targets[0]?.send(testNotice('2026-11-24T09:00:00.000Z', {}), new AbortController().signal)
      const variables = await readFile(folder.at('variables'), 'utf8')
      assert.match(variables, /HARMLESS=kept/)
      assert.doesNotMatch(variables, /token-\d/)
    } finally {
      for (const name of Object.keys(added)) Reflect.deleteProperty(process.env, name)
    }
  })

  it('is needed when this command names it, and not when an earlier one did', async () => {
    const before = setup({ type: 'slack', 'url-env': 'NONE' })
    const settings = resolveSettings({}, surroundings())
    assert.deepEqual((await openOutlets({}, surroundings(), settings, { before })).notices?.targets, [])
    const refusal = await refusalOf(() =>
      openOutlets({ notify: ['slack=env:NONE'] }, surroundings(), settings, { before }),
    )
    assert.match(refusal.message, /NONE/)
  })

  it('is in an emergency whoever can be, and a mistake is only a warning', async () => {
    const settings = resolveSettings({}, surroundings())
    const open = async (...notify: string[]) =>
      (await openOutlets({ notify }, surroundings(), settings, { warnOnly: true })).notices
    assert.equal(await open('mail=x'), null)
    const notices = await open('slack=env:NONE', 'command=true')
    assert.deepEqual(
      notices?.targets.map(({ name }) => name),
      ['command (true)'],
    )
  })
})
