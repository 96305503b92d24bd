import assert from 'node:assert/strict'
import { FencedServer } from '../../../src/lib/adapters/fenced-server.js'
import { WsctlError } from '../../../src/lib/core/error.js'
import type { Configuration } from '../../../src/lib/core/server.js'
import type { RolloutServer } from '../../../src/lib/ports/admin-api.js'
import { FakeClock, FakeServer } from '../../support/fakes.js'

function to(percentage: number, mode: Configuration['mode'] = 'gradual'): Configuration {
  return { mode, percentage, rolloutUsers: [], forceLegacyUsers: [], legacyFallback: true }
}

const LOST = (): Promise<never> => Promise.reject(new WsctlError('lock-lost', 'taken over', { outcome: 'held' }))

/** A server at a percentage, behind a lock that answers so. */
async function fenced(percentage: number, confirm: () => Promise<number | null>) {
  const server = new FakeServer(new FakeClock(), undefined, { mode: 'gradual', percentage })
  const behind = new FencedServer(Object.assign(server, { sent: 0 }), { confirm })
  await behind.readStatus()
  const present = async (): Promise<number> => (await server.readStatus()).settings.percentage
  return { behind, present }
}

describe('a server behind a lock', () => {
  it('is raised by who has the lock, with certainty or as long as the process lives', async () => {
    for (const certainty of [null, 10_000]) {
      const { behind, present } = await fenced(5, () => Promise.resolve(certainty))
      await behind.configure(to(20))
      assert.equal(await present(), 20)
    }
  })

  it('is not raised by who lost it, nor set to where it was last seen: it may be lower by now', async () => {
    const { behind, present } = await fenced(20, LOST)
    await assert.rejects(behind.configure(to(50)), { code: 'lock-lost' })
    await assert.rejects(behind.configure(to(20)), { code: 'lock-lost' })
    assert.equal(await present(), 20)
  })

  it('is not raised by who learnt too late that the lock was still held', async () => {
    const { behind, present } = await fenced(5, () => Promise.resolve(0))
    await assert.rejects(behind.configure(to(20)), { code: 'lock-lost' })
    assert.equal(await present(), 5)
  })

  it('is not raised by who never read it and has no lock', async () => {
    const server = Object.assign(new FakeServer(new FakeClock()), { sent: 0 })
    await assert.rejects(new FencedServer(server, { confirm: LOST }).configure(to(1)), { code: 'lock-lost' })
  })

  it('goes down and is read without a lock', async () => {
    const { behind, present } = await fenced(50, LOST)
    await behind.configure(to(20))
    assert.equal(await present(), 20)
    await behind.configure(to(0, 'disabled'))
    assert.equal(await present(), 0)
    await behind.emergencyRollback()
    await behind.clearCache()
  })

  it('gives a write up when the certainty ends before the answer', async () => {
    let signal: AbortSignal | undefined
    const hanging: Pick<RolloutServer, 'configure'> = {
      configure: (_, given) => {
        signal = given
        return new Promise((_, reject) => given?.addEventListener('abort', () => reject(new Error('given up'))))
      },
    }
    const server = Object.assign(new FakeServer(new FakeClock()), { sent: 0 }, hanging)
    const behind = new FencedServer(server, { confirm: () => Promise.resolve(30) })
    await assert.rejects(behind.configure(to(20)), /given up/)
    assert.equal(signal?.aborted, true)
  })
})
