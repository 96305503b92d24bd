import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { EnvFile } from '../../../src/lib/adapters/env-file.js'
import { RunFolder } from '../../../src/lib/adapters/run-folder.js'
import { systemClock } from '../../../src/lib/adapters/system-clock.js'
import { gatherPinSources } from '../../../src/lib/cli/pin-sources.js'
import type { Outcome } from '../../../src/lib/core/outcome.js'
import { planConfigure } from '../../../src/lib/core/plan.js'
import type { RolloutPlan } from '../../../src/lib/core/rollout.js'
import type { Pins } from '../../../src/lib/core/server.js'
import { Story } from '../../support/events.js'
import { basis, gradual } from '../../support/rollouts.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

const SERVER = basis().server

describe('where pinned users are known from', () => {
  const folder = new TemporaryFolder()
  let runs: RunFolder

  beforeEach(() => {
    runs = new RunFolder(folder.at('state'))
  })

  /** Records a run, and its end when it has come to one. */
  async function record(plan: RolloutPlan, outcome: Outcome | null): Promise<void> {
    const story = new Story(plan, 'ada')
    if (outcome !== null) story.then({ type: 'finished', outcome, code: 'x', reason: 'y' })
    const journal = await runs.create('20261124-090000-00000')
    for (const { event } of story.told) await journal.append(event)
    await journal.close()
  }

  async function origins(text: string): Promise<readonly string[][]> {
    await writeFile(folder.at('.env'), text)
    const sources = await gatherPinSources({}, new EnvFile(folder.at('.env'), systemClock), runs, SERVER)
    return [sources.rolloutUsers, sources.forceLegacyUsers].map((list) => list.map(({ users }) => users.join()))
  }

  it('is the environment file before the last record, list by list', async () => {
    await record(gradual({}, { pins: { rolloutUsers: ['old', 'older'], forceLegacyUsers: ['vip'] } }), null)
    assert.deepEqual(await origins('WEBSOCKET_ROLLOUT_USER_LIST=x,y\n'), [['x,y', 'old,older'], ['vip']])
    assert.deepEqual(await origins('WEBSOCKET_FORCE_LEGACY_USERS=\n'), [['old,older'], ['', 'vip']])
    assert.deepEqual(await origins('OTHER=1\n'), [['old,older'], ['vip']])
  })

  const BOB = { rolloutUsers: ['bob'], forceLegacyUsers: ['vip'] }

  function replacing(rolloutUsers: readonly string[], known: Pins | null = BOB): RolloutPlan {
    const was = { mode: 'testing', percentage: 0, legacyFallback: true } as const
    const before = { ...was, ...(known ?? { rolloutUsers: null, forceLegacyUsers: null }) }
    return planConfigure(basis({ before }), { ...was, ...BOB, rolloutUsers })
  }

  it('is the last record for a list that was replaced', async () => {
    await record(replacing(['carol']), 'completed')
    assert.deepEqual(await origins(''), [['carol'], ['vip']])
  })

  for (const outcome of ['refused', 'unreachable', null] as const) {
    it(`is no record of a list that may never have been replaced: ${outcome ?? 'unfinished'}`, async () => {
      await record(replacing(['carol']), outcome)
      assert.deepEqual(await origins(''), [[], ['vip']])
    })
  }

  it('is whichever is as long as the server says, when it may never have been replaced', async () => {
    await record(replacing(['carol', 'dave']), 'refused')
    assert.deepEqual(await origins(''), [['carol,dave', 'bob'], ['vip']])
  })

  it('is no record of a list that replaced an unknown one, unless it did', async () => {
    await record(replacing(['carol'], null), 'refused')
    assert.deepEqual(await origins(''), [[], []])
  })
})
