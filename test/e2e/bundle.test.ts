import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RunFolder } from '../../src/lib/adapters/run-folder.js'
import { planWatch } from '../../src/lib/core/plan.js'
import { certificatePath, json, Scene } from '../lib/adapters/axios-scene.js'
import { until } from '../support/live-server.js'
import { basis, MINUTE, Scene as RunScene } from '../support/rollouts.js'
import { ENTRY, Shell, type Ending } from '../support/wsctl.js'

/** The ways to a server, once more with what was built: there the libraries that go them are not whole. */
describe('the bundle', function () {
  this.timeout(60_000)
  const scene = new Scene()
  let shell: Shell

  beforeEach(async () => {
    shell = await Shell.open()
  })
  afterEach(async () => {
    await scene.close()
    await shell.close()
  })

  async function status(server: string, environment: Readonly<Record<string, string>> = {}): Promise<Ending> {
    const ending = await shell.run(['status', '--server', server], { WSCTL_TOKEN: 'secret', ...environment })
    assert.equal(ending.stdout, '')
    assert.doesNotMatch(ending.stderr, /a fault in wsctl/)
    return ending
  }

  it('works on a terminal', async () => {
    const spawn = 'import pty, sys, os; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))'
    const { code, stdout } = await shell.start(['-c', spawn, ENTRY, 'explain', '11'], {}, 'python3').ended
    assert.equal(code, 0, stdout)
    assert.match(stdout, /rollback-unverified/)
  })

  it('has threads left to find a server by its name when a disk hangs under all that is recorded', async function () {
    if (process.platform !== 'linux') this.skip()
    const watch = shell.start(['status', '--watch', '--server', 'http://localhost:1'])
    // Node's own are eleven, with four for files and names.
    await until(async () => (await readdir(`/proc/${watch.child.pid}/task`)).length >= 20)
    watch.child.kill()
    await watch.ended
  })

  it('takes a run of days up from its snapshot, which stands for what cannot be read any more', async () => {
    const long = new RunScene()
    await long.run(planWatch(basis(), { durationMs: 200 * MINUTE, onBreach: 'exit' }))
    const state = join(shell.folder, 'state')
    const journal = await new RunFolder(state).create('long')
    for (const event of long.journal.events.slice(0, -1)) await journal.append(event)
    await journal.close()
    await until(async () => (await readdir(join(state, 'runs'))).includes('long.snapshot'))
    const path = join(state, 'runs', 'long.jsonl')
    const lines = (await readFile(path, 'utf8')).split('\n')
    await writeFile(path, lines.with(10, 'x'.repeat(lines[10]?.length ?? 0)).join('\n'))
    const { code, stderr } = await shell.run(['rollout', 'resume', 'long', '--dry-run', '--state-dir', state])
    assert.equal(code, 0, stderr)
  })

  it('speaks TLS with a server whose authority is named, and with no other', async () => {
    const server = await scene.http((response) => json(response, 404, {}), 'server')
    const trusted = await status(server.url, { WSCTL_CA_FILE: certificatePath('authority') })
    assert.match(trusted.stderr, /answered 404/)
    assert.equal(server.received[0]?.headers.authorization, 'Bearer secret')
    const sent = server.received.length
    assert.match((await status(server.url)).stderr, /nobody trusted here vouches for the certificate/)
    assert.equal(server.received.length, sent)
  })

  it('goes through a proxy, by a tunnel to a server that speaks TLS', async () => {
    const server = await scene.http((response) => json(response, 404, {}), 'server')
    const tunnels = await scene.proxy(server.port)
    const environment = { HTTPS_PROXY: tunnels.url, WSCTL_CA_FILE: certificatePath('authority') }
    const { stderr } = await status(`https://wsctl.test:${server.port}`, environment)
    assert.match(stderr, /answered 404/)
    assert.equal(tunnels.received[0]?.path, `wsctl.test:${server.port}`)
    const plain = await scene.http((response) => json(response, 500, {}))
    await shell.run(['stats', '--server', 'http://wsctl.invalid:8000'], { HTTP_PROXY: plain.url })
    assert.match(plain.received[0]?.path ?? '', /^http:\/\/wsctl\.invalid:8000\//)
  })

  it('follows no redirect', async () => {
    const target = await scene.http((response) => json(response, 200, {}))
    const server = await scene.http((response) => {
      response.writeHead(302, { location: `${target.url}/elsewhere` }).end()
    })
    assert.match((await status(server.url)).stderr, /302/)
    assert.equal(target.connections(), 0)
  })

  it('tells what is wrong with an answer, and with none', async () => {
    const torn = await scene.raw((socket) => {
      socket.end('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"a":')
    })
    assert.match((await status(torn.url)).stderr, /was cut off after 5 bytes/)
    const silent = await scene.raw((socket) => socket.destroy())
    assert.match((await status(silent.url)).stderr, /closed the connection before it had answered/)
    const nobody = await status('http://127.0.0.1:1')
    assert.equal(nobody.code, 14)
    assert.match(nobody.stderr, /nothing is listening on 127\.0\.0\.1:1/)
  })

  it('tells lines of the source under DEBUG, and no stack otherwise', async () => {
    const argv = ['status', '--server', 'http://127.0.0.1:1']
    const { stderr } = await shell.run(argv, { DEBUG: '1' })
    const [, file = '', line = ''] = /\((\S*src\/lib\/adapters\/connection-failure\.ts):(\d+):\d+\)/.exec(stderr) ?? []
    const source = await readFile(join(ENTRY, '..', '..', file.slice(file.indexOf('src/'))), 'utf8')
    assert.match(source.split('\n')[Number(line) - 1] ?? '', /new CallError/)
    assert.doesNotMatch((await shell.run(argv)).stderr, /^\s+at /m)
  })

  it('is all that is installed', async () => {
    const text = await readFile(join(ENTRY, '..', '..', 'package.json'), 'utf8')
    assert.equal('dependencies' in (JSON.parse(text) as object), false)
    const notices = await readFile(join(ENTRY, '..', '..', 'dist', 'THIRD-PARTY.txt'), 'utf8')
    for (const name of ['@oclif/core', 'axios', 'echarts', 'zod']) {
      assert.match(notices, new RegExp(`^(.*, )?${name} \\d`, 'm'))
    }
  })
})
