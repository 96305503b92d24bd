import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { EnvFile } from '../../../src/lib/adapters/env-file.js'
import { problemsOf } from '../../../src/lib/adapters/env-problems.js'
import { systemClock } from '../../../src/lib/adapters/system-clock.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

describe('what is wrong with an environment file', () => {
  const folder = new TemporaryFolder()

  async function problems(text: string): Promise<readonly string[]> {
    await writeFile(folder.at('.env'), text)
    return problemsOf(await new EnvFile(folder.at('.env'), systemClock).read())
  }

  it('is nothing where the server takes every value, or a variable is not set', async () => {
    assert.deepEqual(await problems(''), [])
    assert.deepEqual(await problems('WEBSOCKET_MIGRATION_MODE=Gradual\nWEBSOCKET_ROLLOUT_PERCENTAGE=100\n'), [])
    assert.deepEqual(await problems('WEBSOCKET_ROLLOUT_USER_LIST=ann\nWEBSOCKET_FORCE_LEGACY_USERS=\n'), [])
  })

  it('is told with line, name, value and what is legal', async () => {
    const text =
      'OTHER=1\nWEBSOCKET_MIGRATION_MODE=canary\nWEBSOCKET_ROLLOUT_PERCENTAGE=101\nWEBSOCKET_LEGACY_FALLBACK=yes\n'
    assert.deepEqual(await problems(text), [
      'line 3: WEBSOCKET_ROLLOUT_PERCENTAGE is "101", expected a whole number from 0 to 100',
      'line 4: WEBSOCKET_LEGACY_FALLBACK is "yes", expected true or false',
      'line 2: WEBSOCKET_MIGRATION_MODE is "canary", expected one of disabled, testing, gradual, full',
    ])
  })

  it('is a user on both lists', async () => {
    const text = 'WEBSOCKET_ROLLOUT_USER_LIST=ann, ben\nWEBSOCKET_FORCE_LEGACY_USERS=ben,cat\n'
    assert.deepEqual(await problems(text), ['on both lists, where legacy wins: ben'])
  })
})
