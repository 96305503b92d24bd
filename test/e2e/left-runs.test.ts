import assert from 'node:assert/strict'
import { appendFile, chmod, mkdir, readdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dryRunDocumentSchema } from '../../src/lib/contract/dry-run.js'
import { historyDocumentSchema, unfinishedDocumentSchema } from '../../src/lib/contract/history.js'
import { rolloutDocumentSchema, rolloutsDocumentSchema } from '../../src/lib/contract/rollout.js'
import { statusDocumentSchema } from '../../src/lib/contract/status.js'
import { companionOf, gradual, killWithCompanion, LiveServer, until } from '../support/live-server.js'

const NETWORK_HOOK = fileURLToPath(new URL('../support/network-folder.cjs', import.meta.url))

describe('runs that were left, and their records', function () {
  this.timeout(300_000)
  const live = LiveServer.forEachTest()

  const runs = (): string => join(live.shell.folder, 'state', 'runs')

  async function observing(...argv: readonly string[]) {
    const run = live.start(...argv)
    await until(() => run.stderr().includes('check passed'))
    const [name = ''] = (await readdir(runs())).filter((found) => found.endsWith('.jsonl'))
    return { ...run, id: name.replace('.jsonl', '') }
  }

  async function json(...argv: readonly string[]): Promise<unknown> {
    return JSON.parse((await live.wsctl(...argv, '--json')).stdout)
  }

  it('have another companion when theirs is killed alone, and that one takes everybody back', async function () {
    if (process.platform !== 'linux') this.skip()
    const run = await observing(...gradual({ duration: '1m' }), '--on-crash', 'rollback')
    const companion = await companionOf(run)
    assert.ok(companion)
    process.kill(companion, 'SIGKILL')
    await until(() => run.stderr().includes('watches over this run'))
    assert.match(
      run.stderr(),
      new RegExp(`Warning: the companion of this run, process ${companion}, ended before the run \\(SIGKILL\\)`),
    )
    run.child.kill('SIGKILL')
    await until(async () => (await readFile(join(runs(), `${run.id}.jsonl`), 'utf8')).includes('"type":"finished"'))
    assert.equal(await live.settings(), 'disabled 0')
  })

  it('tell nothing of a companion that was sent away', async () => {
    const { code, stderr } = await live.wsctl(...gradual({ max: '5' }))
    assert.equal(code, 0)
    assert.doesNotMatch(stderr, /companion/)
  })

  it('are told to be in the hands of their companion, with what it does and what to type', async () => {
    const run = await observing(...gradual({ duration: '30m' }))
    const { pid = 0 } = run.child
    run.child.kill('SIGKILL')
    await until(async () => (await readFile(join(runs(), `${run.id}.jsonl`), 'utf8')).includes('"policy":"hold"'))
    const told = new RegExp(
      `process ${pid} of .*, which ran it, ended at about .*Z; its companion, process \\d+, has gone on with it ` +
        'since, and is observing: it raises nothing more, and rolls back on a breach',
    )
    const refused = [['rollout', 'resume'], ['deploy', 'gradual', '--resume'], gradual()]
    for (const { code, stderr } of await Promise.all(refused.map((argv) => live.wsctl(...argv)))) {
      assert.equal(code, 13)
      assert.match(stderr, told)
      for (const next of ['watch', 'hold', 'abort']) assert.match(stderr, new RegExp(`wsctl rollout ${next} ${run.id}`))
    }
    const [status, ...shown] = await Promise.all([
      live.wsctl('status'),
      ...[
        ['rollout', 'list'],
        ['rollout', 'show'],
        ['history', run.id],
      ].map((argv) => live.wsctl(...argv)),
    ])
    assert.match(status.stderr, told)
    for (const { stdout } of shown) assert.match(stdout, told)

    const [inStatus, inList, inShow, inHistory] = await Promise.all([
      json('status'),
      json('rollout', 'list'),
      json('rollout', 'show'),
      json('history', run.id),
    ])
    for (const fact of [
      statusDocumentSchema.parse(inStatus).unfinished?.[0]?.takenOver,
      rolloutsDocumentSchema.parse(inList).rollouts[0]?.takenOver,
      rolloutDocumentSchema.parse(inShow).takenOver,
      unfinishedDocumentSchema.parse(inHistory).takenOver,
    ]) {
      assert.deepEqual([fact?.diedPid, fact?.doing], [pid, 'observing'])
    }
    assert.equal((await live.wsctl('rollout', 'hold', run.id)).code, 0)
  })

  it('are not settled by a later command in silence', async () => {
    const run = await observing(...gradual({ duration: '1m' }))
    await killWithCompanion(run)
    const { notes } = dryRunDocumentSchema.parse(await json('configure', '--percentage', '6', '--dry-run'))
    const before = `${run.id}.* was left without a process: last seen at 5 %, unwatched since .*`
    assert.match(notes.join('\n'), new RegExp(`would settle .*${before}wsctl rollout resume ${run.id}`))
    const { code, stderr } = await live.wsctl('configure', '--percentage', '6')
    assert.equal(code, 0)
    assert.match(
      stderr,
      new RegExp(
        `Note: .*${before}that run is settled; to go on with it instead: wsctl rollout resume ${run.id}` +
          `[^]*setting gradual 6 %[^]*Note: .*${run.id}.*is settled by this`,
      ),
    )
    assert.doesNotMatch((await live.wsctl('status')).stderr, /left/)
    const listed = historyDocumentSchema.parse(await json('history'))
    assert.equal(listed.runs.find(({ rolloutId }) => rolloutId === run.id)?.state, 'incomplete')
    const shown = unfinishedDocumentSchema.parse(await json('history', run.id))
    assert.equal(shown.state, 'incomplete')
    assert.match(shown.suggestions.join('\n'), /its end was not recorded.*wsctl status.*wsctl rollout resume/s)
  })

  it('whose record is damaged are told with the line, and shown up to it', async () => {
    const run = await observing(...gradual({ duration: '1m' }))
    await killWithCompanion(run)
    const path = join(runs(), `${run.id}.jsonl`)
    const lines = (await readFile(path, 'utf8')).split('\n')
    await writeFile(path, lines.with(4, '##').join('\n'))
    for (const argv of [
      ['history', run.id],
      ['rollout', 'resume', run.id],
    ]) {
      const { code, stderr } = await live.wsctl(...argv)
      assert.equal(code, 1)
      assert.ok(stderr.includes(`${path}:5: `), stderr)
      assert.match(stderr, /wsctl rollback emergency/)
    }
    assert.match((await live.wsctl('history', run.id)).stdout, /deploy gradual by /)
    const { rollouts } = rolloutsDocumentSchema.parse(await json('rollout', 'list'))
    assert.deepEqual(
      rollouts.map(({ rolloutId, state }) => [rolloutId, state]),
      [[run.id, 'unreadable']],
    )
  })

  it('are shown when not even their beginning could be recorded', async () => {
    const id = '20261124-090000-aaaa'
    await mkdir(runs(), { recursive: true })
    await appendFile(join(runs(), `${id}.jsonl`), '')
    assert.match((await live.wsctl('history')).stdout, new RegExp(`${id}: its beginning could not be recorded`))
    const { unrecorded } = historyDocumentSchema.parse(await json('history'))
    assert.deepEqual(
      unrecorded.map(({ rolloutId }) => rolloutId),
      [id],
    )
  })

  it('are never in the working folder, whatever HOME says', async () => {
    for (const environment of [{ HOME: '' }, { XDG_STATE_HOME: 'state-here' }]) {
      const before = await readdir(live.shell.folder)
      const { code } = await live.shell.run(['rollback', 'emergency'], {
        ...live.environment,
        WSCTL_STATE_DIR: '',
        ...environment,
      })
      assert.equal(code, 0)
      const home = 'HOME' in environment ? [] : ['.local', '.cache']
      assert.deepEqual(
        (await readdir(live.shell.folder)).filter((name) => !before.includes(name) && !home.includes(name)),
        [],
      )
    }
  })

  it('hold no command up when their folder does not answer, and no emergency at all', async function () {
    if (process.platform === 'win32') this.skip()
    // In the place of a network folder that hangs: what looks into it never comes back.
    const bin = join(live.shell.folder, 'bin')
    await mkdir(bin)
    await writeFile(join(bin, 'ls'), '#!/bin/sh\nexec sleep 600\n')
    await chmod(join(bin, 'ls'), 0o755)
    const environment = {
      ...live.environment,
      PATH: `${bin}:${process.env['PATH'] ?? ''}`,
      NODE_OPTIONS: `--require=${NETWORK_HOOK}`,
      NETWORK_FOLDER: await realpath(live.shell.folder),
    }
    const envFile = join(live.shell.folder, 'server.env')
    await writeFile(envFile, '')
    for (const argv of [
      ['history'],
      ['rollout', 'resume'],
      ['report'],
      gradual(),
      ['env', 'set', '--mode', 'disabled', '--env-file', envFile],
    ]) {
      const { code, stderr } = await live.shell.run(argv, environment)
      assert.equal(code, 2, argv.join(' '))
      assert.match(stderr, /Error: the folder of the records, .*state, did not answer.*\n.*--state-dir/)
    }
    const status = await live.shell.run(['status', '--json'], environment)
    assert.equal(statusDocumentSchema.parse(JSON.parse(status.stdout)).unfinished, null)
    assert.match(status.stderr, /Warning: the folder of the records/)
    const emergency = await live.shell.run(['rollback', 'emergency'], environment)
    assert.equal(emergency.code, 0)
    assert.match(emergency.stderr, /Warning: the folder of the records[^]*verified/)
    const offered = await live.shell.run(['__complete', 'fish', 'history', ''], environment)
    assert.deepEqual(offered, { code: 0, stdout: '', stderr: '' })
  })
})
