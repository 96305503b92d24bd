import assert from 'node:assert/strict'
import { surroundings } from '../../support/environment.js'
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../src/lib/adapters/system-clock.js'
import { openOperation, type OperationFlags } from '../../../src/lib/cli/operation.js'
import { gradualFacts } from '../../../src/lib/cli/preflight.js'
import { takeReadings } from '../../../src/lib/cli/preflight-facts.js'
import { surveyOf } from '../../../src/lib/core/preflight-facts.js'
import { examine, type PreflightCheck } from '../../../src/lib/core/preflight.js'
import type { Clock } from '../../../src/lib/ports/clock.js'
import { startSandbox, type Sandbox, type SandboxOptions } from '../../../src/lib/sandbox/sandbox.js'
import { callError, FakeClock, FakeServer } from '../../support/fakes.js'
import { finding } from '../../support/preflight.js'
import { gradualOptions, MINUTE } from '../../support/rollouts.js'
import { startRoundRobin } from '../../support/round-robin.js'

const TOKEN = 'test-token'
/** Does not wait between readings. */
const HASTY: Clock = { ...systemClock, sleep: () => Promise.resolve() }
const BUSY: SandboxOptions = { users: 60, pace: { stayMs: 300, awayMs: 100 } }

describe('preflight against a live server', () => {
  let folder: string
  const closers: (() => Promise<void>)[] = []

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wsctl-test-'))
  })

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
    await rm(folder, { recursive: true, force: true })
  })

  async function boot(options: SandboxOptions = {}): Promise<Sandbox> {
    const sandbox = await startSandbox({ adminToken: TOKEN, ...options })
    closers.push(() => sandbox.close())
    return sandbox
  }

  async function look(
    server: string,
    {
      token = TOKEN,
      clock = HASTY,
      ...flags
    }: OperationFlags & { readonly token?: string; readonly clock?: Clock } = {},
  ) {
    const all = { server, 'state-dir': join(folder, 'state'), ...flags }
    const operation = await openOperation(all, surroundings({ WSCTL_TOKEN: token }))
    return examine(await gradualFacts(operation, gradualOptions(), clock))
  }

  function expect(
    report: Awaited<ReturnType<typeof look>>,
    check: PreflightCheck,
    verdict: ReturnType<typeof finding>['verdict'],
    words = /./,
  ): void {
    const found = finding(report, check)
    assert.equal(found.verdict, verdict, `${check}: ${found.reason}`)
    assert.match([found.reason, ...found.suggestions].join('\n'), words)
  }

  async function configure(sandbox: Sandbox, percentage: number, more: object = {}): Promise<void> {
    const answer = await fetch(`${sandbox.url}/api/websocket-admin/configure`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ migration_mode: 'gradual', rollout_percentage: percentage, ...more }),
    })
    assert.equal(answer.status, 200)
  }

  it('passes with users who come and go, a token that lives, and an environment file', async () => {
    const sandbox = await boot(BUSY)
    const file = join(folder, 'server.env')
    await writeFile(file, 'WEBSOCKET_MIGRATION_MODE=disabled\n')
    const token = sandbox.mintToken({ lifeMs: 60 * MINUTE })
    const report = await look(sandbox.url, { token, clock: systemClock, 'env-file': file })
    assert.deepEqual([report.findings.filter(({ verdict }) => verdict !== 'pass'), report.unchecked], [[], []])
    expect(report, 'traffic', 'pass', /^[1-9]\d* attempts in [\d.]+s, about \d+ a second/)
    expect(report, 'token-life', 'pass', /expires in (59.9|60)m; the run takes 20m/)
    assert.deepEqual(await readdir(folder), ['server.env', 'state'], 'a check alone makes no copy')
    assert.deepEqual(await readdir(join(folder, 'state', 'runs')), [], 'the file that was written for a test is gone')
  })

  it('sends fourteen requests at the most', async () => {
    const one = await boot()
    const proxy = await startRoundRobin([one.url])
    closers.push(() => proxy.close())
    await look(proxy.url)
    assert.equal(proxy.connections(), 9, 'seven readings, the health, the counters')

    const other = await boot()
    await configure(other, 20)
    const pair = await startRoundRobin([one.url, other.url])
    closers.push(() => pair.close())
    await look(pair.url)
    assert.ok(pair.connections() <= 14, `${pair.connections()} requests`)
  })

  describe('tells the token from the path', () => {
    for (const [what, account, words] of [
      ['of somebody who is no admin', 'user', /403/],
      ['of an admin who has been deleted', 'deleted', /deleted/],
    ] as const) {
      it(`when it is the token ${what}`, async () => {
        const sandbox = await boot()
        const report = await look(sandbox.url, { token: sandbox.mintToken({ account }) })
        expect(report, 'server', 'pass')
        expect(report, 'token', 'fail', words)
        expect(report, 'processes', 'unchecked')
      })
    }

    it('when the token is wrong', async () => {
      const sandbox = await boot()
      const report = await look(sandbox.url, { token: 'wrong' })
      expect(report, 'server', 'pass')
      expect(report, 'token', 'fail', /401/)
    })

    it('when there is no token', async () => {
      const sandbox = await boot()
      const report = await look(sandbox.url, { token: '' })
      expect(report, 'token', 'fail', /no token was given/)
      expect(report, 'token-life', 'unchecked')
    })

    it('when the token has expired', async () => {
      const sandbox = await boot()
      const report = await look(sandbox.url, { token: sandbox.mintToken({ lifeMs: -2 * MINUTE }) })
      expect(report, 'token', 'fail', /401.*\n.*expired at/)
      expect(report, 'token-life', 'fail', /expired 2m ago/)
    })

    it('when the admin path is wrong', async () => {
      const sandbox = await boot({ adminPath: '/api/admin/websocket-admin' })
      const report = await look(sandbox.url)
      expect(report, 'server', 'fail', /--admin-path \/api\/admin\/websocket-admin/)
      expect(report, 'token', 'unchecked')
      expect(report, 'stats', 'pass')
    })
  })

  it('warns of a wrong path of the counters', async () => {
    const sandbox = await boot({ statsPath: '/api/websocket/ws/stats' })
    const report = await look(sandbox.url)
    expect(report, 'stats', 'warn', /--stats-path \/api\/websocket\/ws\/stats/)
    expect(report, 'server', 'pass')
  })

  it('fails when nothing listens, without one passed check about the server', async () => {
    const sandbox = await boot()
    const { url } = sandbox
    await sandbox.close()
    const report = await look(url)
    expect(report, 'server', 'fail', /nothing is listening/)
    for (const check of ['token', 'stats', 'processes', 'start', 'pinned-users', 'traffic', 'health'] as const) {
      expect(report, check, 'unchecked')
    }
  })

  it('fails when the token lives shorter than the run, unless it can be renewed', async () => {
    const sandbox = await boot()
    const token = sandbox.mintToken({ lifeMs: 10 * MINUTE })
    expect(await look(sandbox.url, { token }), 'token-life', 'fail', /the run takes 20m/)
    const file = join(folder, 'token')
    await writeFile(file, token)
    expect(await look(sandbox.url, { 'token-file': file }), 'token-life', 'pass', /a new one is taken from the file/)
  })

  it('finds two processes behind one address by their settings', async () => {
    const [one, other] = [await boot(), await boot()]
    await configure(other, 20)
    const proxy = await startRoundRobin([one.url, other.url])
    closers.push(() => proxy.close())
    const report = await look(proxy.url)
    expect(
      report,
      'processes',
      'fail',
      /several server processes.*(disabled 0 % or gradual 20 %|gradual 20 % or disabled 0 %)[^]*--server/,
    )
    expect(report, 'traffic', 'unchecked')
  })

  it('finds two processes behind one address by their counters, when their settings are the same', async () => {
    const [one, other] = [await boot(BUSY), await boot()]
    await systemClock.sleep(400)
    const proxy = await startRoundRobin([one.url, other.url])
    closers.push(() => proxy.close())
    expect(await look(proxy.url), 'processes', 'fail', /several server processes.*counted/)
  })

  it('does not take a restart for several processes', async () => {
    const sandbox = await boot(BUSY)
    await systemClock.sleep(400)
    let pauses = 0
    const sleep = async (): Promise<void> => {
      if (++pauses === 3) await sandbox.restart()
    }
    const report = await look(sandbox.url, { clock: { ...systemClock, sleep } })
    expect(report, 'processes', 'fail', /the server restarted/)
  })

  it('warns when nobody connects, when the server is degraded, and when the fallback is off', async () => {
    const sandbox = await boot({ ...BUSY, faults: { fail: { probability: 1 } } })
    await configure(sandbox, 100, { legacy_fallback: false })
    await systemClock.sleep(400)
    const report = await look(sandbox.url)
    expect(report, 'health', 'warn', /High routing errors: \d+/)
    expect(report, 'fallback', 'warn')
    expect(await look((await boot()).url), 'traffic', 'warn', /nobody tried to connect/)
  })

  it('fails with pinned users that are not known, and passes once they are named', async () => {
    const sandbox = await boot()
    await configure(sandbox, 5, { rollout_user_list: ['ann', 'ben'] })
    expect(await look(sandbox.url), 'pinned-users', 'fail', /--rollout-users/)
    expect(await look(sandbox.url, { 'rollout-users': ['ann,ben'] }), 'pinned-users', 'pass')
  })

  it('fails when the run would begin below where the server is, with the command to type', async () => {
    const sandbox = await boot()
    await configure(sandbox, 20)
    expect(await look(sandbox.url), 'start', 'fail', /deploy gradual --initial-percentage 20 --max-percentage 50/)
  })

  it('fails with an environment file that is read-only, and with records that cannot be written', async () => {
    const sandbox = await boot()
    const file = join(folder, 'server.env')
    await writeFile(file, '')
    await chmod(file, 0o444)
    const report = await look(sandbox.url, { 'env-file': file, 'state-dir': join(file, 'state') })
    expect(report, 'environment-file', 'fail', /chmod u\+w/)
    expect(report, 'records', 'fail', /--state-dir/)
  })

  describe('while it reads the server', () => {
    it('stops at the first call that fails', async () => {
      const clock = new FakeClock()
      const server = new FakeServer(clock)
      let calls = 0
      server.fault = () => {
        if (++calls === 3) throw callError('server-error', 503)
      }
      const { readings, readFailure } = await takeReadings(server, clock)
      assert.deepEqual([readings.length, readFailure?.failure.status], [2, 503])
    })

    it('does not go on for long when each answer takes long', async () => {
      const clock = new FakeClock()
      const server = new FakeServer(clock)
      server.fault = () => clock.pass(2000)
      const { readings } = await takeReadings(server, clock)
      assert.deepEqual([readings.length, surveyOf({ readings })], [2, 'too-few'])
    })

    it('follows a doubt to its end, however long each answer takes', async () => {
      const clock = new FakeClock()
      const server = new FakeServer(clock)
      server.fault = () => {
        clock.pass(1000)
        server.settings = { ...server.settings, percentage: 20 - server.settings.percentage }
      }
      const { readings } = await takeReadings(server, clock)
      assert.equal(surveyOf({ readings }), 'several-processes')
    })

    it('reports a fault of wsctl itself as what it is', async () => {
      const clock = new FakeClock()
      const server = new FakeServer(clock)
      server.fault = () => {
        throw new TypeError('a slip')
      }
      await assert.rejects(takeReadings(server, clock), TypeError)
    })
  })
})
