import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { auditDocumentSchema, type AuditDocument } from '../../src/lib/contract/audit.js'
import { startSandbox, type Sandbox } from '../../src/lib/sandbox/sandbox.js'
import { Shell, type Ending } from '../support/wsctl.js'

const TOKEN = 'secret-token-that-must-not-show'

describe('wsctl audit', function () {
  this.timeout(60_000)
  let shell: Shell
  let sandbox: Sandbox
  let environmentFile: string

  beforeEach(async () => {
    shell = await Shell.open()
    environmentFile = join(shell.folder, 'server.env')
    await writeFile(environmentFile, `WEBSOCKET_MIGRATION_MODE=disabled\nADMIN_TOKEN=${TOKEN}\n`)
    sandbox = await startSandbox({ users: 0, adminToken: TOKEN })
  })

  afterEach(async () => {
    await sandbox.close()
    await shell.close()
  })

  function wsctl(...argv: string[]): Promise<Ending> {
    return shell.run(argv, {
      USER: 'ada',
      WSCTL_SERVER: sandbox.url,
      WSCTL_TOKEN: TOKEN,
      WSCTL_ENV_FILE: environmentFile,
    })
  }

  async function changes(...flags: string[]): Promise<AuditDocument['entries']> {
    const { stdout } = await wsctl('audit', '--json', ...flags)
    return auditDocumentSchema.parse(JSON.parse(stdout)).entries
  }

  it('tells every change to the server and to its file, by whatever command, and no secret', async () => {
    await wsctl('configure', '--mode', 'gradual', '--percentage', '5', '--rollout-users', 'ann')
    await wsctl('rollback', 'emergency', '--reason', 'incident 7')
    await wsctl('env', 'set', '--percentage', '7')
    await wsctl('env', 'set', '--percentage', '7')
    await wsctl('env', 'restore')
    const entries = await changes()
    assert.deepEqual(entries.map(({ command, target, change }) => `${command}: ${target} ${change}`).reverse(), [
      'configure: server configure',
      'configure: environment-file write',
      'rollback emergency: server emergency-rollback',
      'rollback emergency: server clear-cache',
      'rollback emergency: server reset-percentage',
      'rollback emergency: environment-file write',
      'env set: environment-file set',
      'env restore: environment-file restore',
    ])
    assert.ok(entries.every(({ operator }) => operator.startsWith('ada@')))
    assert.equal(entries.find(({ change }) => change === 'emergency-rollback')?.reason, 'incident 7')
    const [restored] = entries
    assert.ok(restored?.target === 'environment-file')
    const variable = 'WEBSOCKET_ROLLOUT_PERCENTAGE'
    assert.deepEqual([restored.before?.[variable], restored.after?.[variable]], ['7', '0'])
    assert.ok(entries.every(({ server }) => server === sandbox.url))
    const record = await readFile(join(shell.folder, 'state', 'audit.jsonl'), 'utf8')
    assert.ok(!record.includes(TOKEN))
  })

  it('shows the newest, of one server alone when asked', async () => {
    await wsctl('env', 'set', '--percentage', '7')
    await wsctl('configure', '--mode', 'testing', '--no-env-file', '--rollout-users', 'ann', '--force-legacy-users', '')
    assert.deepEqual(
      (await changes('--limit', '1')).map(({ command }) => command),
      ['configure'],
    )
    assert.equal((await changes('--server', `${sandbox.url}/`)).length, 2)
    assert.equal((await changes('--server', 'http://127.0.0.1:1')).length, 0)
    const { stdout } = await wsctl('audit')
    assert.match(stdout, /configure: disabled 0 % → testing 0 %; rollout list 0 → 1/)
    assert.match((await wsctl('audit', '--limit', '0')).stderr, /--limit 0: expected a whole number from 1/)
  })

  it('names the file of a change by its whole path, and its server only where one was named', async () => {
    const bare = (...argv: string[]): Promise<Ending> => shell.run(argv, { WSCTL_ENV_FILE: 'server.env' })
    assert.equal((await bare('env', 'set', '--percentage', '7')).code, 0)
    const [edit] = await changes()
    assert.ok(edit?.target === 'environment-file')
    assert.deepEqual([edit.path, edit.server], [environmentFile, null])
    await bare('context', 'add', 'here', '--server', sandbox.url, '--env-file', environmentFile, '--use')
    await bare('env', 'set', '--percentage', '8')
    assert.equal((await changes())[0]?.server, sandbox.url)
    const other = join(shell.folder, 'other.env')
    await writeFile(other, 'WEBSOCKET_MIGRATION_MODE=disabled\n')
    await bare('env', 'set', '--percentage', '8', '--env-file', other)
    assert.equal((await changes())[0]?.server, null)
  })

  it('changes nothing that could not be recorded', async () => {
    const before = await readFile(environmentFile, 'utf8')
    await mkdir(join(shell.folder, 'state', 'audit.jsonl'), { recursive: true })
    const edit = await wsctl('env', 'set', '--percentage', '7')
    assert.deepEqual([edit.code, await readFile(environmentFile, 'utf8')], [2, before])
    assert.match(edit.stderr, /audit record .* cannot be written.*\n.*--state-dir/)
    const run = await wsctl('configure', '--mode', 'testing', '--rollout-users', '', '--force-legacy-users', '')
    assert.equal(run.code, 2)
    const { stdout } = await wsctl('status', '--json')
    assert.equal((JSON.parse(stdout) as { phase: string }).phase, 'disabled')
  })

  it('says so when there is nothing', async () => {
    assert.match((await wsctl('audit')).stdout, /No changes are recorded/)
    await mkdir(join(shell.folder, 'state'))
    await writeFile(join(shell.folder, 'state', 'audit.jsonl'), 'garbage\n')
    assert.match((await wsctl('audit')).stderr, /left out: 1/)
  })
})
