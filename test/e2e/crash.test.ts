import assert from 'node:assert/strict'
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unfinishedDocumentSchema } from '../../src/lib/contract/history.js'
import type { FaultsInput } from '../../src/lib/sandbox/faults.js'
import { gradual, killWithCompanion, LiveServer, until } from '../support/live-server.js'

describe('wsctl after its process and the companion were killed', function () {
  this.timeout(60_000)
  const live = LiveServer.forEachTest()

  /** Path of the only journal. */
  async function journal(): Promise<string> {
    const folder = join(live.shell.folder, 'state', 'runs')
    const names = await readdir(folder).catch(() => [])
    return join(folder, names.find((name) => name.endsWith('.jsonl')) ?? 'none')
  }

  async function has(event: string): Promise<boolean> {
    const text = await readFile(await journal(), 'utf8').catch(() => '')
    return text.includes(`"type":"${event}"`)
  }

  /** Kills a rollout once an event is on disk; `meanwhile` is what the server does until then. */
  async function killed(event: string, argv = gradual(), meanwhile: FaultsInput = {}): Promise<string> {
    live.sandbox.setFaults(meanwhile)
    const run = live.start(...argv)
    await until(() => has(event))
    await killWithCompanion(run)
    live.sandbox.setFaults({})
    return ((await journal()).split('/').at(-1) ?? '').replace('.jsonl', '')
  }

  const hanging = (applied: boolean): FaultsInput => ({ api: { kind: 'hang', calls: 'configure', applied } })

  for (const [moment, event, meanwhile] of [
    ['before its first write took effect', 'write-cleared', hanging(false)],
    ['after its first write, unanswered', 'write-cleared', hanging(true)],
    ['while it observed', 'checked', {}],
  ] as const) {
    it(`comes to the same end as an undisturbed run when it was killed ${moment}`, async () => {
      const id = await killed(event, gradual(), meanwhile)
      const note = await live.wsctl('status')
      assert.match(
        note.stderr,
        new RegExp(`Note: deploy gradual \\(${id}\\) was left without a process: last seen at \\d+ %`),
      )
      assert.match(note.stderr, new RegExp(`unwatched since .* wsctl rollout resume ${id}\n`))
      assert.match((await live.wsctl('history')).stdout, /deploy gradual {2}left/)
      const { stdout } = await live.wsctl('history', id, '--json')
      const { state, outcome } = unfinishedDocumentSchema.parse(JSON.parse(stdout))
      assert.deepEqual([state, outcome], ['left', null])

      const document = await live.result('rollout', 'resume')
      assert.equal(document.outcome, 'completed')
      assert.equal(document.rolloutId, id)
      assert.deepEqual(
        document.steps.map((step) => [step.percentage, step.outcome]),
        [
          [5, 'passed'],
          [20, 'passed'],
        ],
      )
      assert.equal(await live.settings(), 'gradual 20')
      assert.doesNotMatch((await live.wsctl('status')).stderr, /left/)
    })
  }

  it('sees a rollback through that was under way', async () => {
    const id = await killed('checked', gradual({ duration: '1m' }))
    live.sandbox.setFaults({ api: { kind: 'error' } })
    const second = live.start('rollout', 'resume', id)
    await until(() => has('rollback-called'))
    await killWithCompanion(second)
    live.sandbox.setFaults({})
    const document = await live.result('deploy', 'gradual', '--resume')
    assert.equal(document.outcome, 'rolled-back')
    assert.equal(await live.settings(), 'disabled 0')
  })

  it('tells in which parts a plan file is no longer what the run was begun with, and goes on by its records', async () => {
    const plan = (told: string, limit: number) =>
      JSON.stringify({
        ...{ steps: [5, 20], 'step-duration': '1500ms', 'on-inconclusive': 'advance' },
        thresholds: { 'poll-interval': '300ms', 'confirm-interval': '150ms', 'max-error-rate': limit },
        notifications: [{ type: 'command', command: `echo "$WSCTL_EVENT" >> ${told}` }],
      })
    const put = (name: string, text: string) => writeFile(join(live.shell.folder, name), text)
    await put('plan.json', plan('told', 5))
    const id = await killed('checked', ['deploy', 'gradual', '--plan', 'plan.json'])

    await put('other.json', plan('others', 1))
    const run = live.start('deploy', 'gradual', '--resume', '--plan', 'other.json')
    await until(() => run.stderr().includes('taken up again'))
    await killWithCompanion(run)
    assert.match(
      run.stderr(),
      new RegExp(
        `^Note: other.json is not what run ${id} was begun with, in: thresholds, notifications\\. ` +
          'Nothing of it counts: the run goes on by its records; to have others told from now on: --notify$',
        'm',
      ),
    )
    const same = await live.wsctl('deploy', 'gradual', '--resume', '--plan', 'plan.json')
    assert.equal(same.code, 0, same.stderr)
    assert.doesNotMatch(same.stderr, /Note:.*plan\.json/)
    assert.match(await readFile(join(live.shell.folder, 'told'), 'utf8'), /^started\n(step-passed\n){2}finished\n$/)
    await assert.rejects(readFile(join(live.shell.folder, 'others')), /ENOENT/)
  })

  it('mends a torn record, and takes no run up twice', async () => {
    const id = await killed('checked', gradual({ max: '5' }))
    const whole = await readFile(await journal(), 'utf8')
    await appendFile(await journal(), '{"schema":"wsctl/event@1","rolloutId":"' + id)
    assert.equal((await live.result('rollout', 'resume', id.slice(0, -2))).outcome, 'completed')
    assert.ok((await readFile(await journal(), 'utf8')).startsWith(whole))
    const again = await live.result('rollout', 'resume', id)
    assert.equal(again.exitCode, 13)
    assert.equal(again.error?.code, 'finished')
    assert.match(again.error.suggestions.join(), new RegExp(`wsctl history ${id}`))
  })

  it('names the runs when several were left, and keeps to the server of the record', async () => {
    const other = await LiveServer.open()
    try {
      const id = await killed('checked', gradual({ duration: '1m' }))
      const elsewhere = live.shell.start(
        [...gradual({ duration: '1m' }), '--server', other.sandbox.url],
        live.environment,
      )
      await until(() => elsewhere.stderr().includes('observing'))
      await killWithCompanion(elsewhere)
      const { WSCTL_TOKEN = '' } = live.environment
      const unnamed = await live.shell.run(['rollout', 'resume'], { WSCTL_TOKEN })
      assert.equal(unnamed.code, 13)
      assert.match(unnamed.stderr, new RegExp(`wsctl rollout resume ${id} `))
      assert.match(unnamed.stderr, new RegExp(`on ${other.sandbox.url}`))
      const wrong = await live.wsctl('rollout', 'resume', id, '--server', other.sandbox.url)
      assert.equal(wrong.code, 2)
      assert.ok(wrong.stderr.includes(`works on ${live.sandbox.url}, not on ${other.sandbox.url}`))
    } finally {
      await other.close()
    }
  })
})
