import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { CutLine } from '../support/cut-line.js'
import { gradual, killWithCompanion, LiveServer, until } from '../support/live-server.js'
import { PASSWORD } from '../support/postgres.js'
import { SharedState } from '../support/shared-state.js'
import type { Ending } from '../support/wsctl.js'

const LONG = gradual({ duration: '60s' })

interface History {
  readonly runs: readonly { readonly rolloutId: string; readonly outcome: string | null; readonly state?: string }[]
}

describe('state that is shared on PostgreSQL', function () {
  this.timeout(120_000)
  const shared = SharedState.forEachTest()
  let live: LiveServer

  beforeEach(async () => {
    live = await LiveServer.open()
  })
  afterEach(() => live.close())

  const here = (argv: readonly string[], state = shared.url) =>
    live.shell.start(argv, { ...live.environment, WSCTL_STATE: state })
  const there = (argv: readonly string[], state = shared.url) =>
    shared.elsewhere.start(argv, { ...live.environment, WSCTL_STATE: state })

  async function succeeds(run: { readonly ended: Promise<Ending> }): Promise<string> {
    const { code, stdout, stderr } = await run.ended
    assert.equal(code, 0, stderr + stdout)
    return stdout
  }

  const ids = async (): Promise<readonly string[]> =>
    (JSON.parse(await succeeds(there(['history', '--json']))) as History).runs.map(({ rolloutId }) => rolloutId)

  const observing = (run: ReturnType<typeof here>): Promise<void> =>
    until(() => {
      assert.equal(run.child.exitCode, null, run.stderr())
      return run.stderr().includes('observing')
    })

  /** Mode and percentage, as the server itself has them. */
  const settings = (): Promise<string> => live.settings()

  it('is led, shown and reported from another machine, with nothing but the URL', async () => {
    const run = here(LONG)
    await observing(run)
    const list = await succeeds(there(['rollout', 'list']))
    assert.match(list, /running .* 5 % /)
    await succeeds(there(['rollout', 'pause', '--reason', 'lunch']))
    await succeeds(there(['rollout', 'resume', '--yes']))
    await succeeds(there(['rollout', 'promote', '--yes']))
    await until(async () => (await settings()) === 'gradual 20')
    const aborted = await there(['rollout', 'abort', '--reason', 'enough']).ended
    assert.equal(aborted.code, 0, aborted.stderr)
    assert.equal((await run.ended).code, 10)
    assert.equal(await settings(), 'disabled 0')
    const [id = ''] = await ids()
    assert.match(await succeeds(there(['history', id])), /lunch/)
    assert.match(await succeeds(there(['report', id])), /rolled back/i)
    assert.match(await succeeds(there(['audit'])), /emergency/)
    assert.deepEqual(await readdir(join(shared.elsewhere.folder, 'state')).catch(() => []), [], 'nothing is kept there')
  })

  it('has a run that was left taken up from another machine, once its lease is over', async () => {
    const run = here(gradual({ duration: '4s' }))
    await observing(run)
    await killWithCompanion(run)
    // As any other machine sees it: whether its process lives cannot be known there.
    await shared.moveClaimsElsewhere()
    const early = await there(['rollout', 'resume', '--yes']).ended
    assert.equal(early.code, 13, early.stderr)
    assert.match(early.stderr, /is at work on/)
    await shared.run(`update wsctl.claim set leased_until = now()`)
    assert.match((await there(['status']).ended).stderr, /was left without a process/)
    const resumed = await there(['rollout', 'resume', '--yes']).ended
    assert.equal(resumed.code, 0, resumed.stderr)
    assert.equal(await settings(), 'gradual 20')
    assert.equal((await ids()).length, 1)
  })

  it('lets one of two operators raise at a time', async () => {
    const run = here(LONG)
    await observing(run)
    const second = await there(gradual()).ended
    assert.equal(second.code, 13)
    assert.match(second.stderr, /by .*, process \d+, is at work on/)
    run.child.kill('SIGINT')
    assert.equal((await run.ended).code, 12)
    assert.equal(await settings(), 'gradual 5')
  })

  it('keeps an operator whose network is cut from raising, also once another took over', async () => {
    const line = await CutLine.to(shared.postgres.port)
    const run = here(
      gradual({ duration: '25s', max: '35' }),
      shared.url.replace(`:${shared.postgres.port}/`, `:${line.port}/`),
    )
    try {
      await observing(run)
      line.cut()
      const tries: Ending[] = []
      await until(async () => {
        tries.push(await there(['deploy', 'gradual', '--step-duration', '1s', '--max-percentage', '20']).ended)
        return tries.at(-1)?.code !== 13
      })
      assert.ok(tries.length > 1, 'the lease kept the second away for a while')
      const { code, stderr } = await run.ended
      assert.equal(code, 12, stderr)
      assert.match(stderr, /so nothing more is raised|changed/)
      assert.doesNotMatch(stderr, /step 2 of/)
      assert.equal(tries.at(-1)?.code, 0, tries.at(-1)?.stderr)
      assert.equal(await settings(), 'gradual 20')
    } finally {
      run.child.kill('SIGKILL')
      await line.close()
    }
  })

  it('that dies in the middle of a step raises nothing, and gets what it missed from the next command', async () => {
    const run = here(gradual({ duration: '6s' }))
    await observing(run)
    await shared.postgres.kill()
    try {
      const { code, stderr } = await run.ended
      assert.equal(code, 12, stderr)
      assert.match(stderr, /the journal cannot be written, so nothing more is raised/)
      assert.equal((await readdir(join(live.shell.folder, 'state', 'unmerged'))).length, 1)
      const refused = await there(gradual()).ended
      assert.equal(refused.code, 2)
      assert.match(refused.stderr, /the shared state postgres:.* cannot be used/)
    } finally {
      await shared.postgres.start()
    }
    const merging = await here(['history', '--json']).ended
    assert.match(merging.stderr, /were merged into it/)
    const [run1] = (JSON.parse(merging.stdout) as History).runs
    assert.equal(run1?.outcome, 'held')
    const seqs = await shared.run('select seq from wsctl.event order by seq')
    assert.deepEqual(
      seqs.map(({ seq }) => seq),
      Array.from({ length: seqs.length }, (_, index) => index + 1),
    )
    assert.deepEqual(await readdir(join(live.shell.folder, 'state', 'unmerged')), [])
    assert.equal(await settings(), 'gradual 5')
  })

  it('that dies holds no rollback up, and comes back in time to learn of it', async () => {
    const run = here(LONG)
    await observing(run)
    await shared.postgres.kill()
    try {
      live.sandbox.setFaults({ fail: { probability: 1 } })
      await until(async () => (await settings()) === 'disabled 0')
    } finally {
      await shared.postgres.start()
    }
    const { code, stderr } = await run.ended
    assert.equal(code, 10, stderr)
    assert.match(await succeeds(here(['history'])), /rolled-back/)
    assert.match(await succeeds(there(['audit'])), /emergency/)
  })

  it('that is away is waited for by who takes over, and everybody is taken back then', async () => {
    const run = here([...LONG, '--on-crash', 'rollback'])
    await observing(run)
    await shared.postgres.kill()
    try {
      run.child.kill('SIGKILL')
      await run.ended
    } finally {
      await shared.postgres.start()
    }
    await until(async () => (await settings()) === 'disabled 0')
    await until(async () => (await succeeds(there(['history']))).includes('rolled-back'))
  })

  it('holds no emergency up when it does not answer, and learns of it later', async () => {
    const line = await CutLine.to(shared.postgres.port)
    const cut = shared.url.replace(`:${shared.postgres.port}/`, `:${line.port}/`)
    try {
      await succeeds(here(['configure', '--mode', 'gradual', '--percentage', '20', '--yes'], cut))
      line.cut()
      const emergency = await here(['rollback', 'emergency'], cut).ended
      assert.equal(emergency.code, 0, emergency.stderr)
      assert.match(emergency.stderr, /Warning: the shared state .* cannot be used/)
      assert.equal(await settings(), 'disabled 0')
      line.mend()
      assert.match(await succeeds(here(['history'], cut)), /rollback emergency/)
    } finally {
      await line.close()
    }
  })

  it('shows no password in the list of processes, where a run goes on in the background', async () => {
    const started = await succeeds(here([...LONG, '--detach', '--json']))
    const { pid } = JSON.parse(started) as { readonly pid: number }
    const { stdout } = await promisify(execFile)('ps', ['-p', String(pid), '-o', 'args='])
    assert.match(stdout, /--state=postgres:\/\/wsctl@127\.0\.0\.1/)
    assert.ok(!stdout.includes(PASSWORD))
    await until(async () => (await settings()) === 'gradual 5')
    await succeeds(there(['rollout', 'hold']))
    assert.equal(await settings(), 'gradual 5')
  })

  it('is taken up unattended only where nobody paused it, and that is no failure', async () => {
    const run = here(LONG)
    await observing(run)
    await succeeds(there(['rollout', 'pause']))
    await killWithCompanion(run)
    assert.match(
      await succeeds(there(['rollout', 'resume', '--if-left', '--yes'])),
      /was paused by .*, and is left alone/,
    )
    const document = JSON.parse(await succeeds(there(['rollout', 'resume', '--if-left', '--yes', '--json']))) as {
      readonly rolloutId: string
    }
    assert.deepEqual([document.rolloutId], await ids())
  })

  it('works with the rights that the page names, and takes nothing from the audit record', async () => {
    const page = await readFile(new URL('../../docs/shared-state.md', import.meta.url), 'utf8')
    const [grants = '', deletion = ''] = [...page.matchAll(/^```sql\n([^]*?)^```$/gm)].map(([, sql = '']) => sql)
    await succeeds(there(['history']))
    await shared.run(
      `create role wsctl_operator login password '${PASSWORD}'; create role wsctl_reader login password '${PASSWORD}'; ${grants}`,
    )
    const [operator, reader] = ['wsctl_operator', 'wsctl_reader'].map((role) =>
      shared.url.replace('wsctl:', `${role}:`),
    )
    const run = here(gradual({ duration: '2s' }), operator)
    await observing(run)
    await succeeds(there(['rollout', 'pause', '--reason', 'lunch'], operator))
    await succeeds(there(['rollout', 'resume', '--yes'], operator))
    assert.equal((await run.ended).code, 0, run.stderr())
    await succeeds(there(['checklist', 'sign', 'team-told', '--note', 'all of them'], operator))
    assert.match(await succeeds(there(['history'], reader)), /completed/)
    const refused = await there(['configure', '--percentage', '35', '--yes'], reader).ended
    assert.equal(refused.code, 2, refused.stderr)
    assert.match(refused.stderr, /refused this user: permission denied/)
    assert.equal(await settings(), 'gradual 20')
    const asOperator = new pg.Client({ connectionString: operator })
    await asOperator.connect()
    for (const sql of ['delete from wsctl.audit', 'delete from wsctl.event', `update wsctl.audit set line = ''`]) {
      await assert.rejects(asOperator.query(sql), /permission denied/, sql)
    }
    await asOperator.end()
    await shared.run(deletion.replaceAll('20260101', '99990101'))
    assert.equal((await ids()).length, 0)
    await shared.run('drop owned by wsctl_operator, wsctl_reader; drop role wsctl_operator, wsctl_reader')
  })

  describe('refuses, with one message and nothing changed,', () => {
    const cases: readonly (readonly [what: string, state: (url: string) => string, message: RegExp])[] = [
      ['what is no URL', () => 'localhost', /it is no URL of a PostgreSQL database/],
      ['the URL of something else', () => 'https://db.example.com/wsctl', /it is no URL of a PostgreSQL database/],
      ['a URL without a database', (known) => known.replace(/\/\w+$/, ''), /it names no database/],
      ['a parameter that there is not', (known) => `${known}?ssl=true`, /it has a parameter ssl, which there is not/],
      ['a mode of TLS that may not be one', (known) => `${known}?sslmode=prefer`, /its sslmode is prefer/],
      ['a wrong password', (known) => known.replace(PASSWORD, 'guessed'), /password authentication failed/],
      ['no password', (known) => known.replace(`:${PASSWORD}`, ''), /refused this user/],
      ['a database that there is not', (known) => `${known}_gone`, /does not exist/],
      ['a host that there is not', () => 'postgres://no-such-host.invalid/wsctl', /no-such-host\.invalid/],
      ['a port where nobody is', () => 'postgres://127.0.0.1:1/wsctl', /ECONNREFUSED/],
      [
        'a file of certificates that is not there',
        (known) => `${known}?sslmode=verify-full&sslrootcert=/gone.pem`,
        /sslrootcert/,
      ],
    ]
    for (const [what, state, message] of cases) {
      it(what, async () => {
        const { code, stdout, stderr } = await there(['deploy', 'gradual', '--json'], state(shared.url)).ended
        assert.equal(code, 2, stderr)
        const { error } = JSON.parse(stdout) as { readonly error: { readonly message: string } }
        assert.match(error.message, message)
        for (const secret of [PASSWORD, 'guessed']) assert.ok(!(stdout + stderr).includes(secret))
        assert.equal(await settings(), 'disabled 0')
      })
    }

    it('a schema of a newer wsctl', async () => {
      await succeeds(there(['history']))
      await shared.run('update wsctl.schema_version set version = 9, compatible = 9')
      const { code, stderr } = await there(gradual()).ended
      assert.equal(code, 2)
      assert.match(stderr, /has the schema 9 of a newer wsctl/)
    })
  })
})
