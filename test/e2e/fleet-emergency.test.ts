import assert from 'node:assert/strict'
import { LiveFleet } from '../support/live-fleet.js'
import { until } from '../support/live-server.js'

describe('an emergency on several servers', function () {
  this.timeout(120_000)
  let fleet: LiveFleet
  beforeEach(async () => {
    fleet = await LiveFleet.open({}, {}, {})
    const raised = await fleet.wsctl('configure', '--mode', 'gradual', '--percentage', '40', ...fleet.named, '--yes')
    assert.equal(raised.code, 0, raised.stderr)
  })
  afterEach(async () => {
    await fleet.close()
  })

  const isBack = async (url: string): Promise<boolean> => (await fleet.settings(url)).startsWith('disabled')

  it('takes one that refuses the emergency back by the other call', async () => {
    fleet.sandboxes[1]?.setFaults({ api: { kind: 'error', calls: 'emergency-rollback' } })
    const { code, stdout } = await fleet.wsctl('rollback', 'emergency', ...fleet.named)
    assert.equal(code, 0, stdout)
    assert.deepEqual(await fleet.standing(), ['disabled 0', 'disabled 0', 'disabled 0'])
  })

  it('goes on for one that answers no call twenty times, while the others have long been back', async () => {
    const [a = '', , c = ''] = fleet.urls
    fleet.sandboxes[1]?.setFaults({ api: { kind: 'error', count: 20 } })
    const run = fleet.start('rollback', 'emergency', ...fleet.named)
    await until(async () => (await isBack(a)) && (await isBack(c)))
    assert.equal(run.child.exitCode, null, 'it goes on for the one that is not back')
    const { code, stdout } = await run.ended
    assert.equal(code, 0, stdout)
    assert.deepEqual(await fleet.standing(), ['disabled 0', 'disabled 0', 'disabled 0'])
  })

  it('names one that stays down, says that the others are back, and leaves those at 0 %', async () => {
    const [a = '', b = '', c = ''] = fleet.urls
    fleet.sandboxes[1]?.setFaults({ api: { kind: 'hang' } })
    const argv = ['rollback', 'emergency', ...fleet.named, '--rollback-timeout', '8s', '--timeout', '1s']
    const { code, stdout } = await fleet.wsctl(...argv)
    assert.equal(code, 11, stdout)
    const told = stdout.replaceAll(/\s+/g, ' ')
    assert.ok(told.includes(`users may still be on the unified system on ${b}: `), stdout)
    assert.ok(told.includes(`The other 2 are back on legacy: ${[a, c].toSorted().join(' and ')}`), stdout)
    assert.doesNotMatch(told, /Warning/)
    for (const url of [a, c]) assert.equal(await fleet.settings(url), 'disabled 0')
    fleet.sandboxes[1]?.setFaults({})
    assert.equal(await fleet.settings(b), 'gradual 40')
    const again = await fleet.wsctl('rollback', 'emergency', ...fleet.named)
    assert.equal(again.code, 0, again.stdout)
    assert.equal(await fleet.settings(b), 'disabled 0')
  })
})
