import assert from 'node:assert/strict'
import { chmod, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { preflightDocumentSchema } from '../../src/lib/contract/preflight.js'
import { resultSchema } from '../../src/lib/contract/result.js'
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/lib/sandbox/sandbox.js'
import { startRoundRobin, type RoundRobin } from '../support/round-robin.js'
import { Shell, type Ending } from '../support/wsctl.js'

const TOKEN = 'test-token'
const BUSY: SandboxOptions = { users: 100, pace: { stayMs: 700, awayMs: 300 } }

describe('the checks before a run', function () {
  this.timeout(60_000)
  let shell: Shell
  let sandbox: Sandbox

  beforeEach(async () => {
    shell = await Shell.open()
  })

  afterEach(async () => {
    await sandbox.close()
    await shell.close()
  })

  async function boot(options: SandboxOptions = {}): Promise<void> {
    sandbox = await startSandbox({ adminToken: TOKEN, ...options })
  }

  function wsctl(argv: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ending> {
    return shell.run(argv, { WSCTL_SERVER: sandbox.url, WSCTL_TOKEN: TOKEN, ...environment })
  }

  async function modeOf(server = sandbox.url): Promise<string> {
    const { stdout } = await shell.run(['status', '--json', '--server', server], { WSCTL_TOKEN: TOKEN })
    return (JSON.parse(stdout) as { rollout: { mode: string } }).rollout.mode
  }

  /** A deploy that was refused before it wrote anything, be it to the server or to the records. */
  async function refusal(
    argv: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly reason: string; readonly suggestions: string }> {
    const { code, stdout } = await wsctl([...argv, '--json'], environment)
    const { exitCode, outcome, reason, rolloutId, error } = resultSchema.parse(JSON.parse(stdout))
    assert.deepEqual([code, exitCode, outcome, rolloutId], [13, 13, 'refused', null], reason)
    assert.equal(await modeOf(), 'disabled')
    assert.deepEqual(await readdir(join(shell.folder, 'state', 'runs')).catch(() => []), [])
    return { reason, suggestions: error?.suggestions.join('\n') ?? '' }
  }

  it('are one document under --json, and exit 0 when there are only warnings', async () => {
    await boot(BUSY)
    const { code, stdout } = await wsctl(['preflight', '--json'])
    const document = preflightDocumentSchema.parse(JSON.parse(stdout))
    assert.deepEqual([code, document.exitCode, document.outcome], [0, 0, 'completed'])
    assert.deepEqual(document.plan, { steps: 21, plannedMs: 36_010_000, longestMs: 72_020_000 })
    assert.ok((document.attemptsPerSecond ?? 0) > 0)
    assert.equal(await modeOf(), 'disabled')
  })

  it('end with exit code 13 and what to type when one of them fails', async () => {
    await boot()
    const { code, stdout, stderr } = await wsctl(['preflight', '--admin-path', '/api/nowhere'])
    assert.equal(code, 13)
    assert.match(stdout, /^preflight: refused \(exit 13\); 1 failure/)
    assert.match(stdout, /FAIL +server +GET \/api\/nowhere\/status answered 404/)
    assert.match(stdout, /Next\n.*--admin-path/)
    assert.equal(stderr, '')
  })

  it('refuse a deploy whose token does not live as long as the run', async () => {
    await boot()
    const token = sandbox.mintToken({ lifeMs: 30 * 60_000 })
    const { reason, suggestions } = await refusal(['deploy', 'gradual'], { WSCTL_TOKEN: token })
    assert.match(reason, /token-life: .* expires in [\d.]+m, and the run takes 10h/)
    assert.match(suggestions, /--token-command/)
    assert.ok(!reason.includes(token))
  })

  it('refuse every deploy to several processes behind one address', async () => {
    await boot(BUSY)
    const other = await startSandbox({ adminToken: TOKEN })
    let proxy: RoundRobin | null = null
    try {
      proxy = await startRoundRobin([sandbox.url, other.url])
      for (const argv of [['gradual'], ['full'], ['testing', '--test-users', 'ann']]) {
        const { reason, suggestions } = await refusal(['deploy', ...argv], { WSCTL_SERVER: proxy.url })
        assert.match(reason, /processes: several server processes answer at this address/)
        assert.match(suggestions, /name each process by its own address/)
      }
      assert.equal(await modeOf(other.url), 'disabled')
    } finally {
      await proxy?.close()
      await other.close()
    }
  })

  it('refuse a deploy with an environment file or records that cannot be written', async () => {
    await boot()
    const file = join(shell.folder, 'server.env')
    await writeFile(file, '')
    await chmod(file, 0o444)
    const readOnly = await refusal(['deploy', 'full', '--env-file', file])
    assert.match(readOnly.reason, /environment-file: .* is read-only/)
    const unwritable = await refusal(['deploy', 'full', '--state-dir', join(file, 'state')])
    assert.match(unwritable.reason, /records: .* cannot be written/)
  })

  it('are told on the way into a deploy where they warn, and kept with its result', async () => {
    await boot()
    const { code, stdout, stderr } = await wsctl(['deploy', 'full', '--json'])
    assert.equal(code, 0)
    assert.match(stderr, /^WARN traffic: nobody tried to connect in.*\n {5}- are users sent to this server/m)
    assert.doesNotMatch(stderr, /processes:/)
    const { warnings } = resultSchema.parse(JSON.parse(stdout))
    assert.ok(warnings.some((warning) => warning.startsWith('before the run, traffic: nobody tried to connect')))
  })

  it('are left out with --no-preflight', async () => {
    await boot()
    const token = sandbox.mintToken({ lifeMs: 30 * 60_000 })
    const argv = ['deploy', 'full', '--duration', '1h', '--no-preflight']
    const run = shell.start(argv, { WSCTL_SERVER: sandbox.url, WSCTL_TOKEN: token })
    while (!run.stderr().includes('observing')) {
      assert.equal(run.child.exitCode, null, run.stderr())
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    run.child.kill('SIGINT')
    const { stderr } = await run.ended
    assert.doesNotMatch(stderr, /token-life|traffic:/)
    assert.equal(await modeOf(), 'full')
  })
})
