import assert from 'node:assert/strict'
import { Pace } from '../../../src/lib/adapters/pace.js'
import { readUsers } from '../../../src/lib/cli/users.js'
import type { UserAnswer } from '../../../src/lib/contract/admin-api.js'
import { FakeClock } from '../../support/fakes.js'
import { MINUTE } from '../../support/rollouts.js'

describe('asking for many users', () => {
  it('keeps the pace that the server takes, and the order asked for', async () => {
    const clock = new FakeClock()
    const sentMs: number[] = []
    const user = async (id: string): Promise<UserAnswer> => {
      sentMs.push(clock.monotonicMs())
      return {
        user_id: id,
        use_unified: false,
        system: 'legacy',
        migration_mode: 'gradual',
        rollout_percentage: 20,
        in_explicit_list: false,
        forced_legacy: false,
        fallback_enabled: true,
      }
    }
    const ids = Array.from({ length: 300 }, (_, index) => `user${index}`)
    const answers = await readUsers({ user }, ids, new Pace(clock))
    assert.deepEqual(
      answers.map((answer) => answer.user_id),
      ids,
    )
    for (const startMs of sentMs) {
      assert.ok(sentMs.filter((ms) => ms >= startMs && ms < startMs + MINUTE).length <= 90)
    }
  })
})
