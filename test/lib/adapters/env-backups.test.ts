import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EnvFile } from '../../../src/lib/adapters/env-file.js'
import { FakeClock } from '../../support/fakes.js'

describe('backups of an environment file', () => {
  let folder: string
  let path: string
  const clock = new FakeClock()
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wsctl-backups-'))
    path = join(folder, '.env')
    await writeFile(path, 'WEBSOCKET_ROLLOUT_PERCENTAGE=0\n')
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('are the newest ten, in the order in which they were made, however the wall clock jumps', async () => {
    const file = new EnvFile(path, clock)
    for (let percentage = 1; percentage <= 15; percentage++) {
      clock.jumpWall(percentage % 4 === 0 ? -86_400_000 : 0)
      await file.set({ WEBSOCKET_ROLLOUT_PERCENTAGE: String(percentage) })
    }
    const kept = await Promise.all((await file.backups()).map((backup) => readFile(backup, 'utf8')))
    assert.deepEqual(
      kept,
      [14, 13, 12, 11, 10, 9, 8, 7, 6, 5].map((percentage) => `WEBSOCKET_ROLLOUT_PERCENTAGE=${percentage}\n`),
    )
  })

  it('bring back what the last change replaced, also after the wall clock was set back', async () => {
    const file = new EnvFile(path, clock)
    await file.set({ WEBSOCKET_ROLLOUT_PERCENTAGE: '5' })
    clock.jumpWall(-86_400_000)
    await file.set({ WEBSOCKET_ROLLOUT_PERCENTAGE: '20' })
    await file.restore()
    assert.equal(await readFile(path, 'utf8'), 'WEBSOCKET_ROLLOUT_PERCENTAGE=5\n')
  })
})
