import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import type { PostgresState } from '../../../../src/lib/adapters/postgres/state.js'
import type { Claimant } from '../../../../src/lib/core/claim.js'
import type { RolloutEvent } from '../../../../src/lib/core/event.js'
import type { Journal } from '../../../../src/lib/ports/journal.js'
import type { ServerLock } from '../../../../src/lib/ports/state-store.js'
import { CutLine } from '../../../support/cut-line.js'
import { until } from '../../../support/live-server.js'
import { refusalOf } from '../../../support/refusal.js'
import { gradual, Scene } from '../../../support/rollouts.js'
import { PostgresScene } from '../../../support/state-stores.js'
import { PASSWORD } from '../../../support/postgres.js'

const SERVER = 'http://chat.example.com:8000'

function claimant(rolloutId: string): Claimant {
  return {
    rolloutId,
    command: 'deploy gradual',
    server: SERVER,
    operator: 'ana@desk',
    since: '2026-11-24T09:00:00.000Z',
  }
}

describe('shared state', function () {
  this.timeout(60_000)
  const scene = new PostgresScene()
  let events: readonly RolloutEvent[]

  before(async () => {
    const run = new Scene()
    await run.run(gradual())
    events = run.journal.events
  })

  async function take({ locks }: PostgresState, id: string): Promise<ServerLock> {
    const answer = await locks.take(claimant(id), { exclusive: true })
    if (!('lock' in answer)) assert.fail(`held by ${answer.heldBy?.rolloutId ?? 'nobody known'}`)
    return answer.lock
  }

  async function recordedSeqs(id: string): Promise<readonly unknown[]> {
    return (await scene.run(`select seq from wsctl.event where run = '${id}' order by seq`)).map(({ seq }) => seq)
  }

  const at = (index: number): RolloutEvent => {
    const event = events[index]
    if (event === undefined) throw new RangeError('the run is not that long')
    return event
  }

  describe('the schema', () => {
    it('is made by the first of many who come at once', async () => {
      await Promise.all(Array.from({ length: 5 }, (_, machine) => scene.open(`machine-${machine}`)))
      assert.deepEqual(await scene.run('select version, compatible from wsctl.schema_version'), [
        { version: 1, compatible: 1 },
      ])
    })

    it('of a newer wsctl is refused, and nothing in it is changed', async () => {
      await scene.open()
      await scene.run('update wsctl.schema_version set version = 7, compatible = 5')
      const refusal = await refusalOf(() => scene.open())
      assert.equal(refusal.code, 'state-newer')
      assert.equal(refusal.exitCode, 2)
      assert.match(refusal.message, /schema 7 of a newer wsctl, and this one knows 1\. Nothing was changed/)
      assert.deepEqual(await scene.run('select version, compatible from wsctl.schema_version'), [
        { version: 7, compatible: 5 },
      ])
    })

    it('of a newer wsctl that only has more is worked with, and kept', async () => {
      await scene.open()
      await scene.run('update wsctl.schema_version set version = 2; alter table wsctl.run add column note text')
      const { runs } = await scene.open()
      await (await runs.create('a')).append(at(0))
      assert.equal((await runs.state('a'))?.seq, 1)
      assert.deepEqual(await scene.run('select version from wsctl.schema_version'), [{ version: 2 }])
    })

    it('is not waited for by an emergency', async () => {
      const refusal = await refusalOf(() => scene.unprepared().prepare({ mayMigrate: false }))
      assert.equal(refusal.code, 'state-unreachable')
    })
  })

  describe('of another address', () => {
    const cases = [
      [
        'a wrong password',
        () => scene.url.replace(PASSWORD, 'wrong'),
        'state-refused',
        /password authentication failed/,
      ],
      ['another database', () => `${scene.url}_gone`, 'state-refused', /database "state_\d+_gone" does not exist/],
      ['a port where nobody is', () => scene.url.replace(/:\d+\//, ':1/'), 'state-unreachable', /ECONNREFUSED/],
    ] as const
    for (const [what, url, code, message] of cases) {
      it(`with ${what} is refused in one message, without a password`, async () => {
        const refusal = await refusalOf(() => scene.open('here', url()))
        assert.equal(refusal.code, code)
        assert.equal(refusal.exitCode, 2)
        assert.match(refusal.message, message)
        assert.doesNotMatch(refusal.message, /not-a-secret|wrong/)
      })
    }
  })

  describe('over TLS', () => {
    const certificates = new URL('../../../support/certificates/', import.meta.url).pathname
    const over = (parameters: string): string => `${scene.url}?${parameters}`

    it('is reached when an authority that is trusted vouches for the name', async () => {
      await scene.open('here', over(`sslmode=verify-full&sslrootcert=${certificates}authority.pem`))
      assert.deepEqual(await scene.run('select count(*)::int as tables from wsctl.run'), [{ tables: 0 }])
      await scene.open('here', over('sslmode=require'))
    })

    it('is refused when nobody vouches for it, and nothing is sent in the open instead', async () => {
      for (const parameters of [
        'sslmode=verify-full',
        `sslmode=verify-full&sslrootcert=${certificates}self-signed.pem`,
        `sslmode=verify-ca&sslrootcert=${certificates}self-signed.pem`,
      ]) {
        const refusal = await refusalOf(() => scene.open('here', over(parameters)))
        assert.equal(refusal.code, 'state-unreachable')
        assert.match(refusal.message, /certificate/)
      }
    })
  })

  describe('a lease', () => {
    it('keeps others away as long as it lasts, and no longer', async () => {
      const first = await take(await scene.open('one'), 'a')
      const other = await scene.open('two')
      assert.ok('heldBy' in (await other.locks.take(claimant('b'), { exclusive: true })))
      await scene.lapse('a')
      const second = await take(other, 'b')
      await assert.rejects(first.confirm(), { code: 'lock-lost' })
      await assert.rejects(first.assertHeld(), { code: 'lock-lost' })
      assert.ok(((await second.confirm()) ?? 0) > 10_000)
      assert.deepEqual(await first.release('ended'), [], 'and takes nothing from the second')
      await second.assertHeld()
      assert.equal((await other.locks.holderOf(SERVER))?.rolloutId, 'b')
      await second.release('ended')
    })

    it('that lapsed is taken up again by who has it, unless another came first', async () => {
      const lock = await take(await scene.open('one'), 'a')
      await scene.lapse('a')
      await lock.confirm()
      const other = await scene.open('two')
      assert.ok('heldBy' in (await other.locks.take(claimant('b'), { exclusive: true })))
      await lock.release('ended')
    })

    it('counts by the clock of the database, whatever this machine believes', async () => {
      const lock = await take(await scene.open('one'), 'a')
      const [row] = await scene.run(
        `select extract(epoch from leased_until - clock_timestamp())::float as left from wsctl.claim`,
      )
      assert.ok(Number(row?.['left']) > 10 && Number(row?.['left']) <= 15)
      await lock.release('ended')
    })

    it('of a process that this machine knows to be dead does not count', async () => {
      const { locks } = await scene.open()
      const lock = await take(await scene.open(), 'a')
      await scene.run(`update wsctl.claim set claim = replace(claim, '"pid":${process.pid}', '"pid":2147483646')`)
      assert.deepEqual(
        (await locks.claims()).map(({ isAlive }) => isAlive),
        [false],
      )
      await scene.run(`update wsctl.claim set claim = replace(claim, '"place":"', '"place":"elsewhere ')`)
      assert.deepEqual(
        (await locks.claims()).map(({ isAlive }) => isAlive),
        [true],
        'of another machine only the lease says something',
      )
      await lock.release('ended')
    })
  })

  describe('a journal', () => {
    async function begin(state: PostgresState, id: string): Promise<Journal> {
      const journal = await state.runs.create(id)
      await journal.append(at(0))
      return journal
    }

    it('takes nothing more from who was taken over from, by the same run or another', async () => {
      for (const [run, successor] of [
        ['a', 'a'],
        ['b', 'c'],
      ] as const) {
        const one = await scene.open('one')
        await take(one, run)
        const journal = await begin(one, run)
        await scene.lapse(run)
        const two = await scene.open('two')
        const lock = await take(two, successor)
        if (successor === run) await two.runs.reopen(run)
        await assert.rejects(journal.append(at(1)), { code: 'lock-lost' })
        assert.deepEqual(await recordedSeqs(run), [1])
        await lock.release('ended')
      }
    })

    it('has each event once, in order: a second one in the same place is refused', async () => {
      const state = await scene.open()
      await take(state, 'a')
      const journal = await begin(state, 'a')
      await journal.append(at(1))
      await assert.rejects(journal.append(at(1)))
      assert.deepEqual(await recordedSeqs('a'), [1, 2])
    })

    it('renews the lease with each event', async () => {
      const state = await scene.open()
      await take(state, 'a')
      const journal = await begin(state, 'a')
      await scene.lapse('a')
      await journal.append(at(1))
      assert.equal((await (await scene.open('two')).locks.holderOf(SERVER))?.rolloutId, 'a')
    })
  })

  describe('that is lost in the middle of a run', () => {
    let line: CutLine
    let state: PostgresState
    let lock: ServerLock
    let journal: Journal

    beforeEach(async () => {
      line = await CutLine.to(scene.server.port)
      state = await scene.open('one', scene.url.replace(`:${scene.server.port}/`, `:${line.port}/`))
      lock = await take(state, 'a')
      journal = await state.runs.create('a')
      await journal.append(at(0))
      line.cut()
    })
    afterEach(async () => {
      await lock.release('ended').catch(() => undefined)
      await line.close()
    })

    async function waiting(machine = 'one'): Promise<readonly string[]> {
      const names = await readdir(scene.folder.at(machine, 'unmerged')).catch(() => [])
      // One that is merged meanwhile is gone.
      const texts = await Promise.all(
        names.map((name) => readFile(scene.folder.at(machine, 'unmerged', name), 'utf8').catch(() => '')),
      )
      return texts.flatMap((text) => text.trimEnd().split('\n').slice(1))
    }

    it('fails the first event rather than hang, and has what is believed all the same wait on disk', async () => {
      await assert.rejects(journal.append(at(1)), { code: 'state-unreachable' })
      await journal.append(at(1))
      await journal.append(at(2))
      assert.equal((await waiting()).length, 2)
    })

    it('confirms no lock, rather than hang', async () => {
      await assert.rejects(lock.confirm(), { code: 'state-unreachable' })
    })

    it('gets the events in order, each once, when it is there again, and those that follow', async () => {
      await assert.rejects(journal.append(at(1)))
      for (const index of [1, 2, 3]) await journal.append(at(index))
      line.mend()
      let next = 4
      await until(async () => {
        await journal.append(at(next++))
        return (await waiting()).length === 0
      })
      await journal.append(at(next++))
      await journal.close()
      assert.deepEqual(
        await recordedSeqs('a'),
        Array.from({ length: next }, (_, index) => index + 1),
      )
      assert.deepEqual(await waiting(), [])
    })

    it('has the event that it was told last replaced, when its run never learnt that it was recorded', async () => {
      await scene.run(
        `insert into wsctl.event (run, seq, fence, line) select 'a', 2, fence, 'not believed' from wsctl.run where id = 'a'`,
      )
      await assert.rejects(journal.append(at(1)))
      await journal.append(at(1))
      line.mend()
      await until(async () => {
        await journal.close()
        return (await waiting()).length === 0
      })
      assert.equal((await (await scene.open('two')).runs.state('a'))?.seq, 2)
    })

    it('is not given what another process has gone on from: that is kept on disk', async () => {
      await assert.rejects(journal.append(at(1)))
      await journal.append(at(1))
      await scene.lapse('a')
      const two = await scene.open('two')
      const second = await take(two, 'a')
      const { journal: theirs } = await two.runs.reopen('a')
      await theirs.append(at(1))
      line.mend()
      await until(async () => {
        await journal.close()
        return (await readdir(scene.folder.at('one', 'unmerged'))).some((name) => name.endsWith('.superseded'))
      })
      assert.deepEqual(await recordedSeqs('a'), [1, 2])
      assert.equal((await waiting()).length, 1)
      await second.release('ended')
    })

    it('gets its audit entries as well, once', async () => {
      const author = { time: '2026-11-24T09:00:00.000Z', operator: 'ana@desk', pid: 1, command: 'checklist sign' }
      const about = { rolloutId: null, server: SERVER, reason: 'looked', failure: null }
      await state.audit.append({ ...author, ...about, target: 'checklist', change: 'sign', item: 'one' })
      assert.equal((await waiting()).length, 1)
      line.mend()
      await until(async () => {
        await journal.close()
        return (await waiting()).length === 0
      })
      assert.equal((await (await scene.open('two')).audit.read()).entries.length, 1)
    })
  })

  it('that is away keeps an emergency on disk, and gets it from the next command', async () => {
    const state = scene.unprepared('one')
    state.giveUp(await refusalOf(() => scene.unprepared().prepare({ mayMigrate: false })))
    const journal = await state.runs.create('a')
    for (const event of events.slice(0, 3)) await journal.append(event)
    await journal.close()
    await assert.rejects(state.locks.announce(claimant('a')))
    // The process that wrote it is this one, and lives: only then is it left alone.
    const next = scene.unprepared('one')
    assert.deepEqual(await next.prepare({ mayMigrate: true }), [])
    const [name = ''] = await readdir(scene.folder.at('one', 'unmerged'))
    const path = scene.folder.at('one', 'unmerged', name)
    const text = await readFile(path, 'utf8')
    const { writeFile } = await import('node:fs/promises')
    await writeFile(path, text.replace(`"pid":${process.pid}`, '"pid":2147483646'))
    const [told = ''] = await next.prepare({ mayMigrate: true })
    assert.match(told, /3 records that waited on this machine .* were merged into it/)
    assert.deepEqual(await recordedSeqs('a'), [1, 2, 3])
    assert.deepEqual(await readdir(scene.folder.at('one', 'unmerged')), [])
  })
})
