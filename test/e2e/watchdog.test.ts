import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { companionOf, gradual, killWithCompanion, LiveServer, until } from '../support/live-server.js'

const MEGABYTE = 1024

describe('the companion of a run', function () {
  this.timeout(60_000)
  const live = LiveServer.forEachTest()

  before(function () {
    // It is looked up in the process table.
    if (process.platform !== 'linux') this.skip()
  })

  async function isGone(pid: number): Promise<boolean> {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    return text === '' || text.includes(') Z ')
  }

  async function observing(...argv: readonly string[]) {
    const run = live.start(...argv)
    await until(() => run.stderr().includes('check passed'))
    const companion = await companionOf(run)
    assert.ok(companion)
    return { ...run, companion }
  }

  async function only(suffix: string): Promise<string> {
    const folder = join(live.shell.folder, 'state', 'runs')
    const name = (await readdir(folder)).find((found) => found.endsWith(suffix)) ?? ''
    return readFile(join(folder, name), 'utf8')
  }

  async function untilEnded(): Promise<void> {
    await until(async () => (await only('.jsonl')).includes('"type":"finished"'))
  }

  it('that saw a run to its end is told of by the next command, once', async () => {
    const run = await observing(...gradual({ max: '35', duration: '2s' }))
    run.child.kill('SIGKILL')
    await run.ended
    await untilEnded()
    await until(() => isGone(run.companion))
    const { stderr } = await live.wsctl('status')
    assert.match(
      stderr,
      /deploy gradual \(.*\) lost its process, and its companion saw it to its end, held: .*wsctl history/,
    )
    assert.doesNotMatch((await live.wsctl('status')).stderr, /lost its process/)
  })

  it('is small, knows no token, and ends with the run', async () => {
    const run = await observing(...gradual({ max: '5' }))
    const status = await readFile(`/proc/${run.companion}/status`, 'utf8')
    const resident = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1])
    assert.ok(resident > 0 && resident < 60 * MEGABYTE, `${resident} kB`)
    const typed = await readFile(`/proc/${run.companion}/cmdline`, 'utf8')
    assert.match(typed, /rollout\0resume/)
    assert.ok(!typed.includes(live.environment['WSCTL_TOKEN'] ?? ''))
    assert.equal((await run.ended).code, 0)
    await until(() => isGone(run.companion))
    assert.equal(await live.settings(), 'gradual 5')
  })

  it('takes everybody back within 10 s of a kill -9, with nobody at the keyboard', async () => {
    const run = await observing(...gradual({ duration: '1m' }), '--on-crash', 'rollback')
    const killed = performance.now()
    run.child.kill('SIGKILL')
    await untilEnded()
    const seconds = (performance.now() - killed) / 1000
    assert.equal(await live.settings(), 'disabled 0')
    assert.ok(seconds < 10, `${seconds} s`)
    assert.match(await only('.log'), /the process that ran it died, and a rollback was asked for/)
    const { stdout, stderr } = await live.wsctl('history')
    assert.match(stdout, /deploy gradual {2}rolled-back/)
    assert.doesNotMatch(stderr, /left/)
  })

  it('sees the step to its end and raises nothing more, unless told otherwise', async () => {
    const run = await observing(...gradual({ duration: '3s' }))
    run.child.kill('SIGKILL')
    await untilEnded()
    assert.equal(await live.settings(), 'gradual 5')
    assert.match(await only('.log'), /step 1 of 2.*passed[^]*held \(exit 12\)/)
  })

  it('rolls back on a breach that the dead process never saw', async () => {
    const run = await observing(...gradual({ duration: '1m' }))
    run.child.kill('SIGKILL')
    live.sandbox.setFaults({ refuse: { probability: 1 } })
    await untilEnded()
    assert.equal(await live.settings(), 'disabled 0')
  })

  it('leaves a run that can be taken up when it is killed as well', async () => {
    const run = await observing(...gradual({ duration: '2s' }), '--on-crash', 'rollback')
    await killWithCompanion(run)
    assert.match((await live.wsctl('status')).stderr, /left without a process: last seen at 5 %/)
    assert.equal((await live.result('rollout', 'resume')).outcome, 'completed')
  })

  for (const resume of [
    ['rollout', 'resume'],
    ['deploy', 'gradual', '--resume'],
  ]) {
    it(`does what the run was begun with when it dies again after wsctl ${resume.join(' ')}`, async () => {
      await killWithCompanion(await observing(...gradual({ duration: '1m' }), '--on-crash', 'rollback'))
      const second = await observing(...resume)
      second.child.kill('SIGKILL')
      await untilEnded()
      assert.equal(await live.settings(), 'disabled 0')
    })
  }

  it('does what is said when the run is taken up, whatever it was begun with', async () => {
    await killWithCompanion(await observing(...gradual({ duration: '3s' }), '--on-crash', 'rollback'))
    const second = await observing('rollout', 'resume', '--on-crash', 'hold')
    second.child.kill('SIGKILL')
    await untilEnded()
    assert.equal(await live.settings(), 'gradual 5')
  })

  it('takes nothing over that an operator took up at the same moment', async () => {
    const run = await observing(...gradual({ duration: '6s' }))
    run.child.kill('SIGKILL')
    await run.ended
    const document = await live.result('rollout', 'resume')
    await untilEnded()
    const starts = (await only('.jsonl')).match(/"type":"resumed"/g)
    assert.equal(starts?.length, 1)
    assert.ok(document.outcome === 'completed' || document.error?.code === 'locked', document.reason)
  })
})
