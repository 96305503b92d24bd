import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LiveFleet } from '../support/live-fleet.js'
import { gradual, killWithCompanion, until } from '../support/live-server.js'

describe('a run over several servers whose process was killed', function () {
  this.timeout(120_000)
  let fleet: LiveFleet
  beforeEach(async () => {
    fleet = await LiveFleet.open({}, {}, {})
  })
  afterEach(async () => {
    await fleet.close()
  })

  /** What the only journal holds so far. */
  async function journal(): Promise<string> {
    const folder = join(fleet.shell.folder, 'state', 'runs')
    const name = (await readdir(folder).catch(() => [])).find((file) => file.endsWith('.jsonl')) ?? 'none'
    return readFile(join(folder, name), 'utf8').catch(() => '')
  }

  const has = async (event: string): Promise<boolean> => (await journal()).includes(`"type":"${event}"`)

  for (const [moment, event] of [
    ['while it wrote a step', 'write-cleared'],
    ['while it observed', 'checked'],
  ] as const) {
    it(`${moment} goes on with all the servers of its journal, none named anew, to the same end`, async () => {
      const run = fleet.start(...gradual(), ...fleet.named)
      await until(() => has(event))
      await killWithCompanion(run)
      const note = await fleet.wsctl('status', ...fleet.named)
      assert.match(note.stderr, /was left without a process/)
      const result = await fleet.result('rollout', 'resume')
      assert.equal(result.outcome, 'completed', result.reason)
      assert.deepEqual(
        result.steps.map(({ percentage, outcome }) => [percentage, outcome]),
        [
          [5, 'passed'],
          [20, 'passed'],
        ],
      )
      assert.deepEqual(await fleet.standing(), ['gradual 20', 'gradual 20', 'gradual 20'])
      const { stdout } = await fleet.wsctl('rollout', 'list')
      assert.match(stdout, /No run is under way, and none was left/)
    })
  }

  it('has them all back on legacy within ten seconds with --on-crash rollback, with nobody at the keyboard', async () => {
    const run = fleet.start(...gradual({ duration: '60s' }), ...fleet.named, '--on-crash', 'rollback')
    await until(() => has('checked'))
    const killedAt = Date.now()
    run.child.kill('SIGKILL')
    await until(async () => (await fleet.standing()).every((where) => where.startsWith('disabled')))
    assert.ok(Date.now() - killedAt < 10_000, `it took ${Date.now() - killedAt} ms`)
    await until(() => has('finished'))
    assert.deepEqual(await fleet.standing(), ['disabled 0', 'disabled 0', 'disabled 0'])
    const [last = ''] = (await journal()).trim().split('\n').slice(-1)
    assert.match(last, /"outcome":"rolled-back","code":"crash"/)
  })

  it('is found by any of its servers, and not taken up for that one alone', async () => {
    const run = fleet.start(...gradual({ duration: '60s' }), ...fleet.named)
    await until(() => has('checked'))
    await killWithCompanion(run)
    const [one = ''] = fleet.urls
    const { code, stderr } = await fleet.wsctl('rollout', 'resume', '--server', one)
    assert.equal(code, 2, stderr)
    const told = stderr.replaceAll(/\s+/g, ' ')
    assert.ok(told.includes(`not on ${one} alone`), stderr)
    for (const url of fleet.urls) assert.ok(told.includes(`--server ${url}`), stderr)
    assert.deepEqual(await fleet.standing(), ['gradual 5', 'gradual 5', 'gradual 5'], 'nothing was changed')
  })
})
