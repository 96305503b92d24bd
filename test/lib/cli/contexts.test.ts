import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { accessArguments } from '../../../src/lib/cli/access-arguments.js'
import { addressFlags } from '../../../src/lib/cli/address.js'
import { chooseContext, requireFiles, type ContextFlags } from '../../../src/lib/cli/contexts.js'
import type { NamedContext, Variables } from '../../../src/lib/cli/environment.js'
import { noticeSetup, openNotices } from '../../../src/lib/cli/notify.js'
import { resolveSettings, type Settings, type SettingsFlags } from '../../../src/lib/cli/settings.js'
import { surroundings } from '../../support/environment.js'
import { refusalOf } from '../../support/refusal.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

const STAGING: NamedContext = {
  name: 'staging',
  chosenBy: null,
  placeOf: (keys) => `contexts.yaml:${keys.join('.')}`,
  settings: {
    server: 'https://staging.example.com',
    'admin-path': '/admin',
    timeout: 90_000,
    'allow-http': true,
    'token-file': '/secrets/staging',
    'env-file': '/srv/staging/.env',
    'state-dir': '/var/wsctl',
  },
}

function settings(flags: SettingsFlags = {}, variables: Variables = {}, context = STAGING): Settings {
  return resolveSettings(flags, surroundings(variables, context))
}

describe('a context', () => {
  describe('as a layer of settings', () => {
    it('stands in for what neither flag nor variable names', () => {
      const { server, adminPath, statsPath, timeoutMs, allowHttp, tokenFile, environmentFile, stateDir } = settings()
      assert.deepEqual(
        [server, adminPath, statsPath, timeoutMs, allowHttp, tokenFile, environmentFile, stateDir],
        [
          ...['https://staging.example.com', '/admin', '/api/websocket/stats', 90_000, true],
          ...['/secrets/staging', '/srv/staging/.env', '/var/wsctl'],
        ],
      )
    })

    it('is beaten by variables, and those by flags, and each tells where it came from', () => {
      const variables = { WSCTL_ADMIN_PATH: '/v', WSCTL_STATE_DIR: '/v' }
      const dotenv = new Set(['WSCTL_STATE_DIR'])
      const environment = { ...surroundings(variables, STAGING), dotenv }
      const { adminPath, stateDir, timeoutMs, origins } = resolveSettings({ timeout: '1s' }, environment)
      assert.deepEqual([adminPath, stateDir, timeoutMs], ['/v', '/v', 1000])
      assert.deepEqual(origins, {
        server: { kind: 'context', name: 'staging' },
        'admin-path': { kind: 'variable', name: 'WSCTL_ADMIN_PATH' },
        'stats-path': { kind: 'default' },
        'ca-file': { kind: 'default' },
        timeout: { kind: 'flag', name: '--timeout' },
        'env-file': { kind: 'context', name: 'staging' },
        'state-dir': { kind: 'dotenv', name: 'WSCTL_STATE_DIR' },
        state: { kind: 'default' },
        token: { kind: 'context', name: 'staging' },
      })
    })

    it('gives its token only where no stronger layer names one', () => {
      assert.equal(settings({}, { ADMIN_TOKEN: 'a' }).tokenFile, null)
      assert.equal(settings({}, { ADMIN_TOKEN: 'a' }).token?.variable, 'ADMIN_TOKEN')
      const flagged = settings({ 'token-command': 'x' }, { ADMIN_TOKEN: 'a' })
      assert.deepEqual([flagged.tokenCommand, flagged.tokenFile, flagged.token], ['x', null, null])
    })

    it('can name the variable of its token', () => {
      const context = { ...STAGING, settings: { server: 'https://a', 'token-env': 'CHAT_TOKEN' } }
      assert.deepEqual(settings({}, { CHAT_TOKEN: 't' }, context).token, { variable: 'CHAT_TOKEN', value: 't' })
      assert.deepEqual(settings({}, {}, context).token, { variable: 'CHAT_TOKEN', value: null })
    })

    it('leaves the environment file alone with --no-env-file', () => {
      assert.equal(settings({ 'no-env-file': true }).environmentFile, null)
    })
  })

  describe('for one server is not used for another:', () => {
    it('neither its token nor its environment file go along', () => {
      for (const [flags, variables] of [
        [{ server: 'https://b' }, {}],
        [{}, { WSCTL_SERVER: 'https://b' }],
      ] as const) {
        const { server, tokenFile, environmentFile, adminPath, context } = settings(flags, variables)
        assert.deepEqual(
          [server, tokenFile, environmentFile, adminPath, context],
          ['https://b', null, null, '/api/websocket-admin', null],
        )
      }
    })

    it('the same server in other words is no other', () => {
      assert.equal(settings({ server: 'https://STAGING.example.com:443/' }).tokenFile, '/secrets/staging')
    })

    it('when --context names one and --server the other, there is no telling which is meant', async () => {
      const context = { ...STAGING, chosenBy: '--context' } as const
      const error = await refusalOf(() => settings({ server: 'https://b' }, {}, context))
      assert.match(error.message, /--context staging is for https:\/\/staging.*names https:\/\/b: which is meant\?/)
      assert.equal(error.exitCode, 2)
    })
  })

  it('that names a file which is not there is one clear error with its key', async () => {
    const error = await refusalOf(() => requireFiles(settings(), ['token-file', 'env-file']))
    assert.match(
      error.message,
      /^contexts\.yaml:token-file: token-file of the context staging names \/secrets\/staging, which does not exist$/m,
    )
    assert.match(
      error.message,
      /^contexts\.yaml:env-file: env-file of the context staging names \/srv\/staging\/\.env, which does not exist$/m,
    )
    assert.equal(error.exitCode, 2)
  })

  it('may name a file which is not there, where it is not used', () => {
    requireFiles(settings(), ['server'])
    requireFiles(settings({ 'token-file': '/x', 'no-env-file': true }), ['token-file', 'env-file'])
    requireFiles(settings({ server: 'https://b' }), ['token-file', 'env-file'])
  })

  it('is named in the commands that are suggested, and what it says is not repeated', () => {
    assert.equal(addressFlags(settings()), ' --context staging')
    assert.equal(addressFlags(settings({ 'admin-path': '/x' })), ' --context staging --admin-path /x')
  })

  it('is not needed by the process that takes a run over: it may be changed or broken by then', () => {
    assert.deepEqual(accessArguments(settings(), {}), [
      ...['--no-context', '--yes', '--server=https://staging.example.com', '--admin-path=/admin'],
      ...[
        '--stats-path=/api/websocket/stats',
        '--timeout=90000ms',
        '--state-dir=/var/wsctl',
        '--state=',
        '--allow-http',
      ],
      '--token-file=/secrets/staging',
    ])
  })

  it('never gives the token itself to another process, only its variable', () => {
    const given = accessArguments(settings({}, { WSCTL_TOKEN: 's3cret' }), {}).join(' ')
    assert.match(given, /--token-env=WSCTL_TOKEN/)
    assert.doesNotMatch(given, /s3cret/)
  })
})

describe('the context that is used', () => {
  const folder = new TemporaryFolder()
  const path = (): string => folder.at('contexts.yaml')
  const choose = (flags: ContextFlags = {}, variables: Variables = {}): Promise<NamedContext | null> =>
    chooseContext(flags, surroundings(variables), () => undefined, path())

  async function put(current: string): Promise<void> {
    const text = `schema: wsctl/contexts@1\ncurrent: ${current}\ncontexts:\n  staging: {server: https://a}\n  production: {server: https://b}\n`
    await writeFile(path(), text, { mode: 0o600 })
  }

  it('is that of --context, else of WSCTL_CONTEXT, else the current one', async () => {
    await put('staging')
    const chosen = await Promise.all([
      choose({ context: 'production' }, { WSCTL_CONTEXT: 'staging' }),
      choose({}, { WSCTL_CONTEXT: 'production' }),
      choose(),
    ])
    assert.deepEqual(
      chosen.map((context) => [context?.name, context?.chosenBy]),
      [
        ['production', '--context'],
        ['production', 'WSCTL_CONTEXT'],
        ['staging', null],
      ],
    )
  })

  it('is none without a file, without a current one, and with --no-context', async () => {
    assert.equal(await choose(), null)
    await put('null')
    assert.equal(await choose(), null)
    await put('staging')
    assert.equal(await choose({ 'no-context': true }), null)
  })

  it('is not asked of a file that is broken with --no-context', async () => {
    await writeFile(path(), 'contexts: [')
    assert.equal(await choose({ 'no-context': true }), null)
    assert.equal((await refusalOf(() => choose())).exitCode, 2)
  })

  it('that there is not is a clear error with the one that was meant', async () => {
    await put('staging')
    const error = await refusalOf(() => choose({ context: 'prodution' }))
    assert.match(error.message, /there is no context prodution in/)
    assert.deepEqual(error.suggestions, ['did you mean: production', 'there are: staging, production'])
  })

  it('that there is not, without any, is a clear error with the command that adds it', async () => {
    const error = await refusalOf(() => choose({ context: 'staging' }))
    assert.match(error.suggestions.join(), /wsctl context add staging --server URL/)
  })

  it('that is gone is a clear error with the place that names it', async () => {
    await put('gone')
    const error = await refusalOf(() => choose())
    assert.match(error.message, /contexts\.yaml:2:1: current: the current context is gone/)
    assert.match(error.suggestions.join('\n'), /wsctl context use NAME/)
  })

  it('tells where it names a file that is not there, with line and column of the key', async () => {
    const text = [
      'schema: wsctl/contexts@1',
      'current: staging',
      'contexts:',
      '  staging:',
      '    server: https://a',
      '    env-file: gone.env',
      '    token-file: gone.token',
      '    notifications:',
      '      - {type: command, command: "true"}',
      '      - type: slack',
      '        url-file: gone.hook',
      '',
    ]
    await writeFile(path(), text.join('\n'), { mode: 0o600 })
    const environment = surroundings({}, await choose())
    const files = await refusalOf(() => requireFiles(resolveSettings({}, environment), ['token-file', 'env-file']))
    assert.deepEqual(files.message.split('\n'), [
      `${path()}:7:5: token-file of the context staging names ${folder.at('gone.token')}, which does not exist`,
      `${path()}:6:5: env-file of the context staging names ${folder.at('gone.env')}, which does not exist`,
    ])
    const setup = noticeSetup({}, environment)
    assert.ok(setup)
    const hook = await refusalOf(() => openNotices(setup, environment, null))
    assert.match(hook.message, /contexts\.yaml:11:9: the file .*gone\.hook, which is to hold the URL of a slack/)
  })

  it('cannot be named and left out at once', async () => {
    assert.match((await refusalOf(() => choose({ context: 'a', 'no-context': true }))).message, /both given/)
  })
})
