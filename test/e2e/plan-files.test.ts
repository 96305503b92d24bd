import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { findProcess } from '../../src/lib/adapters/os-process.js'
import { planCheckDocumentSchema } from '../../src/lib/contract/plan-check.js'
import { scheduleDocumentSchema } from '../../src/lib/contract/schedule.js'
import { LiveServer, until } from '../support/live-server.js'

const QUICK = `
steps:
  - 2
  - percentage: 10
    duration: 1s
    thresholds: {min-attempts: 5}
  - 30
step-duration: 1500ms
thresholds: {poll-interval: 300ms, confirm-interval: 150ms}
`

describe('plan files', function () {
  this.timeout(60_000)
  const live = LiveServer.forEachTest()

  async function saved(text: string, name = 'rollout.yaml'): Promise<string> {
    await writeFile(join(live.shell.folder, name), text)
    return name
  }

  it('carry a rollout of uneven steps', async () => {
    const { outcome, steps, thresholds, after } = await live.result('deploy', 'gradual', '--plan', await saved(QUICK))
    assert.equal(outcome, 'completed')
    assert.deepEqual(
      steps.map(({ percentage }) => percentage),
      [2, 10, 30],
    )
    assert.equal(thresholds?.pollIntervalMs, 300)
    assert.equal(after?.percentage, 30)
  })

  it('end with what a gate still waits for, and all that it started', async () => {
    const gate = '{ command: "sleep 600 & echo $! > asked; wait", timeout: 1m, limit: 500ms, on-limit: hold }'
    const plan = QUICK.replace('  - 2\n', `  - { percentage: 2, duration: 500ms, gate: ${gate} }\n`)
    const { outcome } = await live.result('deploy', 'gradual', '--plan', await saved(plan))
    assert.equal(outcome, 'held')
    const asked = Number(await readFile(join(live.shell.folder, 'asked'), 'utf8'))
    await until(async () => (await findProcess(asked)) === null)
  })

  it('are looked through by preflight', async () => {
    const { stdout } = await live.wsctl('preflight', '--plan', await saved(QUICK), '--json')
    const { plan } = JSON.parse(stdout) as { plan: { steps: number; plannedMs: number } }
    assert.deepEqual([plan.steps, plan.plannedMs], [3, 4300])
  })

  it('that are wrong send nothing', async () => {
    const plan = await saved('steps: [5, 1]\nmax-error-rate: 2\n')
    for (const argv of [['deploy', 'gradual'], ['preflight'], ['plan']]) {
      const { code, stderr, stdout } = await live.wsctl(...argv, '--plan', plan)
      assert.deepEqual([code, stdout], [2, ''])
      assert.match(stderr, /^Error: rollout\.yaml:1:\d+: steps\[1\] 1: expected a percentage above 5/)
    }
    assert.equal(await live.settings(), 'disabled 0')
  })

  it('do not go together with flags that say what the steps are', async () => {
    const { code, stderr } = await live.wsctl('plan', '--plan', await saved(QUICK), '--max-percentage', '50')
    assert.equal(code, 2)
    assert.match(stderr, /--max-percentage=50 cannot also be provided when using --plan/)
  })

  it('are begun by plan init, understood by editors and by wsctl, and never overwritten', async () => {
    const begun = await live.wsctl('plan', 'init')
    assert.deepEqual([begun.code, begun.stdout], [0, 'rollout.yaml: 6 steps to 100 %, nothing to mend\n'])
    const path = join(live.shell.folder, 'rollout.yaml')
    const text = await readFile(path, 'utf8')
    const schema = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text)?.[1] ?? ''
    const published = JSON.parse(await readFile(new URL(schema, pathToFileURL(path)), 'utf8')) as {
      readonly $id: string
      readonly title: string
    }
    assert.deepEqual([published.$id, published.title], ['urn:wsctl:schema:plan:1', 'wsctl/plan@1'])
    const printed = await live.wsctl('plan', 'schema')
    assert.deepEqual(JSON.parse(printed.stdout), published)
    const again = await live.wsctl('plan', 'init', 'rollout.yaml')
    assert.equal(again.code, 2)
    assert.match(again.stderr, /rollout\.yaml is there already, and was left alone/)
    assert.equal(await readFile(path, 'utf8'), text)
  })

  it('are checked by plan lint, with its answer as exit code and document', async () => {
    const good = await live.wsctl('plan', 'lint', await saved(QUICK), '--json')
    const document = planCheckDocumentSchema.parse(JSON.parse(good.stdout))
    assert.deepEqual([good.code, document.steps, document.maxPercentage], [0, 3, 30])
    const bad = await live.wsctl('plan', 'lint', await saved('{"steps": [1, 5,]}', 'plan.json'))
    assert.equal(bad.code, 2)
    assert.match(bad.stderr, /^Error: plan\.json:1:\d+: JSON has no comma after the last entry/)
  })

  it('are shown by plan, with the users whom each step moves', async () => {
    await saved(Array.from({ length: 1000 }, (_, index) => `user${index}`).join('\n'), 'users.txt')
    const { code, stdout } = await live.wsctl(
      ...['plan', '--plan', await saved(QUICK), '--users-file', 'users.txt', '--force-legacy-users', 'user1', '--json'],
    )
    const { steps, users } = scheduleDocumentSchema.parse(JSON.parse(stdout))
    assert.equal(code, 0)
    assert.deepEqual([users?.total, users?.forcedLegacy], [1000, 1])
    assert.equal(
      steps.reduce((sum, step) => sum + (step.users?.moved ?? 0), 0),
      steps.at(-1)?.users?.unified,
    )
  })

  it('are shown for flags alone too, and name a file of users that is not there', async () => {
    const { code, stdout } = await live.wsctl('plan', '--steps', '1,2,5,10,25,50,100', '--step-duration', '1h')
    assert.equal(code, 0)
    assert.match(stdout, /^deploy gradual: 7 steps, 1 % to 100 %, then mode full$/m)
    const missing = await live.wsctl('plan', '--users-file', 'gone.txt')
    assert.equal(missing.code, 2)
    assert.match(missing.stderr, /--users-file gone\.txt: the file cannot be read/)
  })
})
