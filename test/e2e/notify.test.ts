import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import axios from 'axios'
import { noticeSchema, notifyTestSchema } from '../../src/lib/contract/notice.js'
import { resultSchema } from '../../src/lib/contract/result.js'
import { Scene, type Listening } from '../lib/adapters/axios-scene.js'
import { gradual, killWithCompanion, LiveServer, until } from '../support/live-server.js'

const SECRET_PATH = '/services/T0/XSecretX'

describe('notifications of the command line', function () {
  this.timeout(60_000)
  let live: LiveServer
  let scene: Scene
  let hook: Listening

  beforeEach(async () => {
    live = await LiveServer.open()
    scene = new Scene()
    hook = await scene.http((response) => response.end('ok'))
  })

  afterEach(async () => {
    await scene.close()
    await live.close()
  })

  function start(...argv: readonly string[]) {
    return live.shell.start(argv, { ...live.environment, CHAT: `${hook.url}${SECRET_PATH}` })
  }

  /** What arrived at the webhook, each as `event key`. */
  function arrived(): readonly string[] {
    return hook.received.flatMap(({ path, body }) => {
      if (path !== '/hook') return []
      const { event, key } = noticeSchema.parse(JSON.parse(body))
      return [`${event} ${key.split('/')[1] ?? ''}`]
    })
  }

  function eventsOf(lines: readonly string[]): readonly string[] {
    return lines.map((line) => line.split(' ')[0] ?? '')
  }

  it('tell of a run from its start to its end', async () => {
    const { code } = await start(...gradual(), '--notify', `webhook=${hook.url}/hook`, '--notify', 'slack=env:CHAT')
      .ended
    assert.equal(code, 0)
    assert.deepEqual(eventsOf(arrived()), ['started', 'step-passed', 'step-passed', 'finished'])
    assert.equal(hook.received.filter(({ path }) => path === SECRET_PATH).length, 4)
  })

  it('hold nothing up where they do not arrive, and say so at the end', async () => {
    const hanging = await scene.http(() => undefined)
    const broken = await scene.http((response) => response.writeHead(500).end())
    const notify = [hanging, broken].flatMap(({ url }) => ['--notify', `webhook=${url}${SECRET_PATH}`])
    const { code, stdout, stderr } = await start(...gradual({ max: '5' }), ...notify, '--json').ended
    assert.equal(code, 0, stderr)
    const { warnings, steps } = resultSchema.parse(JSON.parse(stdout))
    assert.equal(steps[0]?.outcome, 'passed')
    const about = (event: string, { port }: Listening) =>
      warnings.filter((line) =>
        line.startsWith(`the notification "${event}" did not reach webhook (127.0.0.1:${port})`),
      )
    for (const event of ['started', 'step-passed', 'finished']) assert.equal(about(event, hanging).length, 1, event)
    for (const event of ['started', 'step-passed', 'finished']) {
      const attempts = broken.received.filter(({ body }) => noticeSchema.parse(JSON.parse(body)).event === event).length
      assert.ok(attempts > 1, event)
      const reason = `it answered 500 Internal Server Error, ${attempts} attempts`
      assert.ok(about(event, broken)[0]?.endsWith(reason), about(event, broken)[0])
    }
    assert.doesNotMatch(stdout + stderr, /XSecretX/)
    assert.match(stderr, /Delivering the last notifications/)
  })

  it('arrive once each when the run is killed and its companion takes over', async function () {
    if (process.platform !== 'linux') this.skip()
    const run = start(...gradual({ duration: '3s' }), '--notify', `webhook=${hook.url}/hook`)
    await until(() => run.stderr().includes('check passed') && arrived().length > 0)
    run.child.kill('SIGKILL')
    await run.ended
    await until(() => eventsOf(arrived()).includes('held'))
    assert.deepEqual(eventsOf(arrived()), ['started', 'step-passed', 'held'])
    assert.equal(new Set(arrived()).size, 3)
  })

  it('tell whoever is named on resuming of what happens from then on', async function () {
    if (process.platform !== 'linux') this.skip()
    const run = start(...gradual({ duration: '3s' }))
    await until(() => run.stderr().includes('check passed'))
    await killWithCompanion(run)
    const { code, stderr } = await start('rollout', 'resume', '--notify', `webhook=${hook.url}/hook`).ended
    assert.equal(code, 0, stderr)
    assert.deepEqual(eventsOf(arrived()), ['step-passed', 'step-passed', 'finished'])
  })

  it('come from the background as well, with the metrics', async () => {
    const { stdout } = await start(
      ...gradual({ duration: '20s' }),
      ...['--notify', `webhook=${hook.url}/hook`, '--metrics-listen', '127.0.0.1:0', '--detach', '--json'],
    ).ended
    const { pid, log } = JSON.parse(stdout) as { readonly pid: number; readonly log: string }
    try {
      const shown = /metrics are served at (http\S+)/
      await until(async () => shown.test(await readFile(log, 'utf8')) && arrived().length > 0)
      const [, url = ''] = shown.exec(await readFile(log, 'utf8')) ?? []
      await until(async () => /^wsctl_unified_users_ratio 0\.05$/m.test((await axios.get<string>(url)).data))
    } finally {
      process.kill(pid, 'SIGTERM')
    }
    await until(() => eventsOf(arrived()).includes('held'))
    assert.deepEqual(eventsOf(arrived()), ['started', 'held'])
  })

  it('stop nobody in an emergency', async () => {
    const { code, stderr } = await start('rollback', 'emergency', '--notify', 'slack=env:NOT_SET').ended
    assert.equal(code, 0, stderr)
    assert.match(stderr, /Warning: not everybody will be notified: the variable NOT_SET/)
  })

  it('refuse a run before anything is sent, when nobody could be notified or metrics shown', async () => {
    const server = await scene.http((response) => response.writeHead(500).end())
    const file = join(live.shell.folder, 'metrics.txt')
    for (const [flags, message] of [
      [['--notify', 'slack=env:NOT_SET'], /NOT_SET.*is not set/],
      [['--notify', `slack=${hook.url}${SECRET_PATH}`], /list of processes/],
      [['--metrics-listen', `127.0.0.1:${hook.port}`], /is taken/],
      [['--metrics-listen', 'localhost'], /no address to listen at/],
      [['--metrics-listen', `127.0.0.1:${hook.port}`, '--detach'], /is taken/],
      [['--metrics-file', file], /has to end in \.prom/],
    ] as const) {
      const { code, stderr } = await live.shell.run([...gradual(), ...flags], { WSCTL_SERVER: server.url })
      assert.equal(code, 2, stderr)
      assert.match(stderr, message)
      assert.doesNotMatch(stderr, /XSecretX/)
    }
    assert.equal(server.received.length, 0)
  })

  it('can be tested, target by target', async () => {
    const broken = await scene.http((response) => response.writeHead(403).end('invalid_token'))
    const well = ['notify', 'test', '--notify', `webhook=${hook.url}/hook`, '--notify', 'slack=env:CHAT']
    const first = await start(...well).ended
    assert.equal(first.code, 0, first.stderr)
    assert.match(first.stdout, /^ok +webhook \(127\.0\.0\.1:\d+\) +delivered/m)
    assert.deepEqual(eventsOf(arrived()), ['test'])
    const second = await start(...well, '--notify', `webhook=${broken.url}/hook`, '--json').ended
    assert.equal(second.code, 1)
    const { targets, outcome } = notifyTestSchema.parse(JSON.parse(second.stdout))
    assert.equal(outcome, 'failed')
    assert.deepEqual(
      targets.map(({ delivered }) => delivered),
      [true, true, false],
    )
    assert.equal(targets[2]?.message, 'it answered 403 Forbidden: invalid_token')
    assert.equal((await start('notify', 'test').ended).code, 2)
  })
})
