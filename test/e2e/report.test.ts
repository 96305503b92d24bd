import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { auditDocumentSchema } from '../../src/lib/contract/audit.js'
import { checklistDocumentSchema, type ChecklistDocument } from '../../src/lib/contract/checklist.js'
import { reportSchema } from '../../src/lib/contract/report.js'
import { gradual, killWithCompanion, LiveServer, until } from '../support/live-server.js'

/** What an item is at, in a document of the checklist. */
function statusOf(document: ChecklistDocument, id: string): string | undefined {
  return document.phases.flatMap(({ items }) => items).find((item) => item.id === id)?.status
}

describe('wsctl report and checklist', function () {
  this.timeout(60_000)
  const live = LiveServer.forEachTest()

  const pinned = ['--rollout-users', '', '--force-legacy-users', '']

  async function checklist(...argv: readonly string[]): Promise<ChecklistDocument> {
    const { stdout } = await live.wsctl('checklist', ...argv, '--json')
    return checklistDocumentSchema.parse(JSON.parse(stdout))
  }

  it('makes the newest run a page, a text and a document', async () => {
    assert.equal((await live.wsctl(...gradual(), ...pinned)).code, 0)
    const page = await live.wsctl('report', '--output', 'report.html')
    assert.equal(page.code, 0, page.stderr)
    const html = await readFile(join(live.shell.folder, 'report.html'), 'utf8')
    assert.match(html, /^<!doctype html>/)
    assert.equal(html.match(/<svg/g)?.length, 16)
    const { stdout: markdown } = await live.wsctl('report')
    assert.match(markdown, /^# deploy gradual: completed\n/)
    const { stdout } = await live.wsctl('report', '--json')
    const report = reportSchema.parse(JSON.parse(stdout))
    assert.equal(report.outcome, 'completed')
    assert.ok(report.connections.some(({ unified }) => unified !== null && unified > 0))
    const history = await live.wsctl('history', report.rolloutId)
    assert.match(history.stdout, /percentage of users on unified\n 100 %/)
    assert.doesNotMatch(history.stdout.replaceAll('\n', ''), /\p{Cc}/u)
  })

  it('reports a run that is under way, and one that was left', async () => {
    const run = live.start(...gradual({ duration: '30s' }), ...pinned)
    await until(() => run.stderr().includes('check passed'))
    const state = async () => reportSchema.parse(JSON.parse((await live.wsctl('report', '--json')).stdout)).state
    assert.equal(await state(), 'running')
    await killWithCompanion(run)
    assert.equal(await state(), 'left')
  })

  it('says in one message what is wrong with what was asked', async () => {
    const complaint = async (...argv: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await live.wsctl('report', ...argv)
      assert.deepEqual([code, stdout], [2, ''])
      return stderr
    }
    assert.match(await complaint(), /^Error: no run is recorded in .*runs\n/)
    assert.equal((await live.wsctl('configure', '--mode', 'disabled', ...pinned)).code, 0)
    const folder = join(live.shell.folder, 'state', 'runs')
    const [journal = ''] = (await readdir(folder)).filter((name) => name.endsWith('.jsonl'))
    const text = await readFile(join(folder, journal), 'utf8')
    await rename(join(folder, journal), join(folder, '20261124-a.jsonl'))
    await writeFile(join(folder, '20261124-b.jsonl'), text)
    assert.match(await complaint('20261124'), /20261124 fits 2 runs: 20261124-b, 20261124-a/)
    assert.match(await complaint('2025'), /no run 2025 is recorded/)
    assert.match(await complaint('--output', 'report.pdf'), /does not tell the format/)
    assert.match(
      await complaint('--output', 'nowhere/report.html'),
      /the report nowhere\/report\.html cannot be written/,
    )
    await mkdir(join(live.shell.folder, 'taken.md'))
    assert.match(await complaint('--output', 'taken.md'), /the report taken\.md cannot be written/)
    assert.match(await complaint('--format', 'pdf'), /Expected --format=pdf to be one of: html, md, json/)
    await writeFile(join(folder, '20261125-torn.jsonl'), '{"schema":"wsctl/ev')
    assert.match(
      (await live.wsctl('report')).stderr,
      /^Error: nothing is known of run 20261125-torn: its journal holds no beginning/,
    )
  })

  it('ticks what the records prove, and what somebody signs, on the audit record', async () => {
    assert.equal(statusOf(await checklist(), 'test-users-moved'), 'open')
    await live.wsctl('deploy', 'testing', '--test-users', 'user1', '--force-legacy-users', '')
    assert.equal(statusOf(await checklist('--phase', 'testing'), 'test-users-moved'), 'proven')
    const signed = await live.wsctl('checklist', 'sign', 'filters-work', '--note', 'user1 got orders only')
    assert.match(signed.stdout, /\[x\] +filters-work .*\n +signed: user1 got orders only/)
    const document = await checklist('--phase', 'testing')
    assert.deepEqual([document.proven, document.signed, document.open], [1, 1, 4])
    const { stdout } = await live.wsctl('audit', '--json')
    const [entry] = auditDocumentSchema.parse(JSON.parse(stdout)).entries
    assert.ok(entry?.target === 'checklist')
    assert.deepEqual(
      [entry.item, entry.reason, entry.server],
      ['filters-work', 'user1 got orders only', live.sandbox.url],
    )
    await live.wsctl('rollback', 'emergency')
    assert.equal(statusOf(await checklist(), 'filters-work'), 'open', 'the next attempt begins anew')
    assert.equal(statusOf(await checklist(), 'rollback-practised'), 'proven')
  })

  it('signs no item that there is not, and nothing without a note', async () => {
    const unknown = await live.wsctl('checklist', 'sign', 'filter-works', '--note', 'x')
    assert.equal(unknown.code, 2)
    assert.match(unknown.stderr, /there is no item filter-works on the checklist\n/)
    assert.match(unknown.stderr, / - testing: test-users-moved, .*filters-work/)
    const empty = await live.wsctl('checklist', 'sign', 'filters-work', '--note', ' ')
    assert.deepEqual([empty.code, empty.stderr.split('\n')[0]], [2, 'Error: --note is empty'])
    assert.equal((await checklist()).signed, 0)
  })
})
