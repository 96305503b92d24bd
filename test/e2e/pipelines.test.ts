import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import * as z from 'zod'
import { statusDocumentSchema } from '../../src/lib/contract/status.js'
import { gradual, LiveServer } from '../support/live-server.js'
import { PipelineScene, readExample } from '../support/pipeline.js'

/** Outputs as GitHub reads them. */
function outputsOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...text.matchAll(/^([\w-]+)<<(\S+)\n([^]*?)\n?\2$/gm)].map(([, name = '', , value = '']) => [name, value]),
  )
}

describe('a run in GitHub Actions', () => {
  let scene: PipelineScene
  let environment: Readonly<Record<string, string>>

  beforeEach(async () => {
    scene = await PipelineScene.open()
    environment = {
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_STEP_SUMMARY: scene.at('summary.md'),
      GITHUB_OUTPUT: scene.at('output'),
      WSCTL_TOKEN: 'test-token',
    }
  })

  afterEach(async () => {
    await scene.close()
  })

  const roll = (flags = '') => `wsctl ${gradual({ duration: '800ms' }).join(' ')} --rollout-users user1,user2 ${flags}`

  it('tells a rollback in groups, annotations, a summary and outputs', async () => {
    scene.live.sandbox.setFaults({ fail: { probability: 0.9, fromPercentage: 20 } })
    const { code, stderr } = await scene.bash(
      `${roll()} 2>&1 >/dev/null | cat >&2; exit \${PIPESTATUS[0]}`,
      environment,
    )
    assert.equal(code, 10, stderr)
    assert.match(stderr, /^::group::step 1 of 2: gradual 5 %25$/m)
    assert.match(stderr, /^::error title=wsctl%3A breach at gradual 20 %25::3 failed checks in a row/m)
    assert.match(stderr, /^::warning title=wsctl%3A deploy gradual rolled-back \(exit 10\)::everybody is back/m)
    const groups = stderr.match(/^::(group|endgroup)::/gm) ?? []
    assert.deepEqual(groups, ['::group::', '::endgroup::', '::group::', '::endgroup::'])

    const summary = await readFile(scene.at('summary.md'), 'utf8')
    assert.match(summary, /^### wsctl deploy gradual: rolled-back \(exit 10\)\n/)
    assert.match(summary, /\| 2 \| 20 % \| \*\*failed\*\* \|/)
    assert.match(summary, /\nwsctl status --server http/)

    const { 'rollout-id': id, ...outputs } = outputsOf(await readFile(scene.at('output'), 'utf8'))
    assert.deepEqual(outputs, { outcome: 'rolled-back', 'exit-code': '10', mode: 'disabled', percentage: '0' })
    assert.match(id ?? '', /^\d{8}-\d{6}-/)
    const { outputs: offered } = z
      .looseObject({ outputs: z.record(z.string(), z.unknown()) })
      .parse(parse(await readExample('action.yml')))
    assert.deepEqual(Object.keys(offered).toSorted(), [...Object.keys(outputs), 'rollout-id'].toSorted())
  })

  it('tells why there was no run, and leaves no output of an earlier one standing', async () => {
    await scene.succeeds(roll(), environment)
    const refused = await scene.bash(
      'wsctl deploy gradual --initial-percentage 1 --rollout-users user1,user2 2>&1 | cat',
      environment,
    )
    assert.match(
      refused.stdout,
      /^::error title=wsctl deploy gradual%3A lower-start \(exit 13\)::the server is at gradual 20 %25/m,
    )
    const [, last = ''] = (await readFile(scene.at('summary.md'), 'utf8')).split(/(?=^### )/m).slice(-2)
    assert.match(last, /^### wsctl deploy gradual: refused \(exit 13\)/)
    const outputs = outputsOf((await readFile(scene.at('output'), 'utf8')).split(/(?=^outcome<<)/m).at(-1) ?? '')
    assert.deepEqual(outputs, { outcome: 'refused', 'exit-code': '13', 'rollout-id': '', mode: '', percentage: '' })
  })

  it('ends as it would have ended when neither summary nor output can be written', async () => {
    const nowhere = { ...environment, GITHUB_STEP_SUMMARY: '/dev/full', GITHUB_OUTPUT: scene.at('none', 'output') }
    const { stdout } = await scene.succeeds('wsctl rollback emergency --reason drill 2>&1 | cat', nowhere)
    assert.match(stdout, /^::warning title=wsctl::GITHUB_STEP_SUMMARY \/dev\/full was not written/m)
    assert.match(stdout, /^::warning title=wsctl::GITHUB_OUTPUT .* was not written/m)
    assert.match(stdout, /^rollback emergency: completed \(exit 0\)$/m)
  })

  it('prints nothing but its document on stdout with --json, and plain lines into a file', async () => {
    const { stdout } = await scene.succeeds(`${roll('--json')} 2> log.txt`, environment)
    assert.equal(z.looseObject({ outcome: z.string() }).parse(JSON.parse(stdout)).outcome, 'completed')
    const log = await readFile(scene.at('log.txt'), 'utf8')
    assert.doesNotMatch(log, /^::/m)
    assert.match(log, /^\d{4}-\S+Z info step 1 of 2: setting gradual 5 %$/m)
    assert.match(await readFile(scene.at('summary.md'), 'utf8'), /completed \(exit 0\)/)
  })

  it('is folded in GitLab too, and nowhere else', async () => {
    const { stdout } = await scene.succeeds(`${roll()} 2>&1 | cat`, { GITLAB_CI: 'true', WSCTL_TOKEN: 'test-token' })
    assert.equal(stdout.match(/^\u001B\[0Ksection_start:\d+:[\w.-]+\r\u001B\[0Kstep/gm)?.length, 2)
    assert.equal(stdout.match(/^\u001B\[0Ksection_end:/gm)?.length, 2)
    const plain = await scene.succeeds('wsctl rollback emergency 2>&1 | cat', { CI: 'true', WSCTL_TOKEN: 'test-token' })
    assert.doesNotMatch(plain.stdout, /\u001B|^::/m)
  })
})

describe('waiting for the status of a live server', () => {
  const live = LiveServer.forEachTest()

  it('ends when another process has raised the percentage, with one document under --json', async () => {
    const waiting = live.wsctl('status', '--wait-for', 'percentage>=20', '--interval', '200ms', '--json')
    await live.wsctl(...gradual({ duration: '500ms' }))
    const { code, stdout, stderr } = await waiting
    assert.equal(code, 0, stderr)
    const { rollout } = statusDocumentSchema.parse(JSON.parse(stdout))
    assert.deepEqual([rollout.mode, rollout.percentage], ['gradual', 20])
    assert.match(stderr, /^\S+Z info waiting for percentage>=20: percentage is 0$/m)
  })

  it('ends with exit code 1 at its limit, and with 14 when nothing answers', async () => {
    const wait = ['status', '--wait-for', 'mode=full', '--wait-timeout', '700ms', '--interval', '200ms', '--json']
    const { code, stdout, stderr } = await live.wsctl(...wait)
    assert.equal(code, 1)
    assert.match(stderr, /waited 700ms for mode=full, in vain: last seen: mode is disabled/)
    const document = z.looseObject({ schema: z.string(), error: z.looseObject({ code: z.string() }) })
    assert.deepEqual(document.parse(JSON.parse(stdout)).error.code, 'wait-timeout')
    await live.sandbox.close()
    const silent = await live.wsctl(...wait)
    assert.equal(silent.code, 14)
    assert.match(silent.stderr, /no answer yet, waiting on/)
    assert.match(silent.stderr, /it never answered/)
  })

  it('refuses what cannot be waited for, and flags that do not go together', async () => {
    for (const flags of [
      ['--wait-for', 'mode=on'],
      ['--wait-for', 'mode=full', '--watch'],
      ['--wait-timeout', '5s'],
      ['--wait-for', 'mode=full', '--wait-timeout', '0s'],
    ]) {
      const { code, stderr } = await live.wsctl('status', ...flags)
      assert.equal(code, 2, `${flags.join(' ')}: ${stderr}`)
    }
  })
})

describe('diagnose against a live server', () => {
  it('exits 1 for a problem with its evidence, and 0 once it is over', async () => {
    const live = await LiveServer.open({ faults: { fail: { probability: 0.9 } } })
    try {
      await live.wsctl('configure', '--mode', 'gradual', '--percentage', '50')
      const sick = await live.wsctl('diagnose', '--duration', '2s')
      assert.equal(sick.code, 1, sick.stderr)
      assert.match(sick.stdout, /^PROBLEM errors: users meet errors/m)
      assert.match(sick.stdout, /error rate [\d.]+ % \(\d+ of \d+ attempts\), limit 5 %/)
      await live.wsctl('rollback', 'emergency')
      const calm = await live.wsctl('diagnose', '--duration', '1s', '--json')
      assert.equal(calm.code, 0, calm.stdout)
      await live.sandbox.close()
      const down = await live.wsctl('diagnose')
      assert.equal(down.code, 1)
      assert.match(down.stdout, /^PROBLEM no-answer: /m)
    } finally {
      await live.close()
    }
  })
})
