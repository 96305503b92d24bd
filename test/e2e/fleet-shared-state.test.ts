import assert from 'node:assert/strict'
import { LiveFleet } from '../support/live-fleet.js'
import { gradual, killWithCompanion, until } from '../support/live-server.js'
import { Postgres } from '../support/postgres.js'
import { Shell } from '../support/wsctl.js'

describe('a run over several servers, whose state is shared on PostgreSQL', function () {
  this.timeout(120_000)
  let postgres: Postgres
  let fleet: LiveFleet
  /** Another machine: its own home, its own folder of records, and nothing of the first but the URL. */
  let elsewhere: Shell
  let url: string

  before(async () => {
    postgres = await Postgres.open()
  })
  after(() => postgres.close())
  beforeEach(async () => {
    fleet = await LiveFleet.open({}, {}, {})
    elsewhere = await Shell.open()
    url = await postgres.database()
  })
  afterEach(async () => {
    await fleet.close()
    await elsewhere.close()
  })

  const there = (...argv: readonly string[]) => elsewhere.run(argv, { ...fleet.environment, WSCTL_STATE: url })
  const inDatabase = (sql: string) => postgres.run(new URL(url).pathname.slice(1), sql)

  async function observing(duration: string) {
    const run = fleet.start(...gradual({ duration }), ...fleet.named, '--state', url)
    await until(() => {
      assert.equal(run.child.exitCode, null, run.stderr())
      return run.stderr().includes('observing')
    })
    return run
  }

  it('is taken up elsewhere with all of its servers, once its lease is over', async () => {
    await killWithCompanion(await observing('3s'))
    // As any other machine sees it: whether its process lives cannot be known there.
    await inDatabase(`update wsctl.claim set claim = replace(claim, '"place":"', '"place":"another ')`)
    const early = await there('rollout', 'resume', '--yes')
    assert.equal(early.code, 13, early.stderr)
    await inDatabase(`update wsctl.claim set leased_until = now()`)
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
