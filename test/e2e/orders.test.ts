import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dryRunDocumentSchema } from '../../src/lib/contract/dry-run.js'
import { decodeEvent } from '../../src/lib/contract/event.js'
import type { EventOf } from '../../src/lib/core/event.js'
import { gradual, killWithCompanion, LiveServer, until } from '../support/live-server.js'

/** What `rollout list` tells of the one run that is under way. */
async function standing(live: LiveServer): Promise<{ readonly rolloutId: string; readonly state: string }> {
  const { stdout } = await live.wsctl('rollout', 'list', '--json')
  const { rollouts } = JSON.parse(stdout) as { rollouts: { rolloutId: string; state: string }[] }
  const [run] = rollouts
  assert.ok(run, 'no run is under way')
  return run
}

describe('a run that is led from another terminal', function () {
  this.timeout(60_000)
  const live = LiveServer.forEachTest()

  it('is paused, kept, resumed and promoted, each with the name of who did it', async () => {
    const run = live.start(...gradual({ max: '35' }))
    await until(() => run.stderr().includes('check passed'))
    const paused = await live.wsctl('rollout', 'pause', '--reason', 'on-call asks')
    assert.equal(paused.code, 0, paused.stderr)
    assert.match(paused.stdout, /step \d of 3 .*: paused by .+: on-call asks\./)
    await until(() => run.stderr().includes('passed, and kept: paused by'))
    assert.equal((await standing(live)).state, 'paused')
    const again = await live.wsctl('rollout', 'pause')
    assert.equal(again.code, 13)
    assert.match(again.stderr, /it is paused already, by .+\. Nothing was changed/)
    assert.equal((await live.wsctl('rollout', 'resume')).code, 0)
    const ending = await run.ended
    assert.equal(ending.code, 0, ending.stderr)
    assert.match(ending.stderr, /resumed by/)
  })

  it('refuses to promote a step that is over', async () => {
    const run = live.start(...gradual({ max: '35' }))
    await until(() => run.stderr().includes('step 2 of 3: the server shows'))
    const stale = await live.wsctl('rollout', 'promote', '--step', '1')
    assert.equal(stale.code, 13)
    assert.match(stale.stderr, /step 1 is over: the run is at step [23] of 3/)
    run.child.kill('SIGTERM')
    await run.ended
  })

  it('is aborted: whoever asked waits until everybody is verified back', async () => {
    const run = live.start(...gradual({ duration: '1m' }))
    await until(() => run.stderr().includes('check passed'))
    const aborted = await live.wsctl('rollout', 'abort', '--reason', 'enough')
    assert.equal(aborted.code, 0, aborted.stderr)
    assert.match(aborted.stdout, /aborted by .+: enough\. It ended: rolled-back\./)
    assert.equal(await live.settings(), 'disabled 0')
    assert.equal((await run.ended).code, 10)
  })

  it('is held where it is', async () => {
    const run = live.start(...gradual({ duration: '1m' }))
    await until(() => run.stderr().includes('check passed'))
    assert.equal((await live.wsctl('rollout', 'hold')).code, 0)
    const { code, stdout } = await run.ended
    assert.equal(code, 12)
    assert.match(stdout, /held by/)
    assert.equal(await live.settings(), 'gradual 5')
  })

  it('is watched to its end, with its exit code, and knows nothing of it', async () => {
    const run = live.start(...gradual())
    await until(() => run.stderr().includes('check passed'))
    const watching = live.wsctl('rollout', 'watch')
    const [{ code, stderr }, ending] = [await watching, await run.ended]
    assert.equal(code, ending.code)
    assert.match(stderr, /step 1 of 2: setting gradual 5 %/)
    assert.match(stderr, /deploy gradual ended: completed/)
  })

  it('that was left is told so by whoever leads or watches it', async () => {
    const run = live.start(...gradual({ duration: '1m' }))
    await until(() => run.stderr().includes('check passed'))
    const { rolloutId } = await standing(live)
    const watching = live.start('rollout', 'watch', rolloutId)
    await until(() => watching.stderr().includes('check passed'))
    await killWithCompanion(run)
    const watched = await watching.ended
    assert.equal(watched.code, 12)
    assert.match(watched.stderr, /was left without a process before its end/)
    assert.equal((await standing(live)).state, 'left')
    const order = await live.wsctl('rollout', 'pause', rolloutId)
    assert.equal(order.code, 13)
    assert.match(order.stderr, new RegExp(`wsctl rollout resume ${rolloutId}`))
  })

  it('is told which of several is meant, and that none is', async () => {
    const none = await live.wsctl('rollout', 'pause')
    assert.equal(none.code, 13)
    assert.match(none.stderr, /no run is under way/)
    assert.equal((await live.wsctl('rollout', 'promote', '--step', '0')).code, 2)
    assert.match((await live.wsctl('rollout', 'list')).stdout, /No run is under way, and none was left/)
  })

  it('keeps on record who ordered what', async () => {
    const run = live.start(...gradual({ duration: '1m' }))
    await until(() => run.stderr().includes('check passed'))
    const { rolloutId } = await standing(live)
    await live.wsctl('rollout', 'hold', '--reason', 'lunch')
    await run.ended
    const text = await readFile(join(live.shell.folder, 'state', 'runs', `${rolloutId}.jsonl`), 'utf8')
    const [order] = text
      .trim()
      .split('\n')
      .map(decodeEvent)
      .filter((event): event is ReturnType<typeof decodeEvent> & EventOf<'commanded'> => event.type === 'commanded')
    assert.deepEqual([order?.command.order, order?.command.reason, order?.objection], ['hold', 'lunch', null])
    assert.match(order?.command.by ?? '', /@/)
  })

  it('under --dry-run is left no order, and who gives it learns whether the run would follow it', async () => {
    const run = live.start(...gradual({ max: '35', duration: '20s' }))
    await until(() => run.stderr().includes('check passed'))
    const dry = async (...argv: readonly string[]) => {
      const { code, stdout, stderr } = await live.wsctl('rollout', ...argv, '--dry-run', '--json')
      assert.equal(code, 0, stderr)
      const [write, ...more] = dryRunDocumentSchema.parse(JSON.parse(stdout)).writes
      assert.ok(write?.kind === 'order' && more.length === 0)
      return write
    }
    const { rolloutId } = await standing(live)
    const pause = await dry('pause', '--reason', 'lunch')
    assert.deepEqual([pause.rolloutId, pause.order, pause.reason, pause.objection], [rolloutId, 'pause', 'lunch', null])
    assert.equal((await dry('abort')).objection, null)
    assert.match((await dry('promote', '--step', '3')).objection ?? '', /^step 3 has not begun/)
    assert.equal((await standing(live)).state, 'running')
    assert.equal((await live.wsctl('rollout', 'pause')).code, 0)
    assert.match((await dry('pause')).objection ?? '', /^it is paused already/)
    assert.equal((await dry('resume')).objection, null)
    assert.equal((await standing(live)).state, 'paused')
    assert.equal((await live.wsctl('rollout', 'hold')).code, 0)
    assert.equal((await run.ended).code, 12)
  })

  it('that was left is shown with what it has still to write, and not taken up', async () => {
    const run = live.start(...gradual({ max: '35', duration: '1m' }))
    await until(() => run.stderr().includes('step 1 of 3: the server shows'))
    const refused = await live.wsctl('rollout', 'resume', (await standing(live)).rolloutId, '--dry-run')
    assert.equal(refused.code, 13)
    assert.match(refused.stderr, /is at work on/)
    await killWithCompanion(run)
    for (const argv of [
      ['rollout', 'resume'],
      ['deploy', 'gradual', '--resume'],
    ]) {
      const { code, stdout, stderr } = await live.wsctl(...argv, '--dry-run', '--json')
      assert.equal(code, 0, stderr)
      const { writes, notes } = dryRunDocumentSchema.parse(JSON.parse(stdout))
      assert.deepEqual(
        writes.map((write) => write.kind === 'request' && [write.body?.['rollout_percentage'], write.when]),
        [
          [20, 'when step 1 has passed'],
          [35, 'when step 2 has passed'],
        ],
      )
      assert.match(notes[0] ?? '', /is taken up at step 1 of 3 \(gradual 5 %\)/)
    }
    assert.equal((await standing(live)).state, 'left')
  })
})
