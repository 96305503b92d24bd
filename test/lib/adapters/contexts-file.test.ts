import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { chmod, mkdir, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { ContextsFile } from '../../../src/lib/adapters/contexts-file.js'
import { refusalOf } from '../../support/refusal.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

const TWO = `# Servers of the chat team
schema: wsctl/contexts@1
current: staging
contexts:
  staging:
    server: https://staging.example.com # the old machine
    token-file: secrets/token
  production: { server: https://chat.example.com, token-env: CHAT_TOKEN, protected: true }
`

describe('the file of contexts', () => {
  const folder = new TemporaryFolder()
  const path = (): string => folder.at('config', 'contexts.yaml')
  const file = (): ContextsFile => new ContextsFile(path())

  async function put(text: string, mode = 0o600): Promise<void> {
    await mkdir(folder.at('config'), { recursive: true, mode: 0o700 })
    await writeFile(path(), text)
    await chmod(path(), mode)
  }

  async function complaintAbout(text: string): Promise<string> {
    await put(text)
    return (await refusalOf(() => file().read())).message.replaceAll(path(), 'contexts.yaml')
  }

  const contextOf = (settings: string): string =>
    `schema: wsctl/contexts@1\ncontexts:\n  a: {server: https://a, ${settings}}\n`

  it('that is not there holds none', async () => {
    const { contexts, current } = await file().read()
    assert.deepEqual([contexts, current], [{}, null])
  })

  it('tells each context, with paths from the folder of the file', async () => {
    await put(TWO)
    const { contexts, current, warning } = await file().read()
    assert.deepEqual([current, warning], ['staging', null])
    assert.deepEqual(contexts['staging'], {
      server: 'https://staging.example.com',
      'token-file': folder.at('config', 'secrets', 'token'),
    })
    assert.equal(contexts['production']?.protected, true)
  })

  describe('with something wrong in it is refused, with line, column and key:', () => {
    const cases: readonly (readonly [what: string, settings: string, complaint: RegExp])[] = [
      [
        'a key that there is not',
        'admin-pth: /x',
        /^contexts\.yaml:3:26: contexts\.a\.admin-pth: .*did you mean admin-path/,
      ],
      ['a misspelt protection', 'protectd: true', /contexts\.a\.protectd: .*did you mean protected/],
      ['a limit that cannot be', 'thresholds: {max-error-rate: 101}', /:3:39: .*max-error-rate 101: .*from 0 to 100/],
      ['a duration without a unit', 'thresholds: {window: 5}', /thresholds\.window 5: expected a duration/],
      [
        'protection that is neither on nor off',
        'protected: sometimes',
        /protected "sometimes": expected true or false/,
      ],
      ['two places for the token', 'token-env: A, token-file: b', /one place, not token-file and token-env/],
      ['half a line of YAML', 'token-env: [', /^contexts\.yaml:\d+:\d+: /],
    ]
    for (const [what, settings, complaint] of cases) {
      it(what, async () => assert.match(await complaintAbout(contextOf(settings)), complaint))
    }

    it('an address that is none', async () => {
      assert.match(await complaintAbout(contextOf('').replace('https://a', 'localhost:8000')), /:3:7: .*expected a URL/)
    })

    it('a name that looks like a flag', async () => {
      assert.match(await complaintAbout(contextOf('').replace('  a:', '  -a:')), /expected a name of letters/)
    })

    it('a file of something else', async () => {
      assert.match(await complaintAbout('- 1\n'), /expected keys and values/)
      assert.match(await complaintAbout('schema: wsctl/plan@1\ncontexts: {}\n'), /expected wsctl\/contexts@1/)
    })
  })

  it('that holds a secret is refused with the right way, and the secret is not shown', async () => {
    const secret = 'eyJhbGciOi.s3cret'
    for (const settings of [
      `token: ${secret}`,
      `admin-token: ${secret}`,
      `api_key: ${secret}`,
      `token-env: ${secret}`,
    ]) {
      await put(contextOf(settings))
      const error = await refusalOf(() => file().read())
      assert.match(error.message, /contexts\.yaml:3:\d+: contexts\.a\./)
      assert.match(error.suggestions.join('\n'), /token-env: VARIABLE, token-file: FILE or token-command: COMMAND/)
      assert.ok(!JSON.stringify([error.message, error.suggestions]).includes('s3cret'), error.message)
    }
    const inAddress = await complaintAbout(contextOf('').replace('https://a', 'https://ann:s3cret@a'))
    assert.match(inAddress, /no user name or password/)
    assert.ok(!inAddress.includes('s3cret'))
  })

  it('that others can read, or its group can write, is used with a warning', async () => {
    for (const [mode, words] of [
      [0o644, /can be read by other accounts \(0644\)/],
      [0o660, /can be written by its group \(0660\)/],
    ] as const) {
      await put(TWO, mode)
      const { warning, current } = await file().read()
      assert.match(warning ?? '', words)
      assert.equal(current, 'staging')
    }
  })

  it('that everybody can write, or replace, is not trusted', async () => {
    await put(TWO, 0o666)
    assert.match(
      (await refusalOf(() => file().read())).message,
      /written by every account \(0666\), so nothing in it is trusted/,
    )
    await chmod(path(), 0o600)
    await chmod(folder.at('config'), 0o777)
    const error = await refusalOf(() => file().read())
    assert.match(error.message, /every account can replace it/)
    assert.match(error.suggestions.join('\n'), /chmod/)
    await refusalOf(() => file().change((document) => document.set('current', 'production')))
    assert.equal(await readFile(path(), 'utf8'), TWO)
  })

  it('is made with its folder for its owner alone', async () => {
    await file().change((document) => document.setIn(['contexts', 'a'], document.createNode({ server: 'https://a' })))
    assert.equal((await stat(path())).mode & 0o777, 0o600)
    assert.equal((await stat(folder.at('config'))).mode & 0o777, 0o700)
    assert.deepEqual(Object.keys((await file().read()).contexts), ['a'])
    assert.deepEqual(await readdir(folder.at('config')), ['contexts.yaml'])
  })

  it('keeps comments and other contexts when one is changed, and closes what was open', async () => {
    await put(TWO, 0o644)
    await file().change((document) => document.set('current', 'production'))
    assert.equal(await readFile(path(), 'utf8'), TWO.replace('current: staging', 'current: production'))
    assert.equal((await stat(path())).mode & 0o777, 0o600)
  })

  it('stays a link when it was one', async () => {
    await put(TWO)
    await mkdir(folder.at('home'), { mode: 0o700 })
    await symlink(path(), folder.at('home', 'contexts.yaml'))
    await new ContextsFile(folder.at('home', 'contexts.yaml')).change((document) =>
      document.set('current', 'production'),
    )
    assert.equal((await file().read()).current, 'production')
  })

  it('loses nothing when several change it at the same time', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `c${index}`)
    const add = (name: string): Promise<void> =>
      file().change((document) =>
        document.setIn(['contexts', name], document.createNode({ server: `https://${name}` })),
      )
    await Promise.all(names.map(add))
    assert.deepEqual(Object.keys((await file().read()).contexts).sort(), names.sort())
  })

  it('takes in what an editor wrote while it was being changed', async () => {
    await put(TWO)
    let isFirst = true
    await file().change((document) => {
      document.set('current', 'production')
      if (!isFirst) return
      isFirst = false
      writeFileSync(path(), TWO.replace('the old machine', 'the new machine'))
    })
    const text = await readFile(path(), 'utf8')
    assert.match(text, /the new machine/)
    assert.match(text, /current: production/)
  })

  it('that is broken is never replaced', async () => {
    await put('contexts: [\n')
    await refusalOf(() => file().change((document) => document.set('current', 'a')))
    assert.equal(await readFile(path(), 'utf8'), 'contexts: [\n')
  })
})
