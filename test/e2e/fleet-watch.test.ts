import assert from 'node:assert/strict'
import { statusDocumentSchema } from '../../src/lib/contract/status.js'
import { LiveFleet } from '../support/live-fleet.js'

const FAILING = { fail: { probability: 1, withFallback: false } }
const QUICK = ['--poll-interval', '300ms', '--confirm-interval', '150ms', '--min-attempts', '10']

describe('looking at several servers', function () {
  this.timeout(120_000)
  let fleet: LiveFleet
  /** The one that will fail. */
  let bad: string

  beforeEach(async () => {
    fleet = await LiveFleet.open({}, {}, {})
    bad = fleet.urls[1] ?? ''
    const raised = await fleet.wsctl('configure', '--mode', 'gradual', '--percentage', '40', ...fleet.named, '--yes')
    assert.equal(raised.code, 0, raised.stderr)
  })
  afterEach(async () => {
    await fleet.close()
  })

  it('finds a breach on one of them, names it, and takes everybody back', async () => {
    fleet.sandboxes[1]?.setFaults(FAILING)
    const { code, stdout, stderr } = await fleet.wsctl('monitor', '--duration', '60s', ...QUICK, ...fleet.named)
    assert.equal(code, 10, stdout + stderr)
    assert.ok(stdout.includes(`${bad}: `), stdout)
    assert.deepEqual(await fleet.standing(), ['disabled 0', 'disabled 0', 'disabled 0'])
  })

  it('only tells of it with --on-breach exit', async () => {
    fleet.sandboxes[1]?.setFaults(FAILING)
    const result = await fleet.result('monitor', '--duration', '60s', '--on-breach', 'exit', ...QUICK, ...fleet.named)
    assert.deepEqual([result.exitCode, result.outcome], [15, 'breached'])
    assert.ok(result.reason.includes(`${bad}: `), result.reason)
    assert.deepEqual(await fleet.standing(), ['gradual 40', 'gradual 40', 'gradual 40'])
  })

  it('ends well when nothing happens', async () => {
    const result = await fleet.result('monitor', '--duration', '2s', ...QUICK, ...fleet.named)
    assert.equal(result.outcome, 'completed', result.reason)
  })

  it('shows what all say together, and a row for each', async () => {
    const { code, stdout } = await fleet.wsctl('status', ...fleet.named)
    assert.equal(code, 0)
    for (const url of fleet.urls) {
      assert.match(stdout, new RegExp(`${url.replace('http://', '')} .*gradual 40 %`))
    }
    const { stdout: json } = await fleet.wsctl('status', '--json', ...fleet.named)
    const { rollout, members = [], connections } = statusDocumentSchema.parse(JSON.parse(json))
    assert.deepEqual([rollout.mode, rollout.percentage], ['gradual', 40])
    assert.deepEqual(
      members.map(({ server, percentage, failure }) => ({ server, percentage, failure })),
      fleet.urls.toSorted().map((server) => ({ server, percentage: 40, failure: null })),
    )
    const established = members.map(({ legacyEstablished }) => legacyEstablished ?? 0)
    assert.equal(
      connections.legacyEstablished,
      established.reduce((sum, one) => sum + one, 0),
    )
  })

  it('says which does not answer, and ends with exit code 14', async () => {
    fleet.sandboxes[1]?.setFaults({ api: { kind: 'error' } })
    const { code, stdout } = await fleet.wsctl('status', ...fleet.named)
    assert.equal(code, 14, stdout)
    assert.match(stdout, new RegExp(`${bad.replace('http://', '')} .*no answer`))
    const { code: again, stdout: json } = await fleet.wsctl('status', '--json', ...fleet.named)
    assert.equal(again, 14)
    const { members = [], health } = statusDocumentSchema.parse(JSON.parse(json))
    assert.match(members.find(({ server }) => server === bad)?.failure ?? '', /503/)
    assert.equal(health.status, 'degraded')
  })
})
