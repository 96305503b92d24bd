import assert from 'node:assert/strict'
import { appendFile, readFile, stat, writeFile } from 'node:fs/promises'
import { DeliveryFile } from '../../../src/lib/adapters/delivery-file.js'
import { KeptFile } from '../../../src/lib/adapters/kept-file.js'
import { decodeNoticeSetup, encodeNoticeSetup } from '../../../src/lib/contract/notification.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

describe('what became of the messages of a run', () => {
  const folder = new TemporaryFolder()

  it('is known to a process that comes later, by target and message', async () => {
    const path = folder.at('run.deliveries')
    const file = new DeliveryFile(path)
    assert.equal(await file.isSettled('slack', 'run/1'), false)
    await file.settle('slack', 'run/1', 'delivered')
    await file.settle('slack', 'run/2', 'given-up')
    const later = new DeliveryFile(path)
    assert.equal(await later.isSettled('slack', 'run/1'), true)
    assert.equal(await later.isSettled('slack', 'run/2'), true)
    assert.equal(await later.isSettled('teams', 'run/1'), false)
    assert.equal(await later.isSettled('slack', 'run/3'), false)
    assert.equal((await stat(path)).mode & 0o777, 0o600)
  })

  it('is still known after a crash tore a line', async () => {
    const path = folder.at('run.deliveries')
    await new DeliveryFile(path).settle('slack', 'run/1', 'delivered')
    await appendFile(path, '{"schema":"wsctl/deliv')
    const file = new DeliveryFile(path)
    await file.settle('slack', 'run/2', 'delivered')
    assert.equal(await file.isSettled('slack', 'run/1'), true)
    assert.equal(await file.isSettled('slack', 'run/2'), true)
  })
})

describe('who is told of a run', () => {
  const folder = new TemporaryFolder()
  const setup = {
    folder: '/srv',
    after: 0,
    notifications: [{ type: 'slack', 'url-env': 'SLACK', timeout: 10_000, on: ['breach'] }],
    contacts: { 'system-administrator': 'Ana' },
  } as const

  it('is kept for a process that takes the run up, for its owner alone', async () => {
    const path = folder.at('runs', 'run.notify.json')
    await new KeptFile(path).write(encodeNoticeSetup(setup))
    assert.deepEqual(decodeNoticeSetup(await new KeptFile(path).read()), setup)
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    assert.ok((await readFile(path, 'utf8')).endsWith('}\n'))
  })

  it('is nobody when what was kept is gone or damaged', async () => {
    assert.equal(decodeNoticeSetup(await new KeptFile(folder.at('none')).read()), null)
    await writeFile(folder.at('damaged'), '{"schema":"wsctl/notify@1"')
    assert.equal(decodeNoticeSetup(await new KeptFile(folder.at('damaged')).read()), null)
  })
})
