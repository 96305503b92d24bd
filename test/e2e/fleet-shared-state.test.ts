import assert from 'node:assert/strict'
import { LiveFleet } from '../support/live-fleet.js'
import { gradual, killWithCompanion, until } from '../support/live-server.js'
import { SharedState } from '../support/shared-state.js'

describe('a run over several servers, whose state is shared on PostgreSQL', function () {
  this.timeout(120_000)
  const shared = SharedState.forEachTest()
  let fleet: LiveFleet

  beforeEach(async () => {
    fleet = await LiveFleet.open({}, {}, {})
  })
  afterEach(() => fleet.close())

  const there = (...argv: readonly string[]) =>
    shared.elsewhere.run(argv, { ...fleet.environment, WSCTL_STATE: shared.url })

  async function observing(duration: string) {
    const run = fleet.start(...gradual({ duration }), ...fleet.named, '--state', shared.url)
    await until(() => {
      assert.equal(run.child.exitCode, null, run.stderr())
      return run.stderr().includes('observing')
    })
    return run
  }

  it('is taken up elsewhere with all of its servers, once its lease is over', async () => {
    await killWithCompanion(await observing('3s'))
    // As any other machine sees it: whether its process lives cannot be known there.
    await shared.moveClaimsElsewhere()
    const early = await there('rollout', 'resume', '--yes')
    assert.equal(early.code, 13, early.stderr)
    await shared.run(`update wsctl.claim set leased_until = now()`)
    const resumed = await there('rollout', 'resume', '--yes')
    assert.equal(resumed.code, 0, resumed.stderr)
    assert.deepEqual(await fleet.standing(), ['gradual 20', 'gradual 20', 'gradual 20'])
  })

  it('is aborted from elsewhere, and takes everybody back on all of them', async () => {
    const run = await observing('60s')
    const aborted = await there('rollout', 'abort', '--reason', 'enough')
    assert.equal(aborted.code, 0, aborted.stderr)
    assert.equal((await run.ended).code, 10)
    assert.deepEqual(await fleet.standing(), ['disabled 0', 'disabled 0', 'disabled 0'])
  })

  it('keeps another from raising any of its servers from elsewhere', async () => {
    const run = await observing('60s')
    const [, one = ''] = fleet.urls
    const refused = await there(...gradual(), '--server', one)
    assert.equal(refused.code, 13, refused.stderr)
    assert.ok(refused.stderr.includes(`is at work on ${one} `), refused.stderr)
    run.child.kill('SIGINT')
    assert.equal((await run.ended).code, 12)
    assert.deepEqual(await fleet.standing(), ['gradual 5', 'gradual 5', 'gradual 5'])
  })
})
