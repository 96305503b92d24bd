import assert from 'node:assert/strict'
import { gradual, LiveServer, until } from '../support/live-server.js'

describe('two runs of wsctl against one server', function () {
  this.timeout(60_000)
  const live = LiveServer.forEachTest()

  it('the second is refused, told who is at work and what to type; watching stays possible', async () => {
    const first = live.start(...gradual({ duration: '1m' }))
    await until(() => first.stderr().includes('check passed'))
    for (const argv of [gradual(), ['configure', '--percentage', '7'], ['monitor'], ['rollout', 'resume', '2']]) {
      const { exitCode, reason, error } = await live.result(...argv)
      assert.equal(exitCode, 13, argv.join(' '))
      assert.equal(error?.code, 'locked')
      assert.match(reason, new RegExp(`deploy gradual .* by .*, process ${first.child.pid}, is at work on `))
      assert.match(reason, /since \d.*Z, last seen at 5 %/)
      const typed = error.suggestions.join('\n')
      assert.match(typed, /wsctl rollback emergency --server/)
      assert.match(typed, /wsctl status --server/)
    }
    const watch = await live.result('monitor', '--on-breach', 'exit', '--duration', '500ms')
    assert.equal(watch.outcome, 'completed')
    assert.match((await live.wsctl('history')).stdout, /deploy gradual {2}running/)
    first.child.kill('SIGTERM')
    assert.equal((await first.ended).code, 12)
    assert.equal((await live.result('configure', '--percentage', '7')).exitCode, 0)
  })

  it('an emergency asks nobody, and the run that had the server ends without raising', async () => {
    const first = live.start(...gradual({ duration: '1m' }))
    await until(() => first.stderr().includes('check passed'))
    const emergency = await live.result('rollback', 'emergency')
    assert.equal(emergency.outcome, 'completed')
    const { code, stdout } = await first.ended
    assert.equal(code, 13)
    assert.match(stdout, /the server was changed from outside this run: mode from gradual to disabled/)
    assert.match(stdout.replaceAll(/\s+/g, ' '), /It was rollback emergency \(run \S+, process \d+\) by \S+@/)
    assert.equal(await live.settings(), 'disabled 0')
  })
})
