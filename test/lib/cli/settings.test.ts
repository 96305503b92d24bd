import { userInfo } from 'node:os'
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { resolveSettings, SETTING_ROWS, type Settings, type SettingsFlags } from '../../../src/lib/cli/settings.js'
import { operatorName, readEnvironment, type Variables } from '../../../src/lib/cli/environment.js'
import { surroundings } from '../../support/environment.js'
import { refusalOf } from '../../support/refusal.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

interface Setting {
  readonly flag: keyof SettingsFlags
  readonly variable: string
  readonly read: (settings: Settings) => unknown
  /** As typed, and as it is meant. */
  readonly given: readonly (readonly [text: string, value: unknown])[]
  readonly fallback: unknown
}

const text = (...values: readonly string[]): Setting['given'] => values.map((value) => [value, value])

/** Every setting that has both a flag and a variable. */
const SETTINGS: readonly Setting[] = [
  {
    flag: 'server',
    variable: 'WSCTL_SERVER',
    read: ({ server }) => server,
    given: text('https://a.example', 'http://b:1'),
    fallback: 'http://localhost:8000',
  },
  {
    flag: 'admin-path',
    variable: 'WSCTL_ADMIN_PATH',
    read: ({ adminPath }) => adminPath,
    given: text('/a', '/b'),
    fallback: '/api/websocket-admin',
  },
  {
    flag: 'stats-path',
    variable: 'WSCTL_STATS_PATH',
    read: ({ statsPath }) => statsPath,
    given: text('/a', '/b'),
    fallback: '/api/websocket/stats',
  },
  {
    flag: 'timeout',
    variable: 'WSCTL_TIMEOUT',
    read: ({ timeoutMs }) => timeoutMs,
    given: [
      ['300ms', 300],
      ['2m', 120_000],
    ],
    fallback: 10_000,
  },
  {
    flag: 'env-file',
    variable: 'WSCTL_ENV_FILE',
    read: ({ environmentFile }) => environmentFile,
    given: text('/a/.env', '/b/.env'),
    fallback: null,
  },
  {
    flag: 'ca-file',
    variable: 'WSCTL_CA_FILE',
    read: ({ authoritiesFile }) => authoritiesFile,
    given: text('/a.pem', '/b.pem'),
    fallback: null,
  },
  {
    flag: 'state-dir',
    variable: 'WSCTL_STATE_DIR',
    read: ({ stateDir }) => stateDir,
    given: text('/a', '/b'),
    fallback: resolveSettings({}, surroundings()).stateDir,
  },
  {
    flag: 'state',
    variable: 'WSCTL_STATE',
    read: ({ state }) => state,
    given: text('postgres://a.example/wsctl', 'postgresql://b.example:6432/team'),
    fallback: null,
  },
]

describe('a setting', () => {
  for (const { flag, variable, read, given, fallback } of SETTINGS) {
    const [[first, firstValue] = ['', ''], [second, secondValue] = ['', '']] = given
    it(`is taken from --${flag}, else from ${variable}, else has its default`, () => {
      assert.deepEqual(read(resolveSettings({ [flag]: first }, surroundings({ [variable]: second }))), firstValue)
      assert.deepEqual(read(resolveSettings({}, surroundings({ [variable]: second }))), secondValue)
      assert.deepEqual(read(resolveSettings({}, surroundings())), fallback)
      assert.deepEqual(
        read(resolveSettings({}, surroundings({ [variable]: '  ' }))),
        fallback,
        'a blank variable is none',
      )
    })
  }

  it('of the table in the README is one of these, or the token', () => {
    const variables = SETTING_ROWS.flatMap((row): readonly string[] => row.variables)
    assert.deepEqual(
      [...variables].sort(),
      [...SETTINGS.map(({ variable }) => variable), 'ADMIN_TOKEN', 'WSCTL_TOKEN', 'WSCTL_CONTEXT'].sort(),
    )
  })

  it('keeps records in files when told so, in spite of a variable', () => {
    const named = surroundings({ WSCTL_STATE: 'postgres://a.example/wsctl' })
    assert.equal(resolveSettings({ state: '' }, named).state, null)
  })

  it('that cannot be is refused, wherever it came from', async () => {
    for (const act of [
      () => resolveSettings({ timeout: '5' }, surroundings()),
      () => resolveSettings({}, surroundings({ WSCTL_TIMEOUT: '5' })),
    ]) {
      const error = await refusalOf(act)
      assert.match(error.message, /^--timeout 5: expected a duration/)
      assert.equal(error.exitCode, 2)
    }
  })

  it('for the server loses the slashes at its end, so that records of one server are found again', () => {
    assert.equal(resolveSettings({ server: 'http://a:1//' }, surroundings()).server, 'http://a:1')
  })

  it('keeps records in a folder of their own by default', () => {
    assert.match(resolveSettings({}, surroundings()).stateDir, /wsctl/)
  })
})

describe('the environment file of the server', () => {
  it('is left alone with --no-env-file, even when the environment names one', () => {
    assert.equal(resolveSettings({ 'no-env-file': true }, surroundings({ WSCTL_ENV_FILE: '/a' })).environmentFile, null)
  })

  it('cannot be named and left alone at once', async () => {
    const error = await refusalOf(() => resolveSettings({ 'env-file': '/a', 'no-env-file': true }, surroundings()))
    assert.match(error.message, /--env-file and --no-env-file were both given/)
    assert.equal(error.exitCode, 2)
  })
})

describe('the token', () => {
  const tokenOf = (flags: SettingsFlags, environment: Variables) => {
    const { token, tokenFile, tokenCommand } = resolveSettings(flags, surroundings(environment))
    return { token, tokenFile, tokenCommand }
  }

  it('is WSCTL_TOKEN, else ADMIN_TOKEN, and is told by the name of its variable', () => {
    assert.deepEqual(tokenOf({}, { WSCTL_TOKEN: 'a', ADMIN_TOKEN: 'b' }).token, { variable: 'WSCTL_TOKEN', value: 'a' })
    assert.deepEqual(tokenOf({}, { WSCTL_TOKEN: ' ', ADMIN_TOKEN: 'b' }).token, { variable: 'ADMIN_TOKEN', value: 'b' })
    assert.equal(tokenOf({}, {}).token, null)
  })

  it('comes from a file or a command when one is named', () => {
    assert.equal(tokenOf({ 'token-file': '/t' }, { WSCTL_TOKEN: 'a' }).tokenFile, '/t')
    assert.equal(tokenOf({ 'token-command': 'pass show t' }, {}).tokenCommand, 'pass show t')
  })

  it('cannot come from both at once', async () => {
    const error = await refusalOf(() => tokenOf({ 'token-file': '/t', 'token-command': 'x' }, {}))
    assert.match(error.message, /--token-file and --token-command were both given/)
    assert.equal(error.exitCode, 2)
  })

  it('has no flag of its own: it would show in the list of processes', () => {
    const flags = SETTING_ROWS.map(({ flag }) => flag).join()
    assert.doesNotMatch(flags, /--token(,|$)/)
  })
})

function refuse(error: Error): never {
  throw error
}

describe('the environment', () => {
  const folder = new TemporaryFolder()

  it('is that of the process over that of .env in the working folder', async () => {
    await writeFile(folder.at('.env'), 'WSCTL_TEST_ONLY="from the file"\nPATH=/nowhere\n')
    const environment = readEnvironment(folder.at(), refuse)
    assert.equal(environment.variables['WSCTL_TEST_ONLY'], 'from the file')
    assert.equal(environment.variables['PATH'], process.env['PATH'])
  })

  it('is that of the process alone without such a file', () => {
    assert.equal(readEnvironment(folder.at(), refuse).variables['PATH'], process.env['PATH'])
  })

  it('is a clear complaint when .env cannot be read', async () => {
    await mkdir(folder.at('.env'))
    const error = await refusalOf(() => readEnvironment(folder.at(), refuse))
    assert.ok(error.message.includes(folder.at('.env')))
    assert.equal(error.exitCode, 2)
  })

  it('is that of the process when .env cannot be read, for whoever does not refuse it', async () => {
    await mkdir(folder.at('.env'))
    const told: string[] = []
    const environment = readEnvironment(folder.at(), ({ message }) => told.push(message))
    assert.equal(environment.variables['PATH'], process.env['PATH'])
    assert.equal(told.length, 1)
  })

  it('tells who works with wsctl, for the records', () => {
    assert.match(operatorName(surroundings({ USER: 'ada' })), /^ada@./)
    assert.match(operatorName(surroundings()), new RegExp(`^${userInfo().username}@.`))
  })
})
