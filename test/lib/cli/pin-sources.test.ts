import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { EnvFile } from '../../../src/lib/adapters/env-file.js'
import { RunFolder } from '../../../src/lib/adapters/run-folder.js'
import { systemClock } from '../../../src/lib/adapters/system-clock.js'
import { gatherPinSources } from '../../../src/lib/cli/pin-sources.js'
import { stamp } from '../../../src/lib/core/decide.js'
import { basis, gradual } from '../../support/rollouts.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

const SERVER = basis().server

describe('where pinned users are known from', () => {
  const folder = new TemporaryFolder()
  let runs: RunFolder

  beforeEach(async () => {
    runs = new RunFolder(folder.at('state'))
    const plan = gradual({}, { pins: { rolloutUsers: ['old', 'older'], forceLegacyUsers: ['vip'] } })
    const started = stamp({ type: 'started', plan, operator: 'ada' }, 1, { atMs: 0, time: '2026-11-24T09:00:00.000Z' })
    const journal = await runs.create('20261124-090000-00000')
    await journal.append(started)
    await journal.close()
  })

  async function origins(text: string): Promise<readonly string[][]> {
    await writeFile(folder.at('.env'), text)
    const sources = await gatherPinSources({}, new EnvFile(folder.at('.env'), systemClock), runs, SERVER)
    return [sources.rolloutUsers, sources.forceLegacyUsers].map((list) => list.map(({ users }) => users.join()))
  }

  it('is the environment file before the last record, list by list', async () => {
    assert.deepEqual(await origins('WEBSOCKET_ROLLOUT_USER_LIST=x,y\n'), [['x,y', 'old,older'], ['vip']])
    assert.deepEqual(await origins('WEBSOCKET_FORCE_LEGACY_USERS=\n'), [['old,older'], ['', 'vip']])
    assert.deepEqual(await origins('OTHER=1\n'), [['old,older'], ['vip']])
  })
})
