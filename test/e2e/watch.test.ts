import assert from 'node:assert/strict'
import { LiveServer, until } from '../support/live-server.js'

/** When the server was looked at, in order. */
const LOOKED_AT = /^looked at (\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z), again in 1s$/gm

describe('wsctl status --watch', function () {
  this.timeout(60_000)
  const live = LiveServer.forEachTest({ users: 0 })

  it('says with each look when that was, whether or not the server answered', async () => {
    const run = live.start('status', '--watch', '--interval', '1s')
    let stdout = ''
    run.child.stdout.on('data', (chunk: string) => (stdout += chunk))
    const times = (): readonly (string | undefined)[] => [...stdout.matchAll(LOOKED_AT)].map(([, time]) => time)
    await until(() => times().length === 1)
    live.sandbox.setFaults({ api: { kind: 'error' } })
    await until(() => times().length === 3)
    run.child.kill('SIGINT')
    const { code, stderr } = await run.ended
    assert.equal(code, 0)
    assert.match(stderr, /answered 503/)
    assert.equal(new Set(times()).size, times().length)
    assert.ok(times().every((time) => Math.abs(Date.parse(time ?? '') - Date.now()) < 60_000))
  })
})
