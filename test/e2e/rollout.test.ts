import assert from 'node:assert/strict'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { resultSchema, type Result } from '../../src/lib/contract/result.js'
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/lib/sandbox/sandbox.js'
import { Shell, type Ending } from '../support/wsctl.js'

const TOKEN = 'test-token'
/** Many attempts a second, so that seconds are enough to judge. */
const BUSY: SandboxOptions = { users: 150, pace: { stayMs: 700, awayMs: 300 }, adminToken: TOKEN }
const QUICK = ['--poll-interval', '300ms', '--confirm-interval', '150ms']

/** `deploy gradual` with these limits; an option can be given only once. */
function gradual({ max = '50', duration = '1500ms' } = {}): readonly string[] {
  const range = ['--initial-percentage', '5', '--max-percentage', max, '--step-size', '15']
  return ['deploy', 'gradual', ...range, '--step-duration', duration, ...QUICK]
}

describe('wsctl against a live server', function () {
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
    sandbox = await startSandbox({ ...BUSY, ...options })
  }

  function wsctl(...argv: string[]): Promise<Ending> {
    return shell.run(argv, { WSCTL_SERVER: sandbox.url, WSCTL_TOKEN: TOKEN })
  }

  async function result(...argv: string[]): Promise<Result> {
    const { code, stdout } = await wsctl(...argv, '--json')
    const document = resultSchema.parse(JSON.parse(stdout))
    assert.equal(document.exitCode, code)
    return document
  }

  async function status(): Promise<{ mode: string; percentage: number; explicitRolloutUsers: number }> {
    const { stdout } = await wsctl('status', '--json')
    return (JSON.parse(stdout) as { rollout: { mode: string; percentage: number; explicitRolloutUsers: number } })
      .rollout
  }

  it('rolls back on the odds under sequential analysis, at the first check that chance does not explain', async () => {
    await boot({ faults: { fail: { probability: 0.5, fromPercentage: 20 } } })
    const { outcome, error, steps } = await result(...gradual(), '--analysis', 'sequential', '--max-error-rate', '2')
    assert.equal(outcome, 'rolled-back')
    assert.match(
      error?.message ?? '',
      /^[\d.]+ % of [\d,]+ attempts failed, limit 2 %; odds against chance [\w, ]+ to 1/,
    )
    assert.deepEqual(
      steps.map((step) => [step.percentage, step.outcome]),
      [
        [5, 'passed'],
        [20, 'failed'],
      ],
    )
    assert.equal((await status()).mode, 'disabled')
    // What came of it can be told again from the journal.
    const { stdout } = await wsctl('report', '--format', 'json')
    const report = JSON.parse(stdout) as { plan: { analysis: unknown }; checks: { odds: number | null }[] }
    assert.deepEqual(report.plan.analysis, { rule: 'sequential', confidence: 0.99, designEffect: 1 })
    assert.ok((report.checks.at(-1)?.odds ?? 0) >= 100)
  })

  it('refuses a confidence that is none, before anything is sent', async () => {
    await boot()
    const { code, stderr } = await wsctl(...gradual(), '--analysis', 'sequential', '--confidence', '0.3')
    assert.equal(code, 2)
    assert.match(stderr, /--confidence 0\.3: expected a number above 0\.5 and below 1/)
    assert.equal((await status()).mode, 'disabled')
  })

  it('raises 5, 20, 35, 50, each observed, and leaves the server there', async () => {
    await boot()
    const document = await result(...gradual())
    assert.equal(document.outcome, 'completed')
    assert.deepEqual(
      document.steps.map((step) => [step.percentage, step.outcome]),
      [
        [5, 'passed'],
        [20, 'passed'],
        [35, 'passed'],
        [50, 'passed'],
      ],
    )
    assert.ok(document.steps.every((step) => step.attempts >= 20 && step.errorRate === 0))
    const { mode, percentage } = await status()
    assert.deepEqual([mode, percentage], ['gradual', 50])
  })

  it('rolls back within the step when unified connections fail, and keeps the server there when it restarts', async () => {
    const environmentFile = join(shell.folder, 'server.env')
    await writeFile(environmentFile, '# the server\nWEBSOCKET_MIGRATION_MODE=disabled # mode\nOTHER="kept"\n')
    await boot({ faults: { fail: { probability: 0.8, fromPercentage: 20 } } })
    const document = await result(...gradual(), '--env-file', environmentFile)
    assert.equal(document.outcome, 'rolled-back')
    assert.equal(document.exitCode, 10)
    assert.match(
      document.reason,
      /error rate [\d.]+ % \(\d+ of \d+ attempts\), limit 5 %|\d+ routing errors within the window, limit 50/,
    )
    assert.deepEqual(
      document.steps.map((step) => step.percentage),
      [5, 20],
    )
    const { mode, percentage } = await status()
    assert.deepEqual([mode, percentage], ['disabled', 0])
    const file = await readFile(environmentFile, 'utf8')
    assert.match(file, /^# the server\nWEBSOCKET_MIGRATION_MODE=disabled # mode\nOTHER="kept"\n/)
    assert.match(file, /^WEBSOCKET_ROLLOUT_PERCENTAGE=0$/m)
  })

  it('rolls back when users are refused without an error', async () => {
    await boot({ faults: { refuse: { probability: 1, fromPercentage: 20 } } })
    const document = await result(...gradual())
    assert.equal(document.exitCode, 10)
    assert.match(document.reason, /reached the unified system/)
  })

  it('refuses to unpin users it does not know, and keeps them when they are named', async () => {
    const environmentFile = join(shell.folder, 'server.env')
    await writeFile(environmentFile, 'WEBSOCKET_ROLLOUT_USER_LIST=ann,ben,cat\n')
    await boot({ environmentFile })
    const refused = await result(...gradual())
    assert.equal(refused.exitCode, 13)
    assert.match(refused.error?.suggestions.join() ?? '', /--rollout-users/)
    assert.deepEqual(await status().then(({ mode, explicitRolloutUsers }) => [mode, explicitRolloutUsers]), [
      'disabled',
      3,
    ])

    const named = await result(...gradual({ max: '5' }), '--rollout-users', 'ann', 'ben', '--rollout-users', 'cat')
    assert.equal(named.exitCode, 0)
    assert.deepEqual(named.after?.rolloutUsers, ['ann', 'ben', 'cat'])
    assert.equal((await status()).explicitRolloutUsers, 3)

    const remembered = await result('configure', '--percentage', '7')
    assert.equal(remembered.exitCode, 0, 'the record of the run before knows the lists')
    assert.equal((await status()).explicitRolloutUsers, 3)
  })

  it('names the server in a refusal, and in every command that it suggests', async () => {
    await boot({ users: 0 })
    await wsctl('configure', '--mode', 'gradual', '--percentage', '60')
    const refused = await result(...gradual(), '--server', sandbox.url)
    assert.equal(refused.error?.code, 'lower-start')
    assert.equal(refused.server, sandbox.url)
    const commands = refused.error.suggestions.filter((line) => line.includes('wsctl '))
    assert.ok(commands.length > 0)
    for (const line of commands) assert.ok(line.endsWith(` --server ${sandbox.url}`), line)
  })

  it('says that an emergency rollback worked although the server answered 500', async () => {
    await boot({ users: 0 })
    await wsctl('deploy', 'testing', '--test-users', 'ann')
    const { code, stderr, stdout } = await wsctl('rollback', 'emergency', '--reason', 'incident 7')
    assert.equal(code, 0)
    assert.match(stderr, /500/)
    assert.match(stderr, /verified: new connections go to legacy/)
    assert.match(stdout, /incident 7/)
  })

  it('rolls back although neither .env nor the folder of records can be used', async () => {
    await boot({ users: 20 })
    await wsctl('configure', '--mode', 'full')
    await mkdir(join(shell.folder, '.env'))
    await writeFile(join(shell.folder, 'file'), '')
    const { code, stderr } = await wsctl('rollback', 'emergency', '--state-dir', join(shell.folder, 'file'))
    assert.equal(code, 0, stderr)
    assert.match(stderr, /Warning: the file .*\.env cannot be read/)
    await rm(join(shell.folder, '.env'), { recursive: true })
    assert.equal((await status()).mode, 'disabled')
  })

  it('ends a help text quietly when its reader leaves', async () => {
    await boot({ users: 0 })
    const run = shell.start(['deploy', 'gradual', '--help'])
    run.child.stdout.destroy()
    assert.equal((await run.ended).code, 0)
  })

  it('gives the line to run by hand when the server is down', async () => {
    await boot({ users: 0 })
    const { url } = sandbox
    await sandbox.close()
    const { code, stdout, stderr } = await wsctl('rollback', 'emergency', '--rollback-timeout', '1s')
    assert.equal(code, 11)
    assert.match(stdout, /users may still be on the unified system/)
    assert.ok(
      stdout.includes(
        `curl -X POST -H "Authorization: Bearer $WSCTL_TOKEN" '${url}/api/websocket-admin/emergency-rollback'`,
      ),
    )
    assert.ok(!(stdout + stderr).includes(TOKEN))
  })

  it('holds the percentage when interrupted, and says how to go on', async () => {
    await boot()
    const run = shell.start(gradual({ duration: '1m' }), { WSCTL_SERVER: sandbox.url, WSCTL_TOKEN: TOKEN })
    while (!run.stderr().includes('observing')) await new Promise((resolve) => setTimeout(resolve, 50))
    run.child.kill('SIGINT')
    const { code, stdout } = await run.ended
    assert.equal(code, 12)
    assert.match(stdout, /to go on: wsctl deploy gradual --initial-percentage 5 --max-percentage 50/)
    assert.match(stdout, /rollback emergency/)
    assert.equal((await status()).percentage, 5)
  })

  it('takes users back step by step, and lists what was done', async () => {
    await boot()
    await wsctl('deploy', 'full')
    const document = await result('rollback', 'gradual', '--step', '50', '--step-duration', '1s', ...QUICK)
    assert.equal(document.outcome, 'completed')
    assert.deepEqual(
      document.steps.map((step) => step.percentage),
      [50],
    )
    assert.equal((await status()).mode, 'disabled')

    const { stdout } = await wsctl('history', '--json')
    const { runs } = JSON.parse(stdout) as { runs: { rolloutId: string; command: string; outcome: string }[] }
    assert.deepEqual(
      runs.map(({ command, outcome }) => [command, outcome]),
      [
        ['rollback gradual', 'completed'],
        ['deploy full', 'completed'],
      ],
    )
    const one = await wsctl('history', runs[0]?.rolloutId ?? '')
    assert.equal(one.code, 0)
    assert.match(one.stdout, /disabled/)
  })

  it('only tells of a breach when asked to watch', async () => {
    await boot({ faults: { fail: { probability: 1 } } })
    await wsctl('configure', '--mode', 'gradual', '--percentage', '50')
    const document = await result('monitor', '--on-breach', 'exit', '--duration', '30s', ...QUICK)
    assert.equal(document.exitCode, 15)
    assert.equal((await status()).mode, 'gradual')
  })
})
