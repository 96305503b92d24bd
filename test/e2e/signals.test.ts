import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findProcess } from '../../src/lib/adapters/os-process.js'
import { detachedDocumentSchema, type DetachedDocument } from '../../src/lib/contract/detached.js'
import { unfinishedDocumentSchema } from '../../src/lib/contract/history.js'
import { gradual, LiveServer, until } from '../support/live-server.js'
import { ENTRY } from '../support/wsctl.js'

/** Two signals within a moment are one request. */
const A_MOMENT_MS = 400

describe('wsctl when it is told to stop', function () {
  this.timeout(60_000)
  let live: LiveServer
  const inBackground: number[] = []

  beforeEach(async () => {
    live = await LiveServer.open()
  })

  afterEach(async () => {
    for (const pid of inBackground.splice(0)) if (await findProcess(pid)) process.kill(pid, 'SIGTERM')
    await live.close()
  })

  async function observing(...argv: readonly string[]) {
    const run = live.start(...argv)
    await until(() => run.stderr().includes('check passed'))
    return run
  }

  async function journal(): Promise<string> {
    const folder = join(live.shell.folder, 'state', 'runs')
    const name = (await readdir(folder)).find((found) => found.endsWith('.jsonl')) ?? ''
    return readFile(join(folder, name), 'utf8')
  }

  async function detached(...argv: readonly string[]): Promise<DetachedDocument> {
    const { stdout } = await live.wsctl(...argv, '--detach', '--json')
    const document = detachedDocumentSchema.parse(JSON.parse(stdout))
    inBackground.push(document.pid)
    return document
  }

  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    it(`holds the percentage on ${signal}, and leaves nothing to be taken up`, async () => {
      const run = await observing(...gradual({ duration: '1m' }))
      run.child.kill(signal)
      const { code, stderr } = await run.ended
      assert.equal(code, 12)
      assert.match(stderr, new RegExp(`${signal} received: the percentage is held where it is`))
      assert.equal(await live.settings(), 'gradual 5')
      assert.doesNotMatch((await live.wsctl('status')).stderr, /left/)
    })
  }

  it('holds at once, without an answer, when a reading hangs', async () => {
    const run = await observing(...gradual({ duration: '1m' }))
    live.sandbox.setFaults({ api: { kind: 'hang' } })
    await sleep(A_MOMENT_MS)
    run.child.kill('SIGINT')
    const { code, stderr } = await run.ended
    live.sandbox.setFaults({})
    assert.equal(code, 12)
    assert.match(stderr, /SIGINT received: the percentage is held where it is/)
    assert.doesNotMatch(stderr, /without a valid answer|given up|Interrupted:/)
    assert.equal(await live.settings(), 'gradual 5')
  })

  it('says at once that it was heard when it waits for a write, whose outcome it tells', async () => {
    const run = live.start(...gradual({ duration: '1m' }), '--timeout', '2s', '--no-preflight', '--json')
    live.sandbox.setFaults({ api: { kind: 'hang', calls: 'configure' } })
    await until(() => run.stderr().includes('setting gradual 5 %'))
    await sleep(A_MOMENT_MS)
    run.child.kill('SIGINT')
    const { code, stderr } = await run.ended
    live.sandbox.setFaults({})
    assert.equal(code, 12)
    const acknowledged = stderr.indexOf(
      'Interrupted: the percentage is held where it is as soon as the present request',
    )
    assert.ok(acknowledged > 0 && acknowledged < stderr.indexOf('writing it failed'), stderr)
    assert.equal(stderr.split('Interrupted: ').length, 2)
    assert.match(stderr, /answered, within 2s; Ctrl-C once more leaves at once/)
    assert.match(await journal(), /"type":"write-answered".*\n.*"type":"interrupted"/)
  })

  it('leaves at the second Ctrl-C, says how to go on, and nobody takes over', async () => {
    const run = await observing(...gradual({ duration: '2s' }), '--on-crash', 'rollback')
    live.sandbox.setFaults({ api: { kind: 'hang', calls: 'configure' } })
    await until(() => run.stderr().includes('setting gradual 20 %'))
    await sleep(A_MOMENT_MS)
    run.child.kill('SIGINT')
    await sleep(A_MOMENT_MS)
    run.child.kill('SIGINT')
    const { code, stderr } = await run.ended
    live.sandbox.setFaults({})
    assert.equal(code, 12)
    assert.match(stderr, /Left deploy gradual .* without finishing: the server stays as it is/)
    const [, id = ''] = /to go on with it: {2}wsctl rollout resume (\S+)/.exec(stderr) ?? []
    assert.equal(await live.settings(), 'gradual 5')
    assert.equal((await live.result('rollout', 'resume', id)).outcome, 'completed')
    assert.equal((await journal()).match(/"type":"resumed"/g)?.length, 1)
  })

  it('finishes a rollback that was under way, even without the one who left', async () => {
    const run = await observing(...gradual({ duration: '1m' }), '--on-interrupt', 'rollback')
    live.sandbox.setFaults({ api: { kind: 'error' } })
    run.child.kill('SIGINT')
    await until(() => run.stderr().includes('reading back failed'))
    await sleep(A_MOMENT_MS)
    run.child.kill('SIGINT')
    const { code, stderr } = await run.ended
    live.sandbox.setFaults({})
    assert.equal(code, 11)
    assert.match(stderr, /in the middle of a rollback, which goes on in the background: .*\.log/)
    await until(async () => (await journal()).includes('"type":"finished"'))
    assert.equal(await live.settings(), 'disabled 0')
  })

  it('in the background goes on when its terminal is closed, and holds when it is told to end', async () => {
    const { rolloutId, pid, log } = await detached(...gradual({ duration: '1m' }))
    await until(async () => (await readFile(log, 'utf8')).includes('check passed'))
    process.kill(pid, 'SIGHUP')
    const before = (await journal()).length
    await until(async () => (await journal()).length > before)
    assert.match((await live.wsctl('history')).stdout, /deploy gradual {2}running/)
    assert.match(
      (await live.wsctl('history', rolloutId)).stdout,
      new RegExp(`wsctl rollout hold ${rolloutId}\n[^]*less ${log}`),
    )
    const { stdout } = await live.wsctl('history', rolloutId, '--json')
    const document = unfinishedDocumentSchema.parse(JSON.parse(stdout))
    assert.deepEqual([document.state, document.outcome, document.rolloutId], ['running', null, rolloutId])
    process.kill(pid, 'SIGTERM')
    await until(async () => (await readFile(log, 'utf8')).includes('held (exit 12)'))
    assert.equal(await live.settings(), 'gradual 5')
  })

  it('in the background streams its events from the first on', async () => {
    const events = join(live.shell.folder, 'events.jsonl')
    const { rolloutId } = await detached(...gradual({ max: '5' }), '--events', events)
    await until(async () => (await readFile(events, 'utf8')).includes('"type":"finished"'))
    assert.equal(await readFile(events, 'utf8'), await journal())
    assert.match(await journal(), new RegExp(`^.*"rolloutId":"${rolloutId}".*"type":"started".*\n.*"type":"resumed"`))
  })

  it('tells in the foreground what keeps it from going to the background', async () => {
    const { rolloutId, pid } = await detached(...gradual({ duration: '1m' }))
    const { code, stderr } = await live.wsctl(...gradual(), '--detach')
    assert.equal(code, 13)
    assert.match(stderr, new RegExp(`${rolloutId}.* process ${pid}, is at work`))
    process.kill(pid, 'SIGTERM')
    await until(async () => (await journal()).includes('"type":"finished"'))
    assert.equal((await live.wsctl(...gradual(), '--detach', '--events', '-')).code, 2)
  })

  it('does not stop when whoever read its output leaves', async () => {
    const command = `"$0" "$@" --events - 2>&1 | head -1`
    const shell = spawn('sh', ['-c', command, process.execPath, ENTRY, ...gradual({ max: '5' })], {
      cwd: live.shell.folder,
      env: { ...live.shell.environment, ...live.environment },
      stdio: 'ignore',
    })
    await once(shell, 'exit')
    await until(async () => (await journal()).includes('"type":"finished"'))
    assert.match(await journal(), /"type":"finished","outcome":"completed"/)
    assert.equal(await live.settings(), 'gradual 5')
  })
})
