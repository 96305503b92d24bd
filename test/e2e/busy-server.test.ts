import assert from 'node:assert/strict'
import { gradual, LiveServer, until } from '../support/live-server.js'

/** Refused once, with the shortest pause that the header can name. */
const BUSY_ONCE = { api: { kind: 'busy', retryAfter: 1, count: 1 } } as const
const PAUSE = /^The server asks for a pause of 1 s \(429\); waiting$/gm

describe('wsctl and a server that asks for a pause', function () {
  this.timeout(60_000)
  const live = LiveServer.forEachTest()

  for (const command of [
    ['status'],
    ['stats'],
    ['health'],
    ['user', 'user1', 'user2'],
    ['configure', '--percentage', '5'],
  ]) {
    it(`waits for it, and says so once: ${command.join(' ')}`, async () => {
      live.sandbox.setFaults(BUSY_ONCE)
      const { code, stderr } = await live.wsctl(...command)
      assert.equal(code, 0, stderr)
      assert.equal(stderr.match(PAUSE)?.length, 1)
    })
  }

  it('waits for it before a run, and while one is at work, which then completes', async () => {
    live.sandbox.setFaults(BUSY_ONCE)
    const run = live.start(...gradual({ max: '5', duration: '4s' }))
    await until(() => run.stderr().includes('check passed'))
    live.sandbox.setFaults(BUSY_ONCE)
    const { code, stderr } = await run.ended
    assert.equal(code, 0, stderr)
    assert.equal(stderr.match(PAUSE)?.length, 1)
    assert.match(stderr, /the server asks for a pause of 1 s \(429\), which is no failed check; it is read again in 1s/)
    assert.doesNotMatch(stderr, /failures in a row/)
  })

  it('ends with what the server says when it goes on refusing', async () => {
    live.sandbox.setFaults({ api: { kind: 'busy', retryAfter: 1 } })
    const { code, stderr } = await live.wsctl('stats')
    assert.equal(code, 14)
    assert.equal(stderr.match(PAUSE)?.length, 2)
    assert.match(stderr, /answered 429 Too Many Requests/)
  })

  it('takes everybody back at once, without waiting', async () => {
    await live.wsctl('configure', '--mode', 'gradual', '--percentage', '50')
    live.sandbox.setFaults({ api: { kind: 'busy', retryAfter: 60, calls: 'status', count: 1 } })
    const { code, stderr } = await live.wsctl('rollback', 'emergency')
    assert.equal(code, 0, stderr)
    assert.doesNotMatch(stderr, /waiting/)
    assert.equal(await live.settings(), 'disabled 0')
  })
})
