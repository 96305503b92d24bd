import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OrderFolder } from '../../../src/lib/adapters/order-folder.js'
import type { Command } from '../../../src/lib/core/control.js'
import { until } from '../../support/live-server.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

const PAUSE: Command = { id: 'a', order: 'pause', step: null, by: 'ana@desk', reason: 'lunch' }
const NOW = new Date('2026-11-25T12:00:00Z')

describe('the orders to a run', () => {
  const folder = new TemporaryFolder()

  it('reach it, those that were there before it listened as well, each once', async () => {
    const orders = new OrderFolder(folder.at(), 'run-1')
    await orders.give(PAUSE, NOW)
    const taken: Command[] = []
    const stop = await orders.follow(
      (command) => taken.push(command),
      () => NOW,
    )
    await until(() => taken.length === 1)
    await orders.give({ ...PAUSE, id: 'b', order: 'promote', step: 2 }, NOW)
    await until(() => taken.length === 2)
    await stop()
    assert.deepEqual(taken, [PAUSE, { ...PAUSE, id: 'b', order: 'promote', step: 2 }])
  })

  it('are not followed once nobody can still mean them', async () => {
    const orders = new OrderFolder(folder.at(), 'run-1')
    await orders.give(PAUSE, NOW)
    await orders.give({ ...PAUSE, id: 'b' }, new Date(NOW.getTime() + 59_000))
    const taken: string[] = []
    const stop = await orders.follow(
      ({ id }) => taken.push(id),
      () => new Date(NOW.getTime() + 61_000),
    )
    await until(() => taken.length > 0)
    await stop()
    assert.deepEqual(taken, ['b'])
  })

  it('can be taken back as long as nobody took them', async () => {
    const orders = new OrderFolder(folder.at(), 'run-1')
    await orders.give(PAUSE, NOW)
    assert.equal(await orders.withdraw(PAUSE), true)
    assert.equal(await orders.withdraw(PAUSE), false)
  })

  it('are passed over when they are none', async () => {
    const place = join(folder.at(), 'orders', 'run-1')
    await mkdir(place, { recursive: true })
    await writeFile(join(place, 'a.json'), '{"schema":"wsctl/order@1","id":"a","order":"explode"}')
    await writeFile(join(place, 'b.json'), 'not JSON')
    const orders = new OrderFolder(folder.at(), 'run-1')
    await orders.give({ ...PAUSE, id: 'c' }, NOW)
    const taken: string[] = []
    const stop = await orders.follow(
      ({ id }) => taken.push(id),
      () => NOW,
    )
    await until(() => taken.length > 0)
    await stop()
    assert.deepEqual(taken, ['c'])
  })

  it('to another run are none of its business', async () => {
    const taken: string[] = []
    const stop = await new OrderFolder(folder.at(), 'run-2').follow(
      ({ id }) => taken.push(id),
      () => NOW,
    )
    await new OrderFolder(folder.at(), 'run-1').give(PAUSE, NOW)
    await new OrderFolder(folder.at(), 'run-2').give({ ...PAUSE, id: 'mine' }, NOW)
    await until(() => taken.length > 0)
    await stop()
    assert.deepEqual(taken, ['mine'])
  })
})
