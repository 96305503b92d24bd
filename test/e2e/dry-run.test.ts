import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dryRunDocumentSchema } from '../../src/lib/contract/dry-run.js'
import { startSandbox, type Sandbox } from '../../src/lib/sandbox/sandbox.js'
import { startRecordingProxy, type RecordingProxy } from '../support/recording-proxy.js'
import { Shell, type Ending } from '../support/wsctl.js'

const TOKEN = 'test-token'
const ENVIRONMENT = `# flags
DB_PASSWORD=hunter2
WEBSOCKET_UNIFIED_ENABLED=false
WEBSOCKET_GRADUAL_ROLLOUT_ENABLED=false
WEBSOCKET_ROLLOUT_PERCENTAGE=0
WEBSOCKET_LEGACY_FALLBACK=true
WEBSOCKET_MIGRATION_MODE=disabled
`

describe('a dry run', function () {
  this.timeout(60_000)
  let shell: Shell
  let sandbox: Sandbox
  let proxy: RecordingProxy
  let file: string

  beforeEach(async () => {
    shell = await Shell.open()
    sandbox = await startSandbox({ adminToken: TOKEN, users: 30, pace: { stayMs: 700, awayMs: 300 } })
    proxy = await startRecordingProxy(sandbox.url)
    file = join(shell.folder, 'server.env')
    await writeFile(file, ENVIRONMENT)
  })

  afterEach(async () => {
    await proxy.close()
    await sandbox.close()
    await shell.close()
  })

  const wsctl = (...argv: readonly string[]): Promise<Ending> =>
    shell.run(argv, { WSCTL_SERVER: proxy.url, WSCTL_TOKEN: TOKEN })
  const posts = (): readonly string[] => proxy.requests.filter((request) => !request.startsWith('GET '))

  async function dryRun(...argv: readonly string[]) {
    const { code, stdout, stderr } = await wsctl(...argv, '--dry-run', '--json')
    assert.equal(code, 0, stdout + stderr)
    return dryRunDocumentSchema.parse(JSON.parse(stdout))
  }

  /** Nothing was sent, nothing is on record, and the file is as it was. */
  async function assertUntouched(): Promise<void> {
    assert.deepEqual(posts(), [])
    assert.equal(await readFile(file, 'utf8'), ENVIRONMENT)
    const left = await readdir(shell.folder, { recursive: true })
    assert.deepEqual(
      left.filter((name) => /runs\/.|audit|\.bak$/.test(name)),
      [],
    )
  }

  const COMMANDS: readonly (readonly string[])[] = [
    ['deploy', 'testing', '--test-users', 'ann'],
    ['deploy', 'gradual', '--steps', '1,5,100', '--detach'],
    ['deploy', 'full', '--duration', '1h', '--on-crash', 'rollback'],
    ['rollback', 'emergency', '--reason', 'x'],
    ['rollback', 'gradual'],
    ['configure', '--percentage', '20'],
  ]
  for (const argv of COMMANDS) {
    it(`of ${argv.slice(0, 2).join(' ')} sends nothing, changes nothing and records nothing`, async () => {
      const { writes, command } = await dryRun(...argv, '--env-file', file)
      assert.ok(argv.join(' ').startsWith(command))
      assert.ok(writes.some(({ kind }) => kind === 'request'))
      await assertUntouched()
    })
  }

  it('of env set and env restore changes nothing and shows no line that may be a secret', async () => {
    const { writes } = await dryRun('env', 'set', '--mode', 'gradual', '--percentage', '5', '--env-file', file)
    assert.deepEqual(
      writes.flatMap((write) => (write.kind === 'environment-file' ? write.added.map(({ text }) => text) : [])),
      [
        'WEBSOCKET_UNIFIED_ENABLED=true',
        'WEBSOCKET_GRADUAL_ROLLOUT_ENABLED=true',
        'WEBSOCKET_ROLLOUT_PERCENTAGE=5',
        'WEBSOCKET_MIGRATION_MODE=gradual',
      ],
    )
    const copy = join(shell.folder, 'copy')
    await writeFile(copy, ENVIRONMENT.replace('hunter2', 'hunter3').replace('=true', '=false'))
    const { code, stdout } = await wsctl('env', 'restore', copy, '--env-file', file, '--dry-run')
    assert.equal(code, 0)
    assert.match(stdout, /^ {3}- +6 {2}WEBSOCKET_LEGACY_FALLBACK=true\n {3}\+ +6 {2}WEBSOCKET_LEGACY_FALLBACK=false$/m)
    assert.match(stdout, /DB_PASSWORD=\(not shown\)/)
    assert.doesNotMatch(stdout, /hunter/)
    await assertUntouched()
  })

  it('tells the very requests that the command then sends', async () => {
    const argv = ['configure', '--percentage', '20', '--force-legacy-users', 'mal']
    const { writes } = await dryRun(...argv)
    const { code } = await wsctl(...argv)
    assert.equal(code, 0)
    assert.deepEqual(
      posts(),
      writes.flatMap((write) =>
        write.kind === 'request' ? [`${write.method} ${write.path} ${JSON.stringify(write.body)}`] : [],
      ),
    )
  })

  it('of an environment file that says so already has nothing to write', async () => {
    const { code, stdout } = await wsctl('env', 'set', '--mode', 'disabled', '--env-file', file, '--dry-run')
    assert.deepEqual([code, stdout], [0, 'dry run of env set: nothing to write\n'])
  })

  it('is refused where the command would be', async () => {
    const pins = await wsctl('configure', '--percentage', '20', '--rollout-users', 'ann,', '--dry-run')
    assert.equal(pins.code, 2)
    await wsctl('configure', '--mode', 'gradual', '--percentage', '20')
    const lower = await wsctl('deploy', 'gradual', '--dry-run')
    assert.equal(lower.code, 13)
    assert.match(lower.stderr, /starting at 5 % would take users back/)
  })

  it('of a watch shows what a breach would write, and nothing where a breach is only told', async () => {
    const watch = await dryRun('monitor', '--env-file', file)
    assert.deepEqual(
      watch.writes.flatMap((write) => (write.kind === 'request' ? [[write.path.split('/').at(-1), write.when]] : [])),
      [
        ['emergency-rollback', 'on a breach'],
        ['configure', 'only if it does not say disabled then'],
        ['clear-cache', 'when it says disabled'],
      ],
    )
    assert.match(watch.notes.join(), /as long as no threshold stays broken, nothing is written/)
    assert.deepEqual((await dryRun('monitor', '--on-breach', 'exit')).writes, [])
    await assertUntouched()
  })

  it('of a context shows the lines of its file, and of a plan the whole file, and writes neither', async () => {
    const add = ['context', 'add', 'here', '--server', 'http://a.example', '--use']
    const { writes } = await dryRun(...add)
    const [write] = writes
    assert.ok(write?.kind === 'file')
    assert.ok(write.added.some(({ text }) => text === '    server: http://a.example'))
    assert.match((await wsctl('context', 'list')).stdout, /no contexts/)
    assert.equal((await wsctl(...add)).code, 0)
    const removal = await dryRun('context', 'remove', 'here')
    assert.ok(removal.writes.some((one) => one.kind === 'file' && one.removed.length > 0))
    assert.deepEqual((await dryRun('context', 'use', 'here')).writes, [], 'it is the current one already')
    assert.equal((await wsctl('context', 'use', 'nowhere', '--dry-run')).code, 2)
    const plan = await dryRun('plan', 'init', 'rollout.yaml')
    assert.ok(plan.writes.some((one) => one.kind === 'file' && one.path === join(shell.folder, 'rollout.yaml')))
    assert.ok(!(await readdir(shell.folder)).includes('rollout.yaml'))
    assert.equal((await wsctl('plan', 'init', 'server.env.yaml')).code, 0)
    assert.equal((await wsctl('plan', 'init', 'server.env.yaml', '--dry-run')).code, 2)
  })

  it('of a signature shows the line of the audit record, and of a message whom it would reach', async () => {
    const { writes } = await dryRun('checklist', 'sign', 'team-told', '--note', 'in #ops')
    const [record] = writes
    assert.ok(record?.kind === 'record')
    assert.deepEqual([record.entry['item'], record.entry['reason']], ['team-told', 'in #ops'])
    const { writes: messages } = await dryRun(
      'notify',
      'test',
      '--notify',
      `command=touch ${join(shell.folder, 'sent')}`,
    )
    assert.ok(messages.every((write) => write.kind === 'message'))
    assert.ok(!(await readdir(shell.folder)).includes('sent'))
    await assertUntouched()
  })

  it('of an emergency is shown even when the server does not answer', async () => {
    await sandbox.close()
    const { writes, notes } = await dryRun('rollback', 'emergency', '--timeout', '500ms')
    assert.deepEqual(
      writes.map((write) => write.kind === 'request' && write.path),
      ['/api/websocket-admin/emergency-rollback', '/api/websocket-admin/clear-cache'],
    )
    assert.match(notes.join(), /the server could not be read/)
    sandbox = await startSandbox({ adminToken: TOKEN })
  })
})
