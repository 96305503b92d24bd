import assert from 'node:assert/strict'
import type { NewEntry } from '../../../src/lib/core/audit-entry.js'
import type { Claimant } from '../../../src/lib/core/claim.js'
import type { Command } from '../../../src/lib/core/control.js'
import type { RolloutEvent } from '../../../src/lib/core/event.js'
import { fold } from '../../../src/lib/core/fold.js'
import type { ServerLock, StateStore } from '../../../src/lib/ports/state-store.js'
import { until } from '../../support/live-server.js'
import { refusalOf } from '../../support/refusal.js'
import { gradual, Scene } from '../../support/rollouts.js'
import { STATE_SCENES } from '../../support/state-stores.js'

const SERVER = 'http://chat.example.com:8000'
const PAUSE: Command = { id: 'a', order: 'pause', step: null, by: 'ana@desk', reason: 'lunch' }

function claimant(rolloutId: string, server = SERVER): Claimant {
  return { rolloutId, command: 'deploy gradual', server, operator: 'ana@desk', since: '2026-11-24T09:00:00.000Z' }
}

function signed(item: string): NewEntry {
  const author = { time: '2026-11-24T09:00:00.000Z', operator: 'ana@desk', pid: 1, command: 'checklist sign' }
  const about = { rolloutId: null, server: SERVER, reason: 'looked', failure: null }
  return { ...author, ...about, target: 'checklist', change: 'sign', item }
}

for (const [name, setUp] of Object.entries(STATE_SCENES)) {
  describe(`state in ${name}`, function () {
    this.timeout(60_000)
    const scene = setUp()
    let state: StateStore
    let events: readonly RolloutEvent[]

    before(async () => {
      const run = new Scene()
      await run.run(gradual())
      events = run.journal.events
    })
    beforeEach(async () => {
      state = await scene.open()
    })

    async function record(id: string, lines: readonly RolloutEvent[] = events): Promise<void> {
      const journal = await state.runs.create(id)
      for (const event of lines) await journal.append(event)
      await journal.close()
    }

    async function take(id: string, exclusive = true, server = SERVER): Promise<ServerLock> {
      const answer = await state.locks.take(claimant(id, server), { exclusive })
      if (!('lock' in answer)) assert.fail(`held by ${answer.heldBy?.rolloutId ?? 'nobody known'}`)
      return answer.lock
    }

    describe('the records of runs', () => {
      it('are empty before the first, and can be written', async () => {
        assert.deepEqual(await state.runs.ids(), [])
        await state.runs.checkWritable()
      })

      it('give back every event as it was, to any process, as soon as it was taken', async () => {
        const journal = await state.runs.create('20261124-090000-aaaa')
        const other = await scene.open()
        for (const [index, event] of events.slice(0, 5).entries()) {
          await journal.append(event)
          assert.equal((await other.runs.events('20261124-090000-aaaa')).length, index + 1)
        }
        await journal.close()
        const read = await other.runs.events('20261124-090000-aaaa')
        assert.deepEqual(
          read.map(({ seq, type, time }) => ({ seq, type, time })),
          events.slice(0, 5).map(({ seq, type, time }) => ({ seq, type, time })),
        )
        assert.deepEqual(await other.runs.state('20261124-090000-aaaa'), fold(events.slice(0, 5)))
      })

      it('are listed newest first, and found by the beginning of an id', async () => {
        for (const id of ['20261124-090000-aaaa', '20261125-090000-aaaa', '20261124-090000-aaab']) await record(id)
        assert.deepEqual(await state.runs.ids(), [
          '20261125-090000-aaaa',
          '20261124-090000-aaab',
          '20261124-090000-aaaa',
        ])
        assert.equal(await state.runs.find('20261125'), '20261125-090000-aaaa')
        assert.equal((await refusalOf(() => state.runs.find('20261124'))).code, 'ambiguous-run')
        assert.equal((await refusalOf(() => state.runs.find('2027'))).code, 'no-such-run')
      })

      it('are kept by one run alone: an id is not taken twice', async () => {
        await record('a')
        await assert.rejects(state.runs.create('a'))
        assert.equal((await state.runs.events('a')).length, events.length)
      })

      it('tell a list what a run was and how it ended', async () => {
        await record('a')
        const outline = await state.runs.outline('a')
        assert.equal(outline?.plan.command, 'deploy gradual')
        assert.equal(outline.end?.outcome, 'completed')
        assert.equal(outline.startedAt, events[0]?.time)
        assert.equal(outline.percentage, 50)
        assert.deepEqual(await state.runs.plan('a'), outline.plan)
        const unfinished = events.slice(0, -1)
        await record('b', unfinished)
        assert.equal((await state.runs.glance('b'))?.end, null)
        assert.equal((await state.runs.glance('b'))?.seenAt, unfinished.at(-1)?.time)
      })

      it('know nothing of a run that recorded no beginning', async () => {
        await record('a', [])
        assert.equal(await state.runs.state('a'), null)
        assert.equal(await state.runs.outline('a'), null)
        assert.equal(await state.runs.glance('a'), null)
        assert.equal((await refusalOf(() => state.runs.plan('a'))).code, 'journal-unreadable')
      })

      it('are gone on with by another process where they end', async () => {
        await record('a', events.slice(0, 4))
        const other = await scene.open()
        const { journal, state: left } = await other.runs.reopen('a')
        assert.equal(left.seq, 4)
        for (const event of events.slice(4)) await journal.append(event)
        await journal.close()
        assert.deepEqual(await state.runs.state('a'), fold(events))
      })

      it('are followed from elsewhere as they are written', async () => {
        const journal = await state.runs.create('a')
        const seen: number[] = []
        const stop = new AbortController()
        const sleep = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 10))
        const following = (async () => {
          const other = await scene.open()
          for await (const news of other.runs.follow('a', { clock: { sleep }, signal: stop.signal })) {
            seen.push(...news.map(({ seq }) => seq))
          }
        })()
        for (const event of events.slice(0, 6)) {
          await journal.append(event)
          await until(() => seen.length === event.seq)
        }
        stop.abort()
        await following
        await journal.close()
        assert.deepEqual(seen, [1, 2, 3, 4, 5, 6])
      })
    })

    describe('the locks', () => {
      it('are given to one run at a time, and tell everybody who has them', async () => {
        const lock = await take('a')
        const other = await scene.open()
        const answer = await other.locks.take(claimant('b'), { exclusive: true })
        assert.ok('heldBy' in answer)
        assert.equal(answer.heldBy?.rolloutId, 'a')
        assert.equal((await other.locks.holderOf(`${SERVER}/`))?.operator, 'ana@desk')
        assert.equal((await other.locks.workingOn('a'))?.pid, process.pid)
        await lock.assertHeld()
        await lock.confirm()
        await lock.release('ended')
        assert.equal(await other.locks.holderOf(SERVER), null)
        assert.deepEqual(await other.locks.claims(), [])
        await (await take('b')).release('ended')
      })

      it('of two servers are two, and who only looks needs none', async () => {
        const locks = [await take('a'), await take('b', true, 'http://other.example.com'), await take('c', false)]
        const twice = await state.locks.take(claimant('c'), { exclusive: false })
        assert.ok('heldBy' in twice, 'a run is run once')
        for (const lock of locks) await lock.release('ended')
      })

      it('take in one more server, unless another run works on it', async () => {
        const [third, fourth] = ['http://third.example.com', 'http://fourth.example.com']
        const lock = await take('a')
        const other = await take('b', true, third)
        assert.equal((await lock.extend(third))?.rolloutId, 'b')
        assert.equal((await state.locks.holderOf(third))?.rolloutId, 'b')
        assert.equal(await lock.extend(fourth), null)
        assert.equal(await lock.extend(fourth), null, 'it is its own')
        const answer = await (await scene.open()).locks.take(claimant('c', fourth), { exclusive: true })
        assert.ok('heldBy' in answer && answer.heldBy?.rolloutId === 'a')
        await other.release('left')
        assert.equal(await lock.extend(third), null, 'nobody works on it any more')
        await lock.assertHeld()
        await lock.confirm()
        await lock.release('left')
        const left = (await state.locks.claims()).find(({ claim }) => claim.rolloutId === 'a')
        assert.deepEqual(left?.claim.servers, [SERVER, fourth, third], 'who takes it up knows them')
      })

      it('take in no server once another has taken over', async () => {
        const lock = await take('a')
        const claim = await state.locks.workingOn('a')
        assert.ok(claim)
        await state.locks.forget(claim)
        await assert.rejects(lock.extend('http://third.example.com'), { code: 'lock-lost' })
        await lock.release('ended')
      })

      it('are taken by one of many who ask at once', async () => {
        const stores = await Promise.all(Array.from({ length: 6 }, () => scene.open()))
        const answers = await Promise.all(
          stores.map((store, at) => store.locks.take(claimant(`run-${at}`), { exclusive: true })),
        )
        const locks = answers.flatMap((answer) => ('lock' in answer ? [answer.lock] : []))
        assert.equal(locks.length, 1)
        for (const lock of locks) await lock.release('ended')
      })

      it('remember a run that was left, until a later one settles it', async () => {
        await (await take('a')).release('left')
        assert.deepEqual(
          (await state.locks.claims()).map(({ claim, isAlive }) => [claim.rolloutId, isAlive]),
          [['a', false]],
        )
        const later = await take('b')
        const settled = await later.release('settled')
        assert.deepEqual(
          settled.map(({ rolloutId }) => rolloutId),
          ['a'],
        )
        assert.deepEqual(await state.locks.claims(), [])
      })

      it('ask an emergency nothing, and tell of it while it is under way', async () => {
        const lock = await take('a')
        const emergency = await state.locks.announce(claimant('b'))
        await emergency.assertHeld()
        assert.equal((await state.locks.workingOn('b'))?.rolloutId, 'b')
        assert.equal((await state.locks.holderOf(SERVER))?.rolloutId, 'a')
        await emergency.release('ended')
        await lock.assertHeld()
        await lock.release('ended')
      })

      it('are lost by who was taken for dead', async () => {
        await (await take('a')).release('left')
        const second = await take('a')
        const claim = await state.locks.workingOn('a')
        assert.ok(claim)
        await state.locks.forget(claim)
        await assert.rejects(second.confirm(), { code: 'lock-lost' })
        await second.release('ended')
      })
    })

    it('keeps the audit record in order, and adds to it only', async () => {
      await state.audit.check()
      assert.deepEqual(await state.audit.read(), { entries: [], unreadable: 0 })
      for (const item of ['one', 'two', 'three']) await state.audit.append(signed(item))
      const { entries } = await (await scene.open()).audit.read()
      assert.deepEqual(
        entries.map((entry) => entry.target === 'checklist' && entry.item),
        ['one', 'two', 'three'],
      )
    })

    it('passes orders to the run that they are for, each once, in turn', async () => {
      const now = (): Date => new Date()
      await state.orders('run').give(PAUSE, now())
      await state.orders('other').give({ ...PAUSE, id: 'not-mine' }, now())
      const taken: Command[] = []
      const run = await scene.open()
      const stop = await run.orders('run').follow((command) => taken.push(command), now)
      await until(() => taken.length === 1)
      await state.orders('run').give({ ...PAUSE, id: 'b', order: 'promote', step: 2 }, now())
      await until(() => taken.length === 2)
      assert.equal(await state.orders('run').withdraw(PAUSE), false)
      await stop()
      assert.deepEqual(taken, [PAUSE, { ...PAUSE, id: 'b', order: 'promote', step: 2 }])
    })

    it('gives an order back that nobody took', async () => {
      await state.orders('run').give(PAUSE, new Date())
      assert.equal(await state.orders('run').withdraw(PAUSE), true)
      assert.equal(await state.orders('run').withdraw(PAUSE), false)
    })

    it('knows which messages were delivered, and who is told', async () => {
      await record('a', events.slice(0, 1))
      assert.equal(await state.deliveries('a').isSettled('slack', 'a/1'), false)
      await state.deliveries('a').settle('slack', 'a/1', 'delivered')
      assert.equal(await state.noticeSetup('a').read(), null)
      await state.noticeSetup('a').write('{"told":"everybody"}\n')
      const other = await scene.open()
      assert.equal(await other.deliveries('a').isSettled('slack', 'a/1'), true)
      assert.equal(await other.deliveries('b').isSettled('slack', 'a/1'), false)
      assert.equal(await other.noticeSetup('a').read(), '{"told":"everybody"}\n')
    })
  })
}
