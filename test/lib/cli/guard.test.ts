import assert from 'node:assert/strict'
import { describeNews } from '../../../src/lib/cli/guard.js'

describe('what is told of a companion that ended before its run', () => {
  const lost = { kind: 'lost', pid: 4711, how: 'SIGKILL' } as const

  it('is that the run goes on, and when there is another', () => {
    assert.equal(
      describeNews({ ...lost, againInMs: 5000 }, 'a', 'hold'),
      'the companion of this run, process 4711, ended before the run (SIGKILL). The run goes on, and another is started in 5s',
    )
    assert.match(describeNews({ kind: 'replaced', pid: 4712 }, 'a', 'rollback'), /process 4712, .* it rolls back$/)
  })

  it('is that nobody watches any more, what that makes of --on-crash, and what to type', () => {
    for (const news of [
      { ...lost, againInMs: null },
      { kind: 'not-replaced', reason: 'EAGAIN', againInMs: null } as const,
    ]) {
      const told = describeNews(news, '20261124-0930', 'rollback')
      assert.match(told, /Nobody watches over this run any more.*nobody rolls back, whatever --on-crash says/)
      assert.match(told, /wsctl rollout hold 20261124-0930$/)
      assert.doesNotMatch(describeNews(news, 'a', 'hold'), /rolls back/)
    }
  })
})
