import assert from 'node:assert/strict'
import { detachedDocumentSchema } from '../../src/lib/contract/detached.js'
import { historyDocumentSchema } from '../../src/lib/contract/history.js'
import { rolloutDocumentSchema, rolloutsDocumentSchema } from '../../src/lib/contract/rollout.js'
import { LiveFleet } from '../support/live-fleet.js'
import { gradual, until } from '../support/live-server.js'

describe('a run over several servers in the background', function () {
  this.timeout(120_000)
  let fleet: LiveFleet
  beforeEach(async () => {
    fleet = await LiveFleet.open({}, {}, {}, {})
  })
  afterEach(async () => {
    await fleet.close()
  })

  const all = (where: string) => fleet.urls.map(() => where)

  async function begin(duration: string): Promise<string> {
    const { code, stdout, stderr } = await fleet.wsctl(...gradual({ duration }), ...fleet.named, '--detach', '--json')
    assert.equal(code, 0, stderr)
    return detachedDocumentSchema.parse(JSON.parse(stdout)).rolloutId
  }

  async function document(...argv: readonly string[]): Promise<unknown> {
    const { code, stdout, stderr } = await fleet.wsctl(...argv, '--json')
    assert.equal(code, 0, stderr)
    return JSON.parse(stdout)
  }

  it('moves all of them to the end', async () => {
    const id = await begin('1500ms')
    const watched = await fleet.wsctl('rollout', 'watch', id)
    assert.equal(watched.code, 0, watched.stderr)
    assert.deepEqual(await fleet.standing(), all('gradual 20'))
  })

  it('is listed with its first servers and how many more, shown, and held on all', async () => {
    const id = await begin('60s')
    await until(async () => (await fleet.settings(fleet.urls[3] ?? '')) === 'gradual 5')
    const name = new RegExp(`^${fleet.urls.toSorted().slice(0, 3).join(', ')} and 1 more$`)
    const { rollouts } = rolloutsDocumentSchema.parse(await document('rollout', 'list'))
    assert.deepEqual(
      rollouts.map(({ rolloutId, state, percentage }) => ({ rolloutId, state, percentage })),
      [{ rolloutId: id, state: 'running', percentage: 5 }],
    )
    assert.match(rollouts[0]?.server ?? '', name)
    // One of them is enough to find it by.
    const found = rolloutsDocumentSchema.parse(await document('rollout', 'list', '--server', fleet.urls[2] ?? ''))
    assert.deepEqual(
      found.rollouts.map(({ rolloutId }) => rolloutId),
      [id],
    )
    assert.match(rolloutDocumentSchema.parse(await document('rollout', 'show')).server, name)
    for (const argv of [['rollout', 'list'], ['history'], ['rollout', 'show']]) {
      assert.match((await fleet.wsctl(...argv)).stdout, /and\s+1\s+more/, argv.join(' '))
    }
    const held = await fleet.wsctl('rollout', 'hold', '--reason', 'lunch')
    assert.equal(held.code, 0, held.stderr)
    assert.match(held.stdout, /It ended: held/)
    assert.deepEqual(await fleet.standing(), all('gradual 5'))
    const { runs } = historyDocumentSchema.parse(await document('history'))
    assert.deepEqual([runs[0]?.outcome, runs[0]?.exitCode], ['held', 12])
    assert.match(runs[0]?.server ?? '', name)
  })

  it('takes everybody back on all of them when it is aborted', async () => {
    await begin('60s')
    await until(async () => (await fleet.settings(fleet.urls[0] ?? '')) === 'gradual 5')
    const aborted = await fleet.wsctl('rollout', 'abort', '--reason', 'enough')
    assert.equal(aborted.code, 0, aborted.stderr)
    assert.match(aborted.stdout, /It ended: rolled-back/)
    assert.deepEqual(await fleet.standing(), all('disabled 0'))
  })

  it('is refused on a server of another run, which it names', async () => {
    const id = await begin('60s')
    const [, one = ''] = fleet.urls
    const refused = await fleet.wsctl(...gradual(), '--server', one)
    assert.equal(refused.code, 13)
    assert.ok(refused.stderr.includes(id) && refused.stderr.includes(`is at work on ${one} `), refused.stderr)
    assert.equal((await fleet.wsctl('rollout', 'hold', id)).code, 0)
  })
})
