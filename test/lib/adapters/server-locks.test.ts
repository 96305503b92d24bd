import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { ClaimFiles, fileNameOf, newClaim } from '../../../src/lib/adapters/claim-files.js'
import { ServerLocks } from '../../../src/lib/adapters/server-locks.js'
import type { Claim, Claimant } from '../../../src/lib/core/claim.js'
import type { ServerLock } from '../../../src/lib/ports/state-store.js'
import { refusalOf } from '../../support/refusal.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

const SERVER = 'http://chat.example.com:8000'

function run(id: string, server = SERVER): Claimant {
  return {
    rolloutId: id,
    command: 'deploy gradual',
    server,
    operator: 'ada@build-7',
    since: '2026-11-24T09:00:00.000Z',
  }
}

describe('the lock of a server', () => {
  const folder = new TemporaryFolder()
  let locks: ServerLocks
  const taken: ServerLock[] = []

  beforeEach(() => {
    locks = new ServerLocks(folder.at('state'))
  })

  afterEach(async () => {
    for (const lock of taken.splice(0)) await lock.release('ended')
  })

  async function take(claimant: Claimant, exclusive = true): Promise<ServerLock> {
    const answer = await locks.take(claimant, { exclusive })
    if (!('lock' in answer)) assert.fail(`held by ${answer.heldBy?.rolloutId ?? 'nobody known'}`)
    taken.push(answer.lock)
    return answer.lock
  }

  async function heldBy(claimant: Claimant, exclusive = true): Promise<string | null | undefined> {
    const answer = await locks.take(claimant, { exclusive })
    if ('lock' in answer) assert.fail('the lock was given')
    return answer.heldBy?.rolloutId ?? null
  }

  /** As a process of any machine leaves a claim behind when it is killed. */
  async function claimOf(id: string, change: Partial<Claim> = {}, lockAgeMs = 0): Promise<void> {
    await mkdir(folder.at('state', 'locks', `${fileNameOf(SERVER)}.lock`), { recursive: true })
    const refreshed = (Date.now() - lockAgeMs) / 1000
    await utimes(folder.at('state', 'locks', `${fileNameOf(SERVER)}.lock`), refreshed, refreshed)
    await new ClaimFiles(folder.at('state', 'locks')).write({ ...(await newClaim(run(id), true)), ...change })
  }

  async function leftIds(): Promise<readonly string[]> {
    return (await locks.claims()).filter(({ isAlive }) => !isAlive).map(({ claim }) => claim.rolloutId)
  }

  it('of each server of a fleet is given with it, and keeps a run on any of them away', async () => {
    const [one, other] = ['http://chat.example.com:8000', 'http://chat.example.com:8001']
    const fleet: Claimant = { ...run('a', `${one} and ${other}`), servers: [one, other] }
    const lock = await take(fleet)
    assert.equal(await heldBy(run('b', `${other}/`)), 'a')
    assert.equal(await heldBy({ ...run('c', 'others'), servers: ['http://x', one] }), 'a')
    assert.equal((await locks.holderOf(['http://x', other]))?.rolloutId, 'a')
    await take(run('d', 'http://x'))
    await lock.release('ended')
    await take(run('e', other))
    assert.equal(await heldBy(fleet), 'e')
  })

  it('is given to one run at a time, and tells who has it', async () => {
    const lock = await take(run('a'))
    assert.equal(await heldBy(run('b')), 'a')
    assert.equal((await locks.holderOf(SERVER))?.operator, 'ada@build-7')
    await lock.assertHeld()
    await lock.release('ended')
    assert.equal(await locks.holderOf(SERVER), null)
    await take(run('b'))
  })

  it('is one for however the address is spelled, and another for another server', async () => {
    await take(run('a'))
    assert.equal(await heldBy(run('b', 'HTTP://Chat.Example.com:8000/')), 'a')
    await take(run('c', 'http://chat.example.com:8001'))
    await take(run('d', 'http://chat.example.com:8000/other'))
  })

  it('goes to one of many who ask at the same moment', async () => {
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((id) => locks.take(run(id), { exclusive: true })))
    const given = answers.flatMap((answer) => ('lock' in answer ? [answer.lock] : []))
    taken.push(...given)
    assert.equal(given.length, 1)
  })

  it('of a dead process goes to one of many who find it', async () => {
    await claimOf('dead', { processStart: '1' })
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((id) => locks.take(run(id), { exclusive: true })))
    const given = answers.flatMap((answer) => ('lock' in answer ? [answer.lock] : []))
    taken.push(...given)
    assert.equal(given.length, 1)
  })

  it('does not keep a run from watching, but no run works twice', async () => {
    await take(run('a'))
    await take(run('b'), false)
    assert.equal(await heldBy(run('b'), false), 'b')
  })

  it('is taken over at once from a process that died, or whose number another one has now', async () => {
    await claimOf('dead', { pid: 2 ** 22 + 1 })
    const lock = await take(run('a'))
    await lock.release('ended')
    await claimOf('reused', { processStart: '1' })
    await take(run('b'))
    assert.deepEqual(await leftIds(), ['dead', 'reused'])
  })

  it('is not taken from a process that lives, however long it has not been heard of', async () => {
    await claimOf('suspended', {}, 3_600_000)
    assert.equal(await heldBy(run('a')), 'suspended')
  })

  it('of another machine is taken over when nobody refreshed it for a while', async () => {
    await claimOf('elsewhere', { place: 'build-8 1234', pid: process.pid }, 5000)
    assert.equal(await heldBy(run('a')), 'elsewhere')
    await claimOf('elsewhere', { place: 'build-8 1234', pid: process.pid }, 120_000)
    await take(run('a'))
  })

  it('is lost to whoever took over, and then neither held nor released any more', async () => {
    const slow = await take(run('slow'))
    await slow.assertHeld()
    const claims = new ClaimFiles(folder.at('state', 'locks'))
    const claim = await claims.read('slow')
    assert.ok(claim)
    await claimOf('slow', { ...claim, place: 'build-8 1234' }, 120_000)
    const successor = await take(run('a'))
    const error = await refusalOf(() => slow.assertHeld())
    assert.equal(error.code, 'lock-lost')
    assert.match(error.message, /another run has taken over/)
    await slow.release('ended')
    await successor.assertHeld()
    assert.equal(await heldBy(run('b')), 'a')
  })

  it('remembers a run that was given up, until it is taken up again', async () => {
    await (await take(run('a'))).release('left')
    assert.deepEqual(await leftIds(), ['a'])
    await take(run('b', 'http://other.example.com'))
    assert.deepEqual(await leftIds(), ['a'])
    await take(run('a'))
    assert.deepEqual(await leftIds(), [])
  })

  it('forgets runs that were left on a server once a later one settled it', async () => {
    await (await take(run('a'))).release('left')
    await (await take(run('other', 'http://other.example.com'))).release('left')
    await (await take(run('b'))).release('ended')
    assert.deepEqual(await leftIds(), ['a', 'other'])
    const settled = await (await take(run('c'))).release('settled')
    assert.deepEqual(
      settled.map(({ rolloutId }) => rolloutId),
      ['a'],
    )
    assert.deepEqual(await leftIds(), ['other'])
  })

  it('tells of a companion whose process it took over from, and of nobody else', async () => {
    await claimOf('a', { pid: 4711, processStart: 'long ago' })
    const companionPolicy = 'rollback' as const
    const answer = await locks.take({ ...run('a'), operator: 'ben@build-7' }, { exclusive: true, companionPolicy })
    assert.ok('lock' in answer)
    taken.push(answer.lock)
    const { takeover } = (await locks.workingOn('a')) ?? {}
    assert.deepEqual(takeover, { policy: 'rollback', diedPid: 4711, diedOperator: 'ada@build-7' })
    await answer.lock.release('left')
    await take(run('a'))
    assert.equal((await locks.workingOn('a'))?.takeover, null)
  })

  it('reads claims from before it was kept who took over', async () => {
    await claimOf('a')
    const path = folder.at('state', 'locks', 'a.json')
    const { takeover, ...old } = JSON.parse(await readFile(path, 'utf8')) as Claim
    assert.equal(takeover, null)
    await writeFile(path, JSON.stringify(old))
    assert.equal((await locks.workingOn('a'))?.takeover, null)
  })

  it('is not asked for by an emergency, which leaves word all the same', async () => {
    const lock = await take(run('a'))
    const emergency = await locks.announce({ ...run('e'), command: 'rollback emergency' })
    assert.deepEqual(
      (await locks.claims()).map(({ claim, isAlive }) => [claim.rolloutId, isAlive]),
      [
        ['a', true],
        ['e', true],
      ],
    )
    await emergency.release('settled')
    await lock.assertHeld()
    await lock.release('left')
    await (await locks.announce(run('f'))).release('settled')
    assert.deepEqual(await locks.claims(), [])
  })

  it('leaves nothing behind in the folder, which only its owner can read', async () => {
    const lock = await take(run('a'))
    assert.equal((await stat(folder.at('state', 'locks'))).mode & 0o777, 0o700)
    assert.equal((await stat(folder.at('state', 'locks', 'a.json'))).mode & 0o777, 0o600)
    await lock.release('ended')
    assert.deepEqual(await readdir(folder.at('state', 'locks')), [])
  })

  it('is refused, not shared, when the claim beside it cannot be read', async () => {
    await claimOf('damaged')
    await writeFile(folder.at('state', 'locks', 'damaged.json'), 'half a cla')
    assert.equal(await heldBy(run('a')), null)
  })

  it('is a clear complaint when the folder cannot be made', async () => {
    await writeFile(folder.at('state'), 'a file')
    const error = await refusalOf(() => take(run('a')))
    assert.equal(error.code, 'lock-unwritable')
    assert.equal(error.exitCode, 2)
    assert.match(error.suggestions.join(), /--state-dir/)
  })
})
