import assert from 'node:assert/strict'
import { FAULT_PRESETS } from '../../../src/lib/sandbox/fault-presets.js'
import { faultsSchema, NO_FAULTS, type FaultsInput } from '../../../src/lib/sandbox/faults.js'
import { ADMIN, SandboxScene, STATS, type End } from './sandbox-scene.js'

const FAULTS = '/__sandbox__/faults'
const STATUS = `${ADMIN}/status`

describe('a fault of the sandbox', () => {
  const scene = new SandboxScene()

  const switchOn = async (faults: FaultsInput): Promise<void> => {
    assert.equal((await scene.post(FAULTS, faults)).status, 200)
  }

  describe('of the unified system', () => {
    async function ends(mode: string, percentage: number, users: readonly string[]): Promise<readonly End[]> {
      await scene.configure({ migration_mode: mode, rollout_percentage: percentage, rollout_user_list: ['ann'] })
      const found: End[] = []
      for (const id of users) found.push((await scene.connect(id)).end)
      return found
    }

    it('strikes from a percentage on, and in mode full, where everybody is unified', async () => {
      await scene.start('', { faults: { refuse: { probability: 1, fromPercentage: 20 } } })
      assert.deepEqual(await ends('gradual', 19, ['ann']), ['connected'])
      assert.deepEqual(await ends('gradual', 20, ['ann']), ['turned away'])
      assert.deepEqual(await ends('full', 0, ['ann']), ['turned away'])
    })

    it('never strikes whoever is on legacy', async () => {
      await scene.start('', { faults: { fail: { probability: 1, withFallback: false }, refuse: { probability: 1 } } })
      assert.deepEqual(await ends('disabled', 100, ['ann', 'bob']), ['connected', 'connected'])
      assert.deepEqual(await ends('gradual', 0, ['bob']), ['connected'])
    })

    it('strikes a share of the attempts, the same ones for the same seed', async () => {
      const users = Array.from({ length: 30 }, (_, index) => `u${index}`)
      const run = async (seed: number): Promise<readonly End[]> => {
        const sandbox = await scene.start('', { seed, faults: { refuse: { probability: 0.5 } } })
        const found = await ends('full', 100, users)
        await sandbox.close()
        return found
      }
      const first = await run(7)
      assert.ok(first.includes('connected') && first.includes('turned away'))
      assert.deepEqual(await run(7), first)
      assert.notDeepEqual(await run(8), first)
    })

    it('can deny the fallback that the server would give, but not give one that it denies', async () => {
      await scene.start('', { faults: { fail: { probability: 1, withFallback: true } } })
      await scene.configure({ migration_mode: 'full', legacy_fallback: false })
      assert.equal((await scene.connect('ann')).end, 'failed')
      await switchOn({ fail: { probability: 1, withFallback: false } })
      await scene.configure({ migration_mode: 'full', legacy_fallback: true })
      assert.equal((await scene.connect('ann')).end, 'failed')
      assert.equal((await scene.stats()).router_stats.fallback_activations, 0)
    })

    for (const [name, { faults }] of Object.entries(FAULT_PRESETS)) {
      it(`is what ${name} says, from 20 % on`, async () => {
        await scene.start('', { faults })
        const users = Array.from({ length: 20 }, (_, index) => `u${index}`)
        assert.ok((await ends('gradual', 19, ['ann', 'ann'])).every((end) => end === 'connected'))
        const found = await ends('full', 100, users)
        const { routing_errors: errors, fallback_activations: fallbacks } = (await scene.stats()).router_stats
        const told = { errors: errors > 0, fallbacks: fallbacks > 0, lost: found.some((end) => end !== 'connected') }
        assert.deepEqual(
          told,
          {
            'unified-errors': { errors: true, fallbacks: true, lost: false },
            'unified-errors-no-fallback': { errors: true, fallbacks: false, lost: true },
            refused: { errors: false, fallbacks: false, lost: true },
          }[name],
        )
      })
    }
  })

  describe('of the admin API', () => {
    it('answers an error of the server, or HTML, or half of the JSON', async () => {
      await scene.start()
      await switchOn({ api: { kind: 'error' } })
      assert.deepEqual(await scene.get(STATUS).then(({ status, body }) => [status, Object.keys(body as object)]), [
        503,
        ['detail'],
      ])
      await switchOn({ api: { kind: 'error', status: 500 } })
      assert.equal((await scene.get(STATUS)).status, 500)
      await switchOn({ api: { kind: 'html' } })
      const html = await scene.get(STATUS)
      assert.equal(html.headers['content-type'], 'text/html')
      assert.match(html.text, /^<!doctype html>/)
      await switchOn({ api: { kind: 'truncated' } })
      const half = await scene.get(STATUS)
      assert.deepEqual([half.status, half.body, half.text.slice(0, 22)], [200, undefined, '{"rollout_statistics":'])
    })

    it('lets the caller wait, and never answers', async () => {
      await scene.start()
      await switchOn({ api: { kind: 'hang' } })
      const answered = await Promise.race([
        scene.get(STATUS).then(
          () => 'answered',
          () => 'closed',
        ),
        new Promise((resolve) => setTimeout(resolve, 50, 'still waiting')),
      ])
      assert.equal(answered, 'still waiting')
    })

    it('concerns the calls it is meant for alone', async () => {
      await scene.start()
      await switchOn({ api: { kind: 'error', calls: 'configure' } })
      assert.equal((await scene.get(STATUS)).status, 200)
      assert.equal((await scene.get(STATS)).status, 200)
      assert.equal((await scene.configure({ migration_mode: 'full' })).status, 503)
      await switchOn({ api: { kind: 'error' } })
      assert.equal((await scene.get(STATS)).status, 503, 'all calls, the counters too')
    })

    it('wears off after as many requests as were named', async () => {
      await scene.start()
      await switchOn({ api: { kind: 'error', calls: 'status', count: 2 } })
      const statuses: number[] = []
      for (let count = 0; count < 3; count++) {
        await scene.get(STATS)
        statuses.push((await scene.get(STATUS)).status)
      }
      assert.deepEqual(statuses, [503, 503, 200])
    })

    it('keeps a write from taking effect, or lets it, as was asked', async () => {
      await scene.start()
      const write = async (applied: boolean): Promise<unknown> => {
        await switchOn({ api: { kind: 'error', calls: 'configure', count: 1, applied } })
        assert.equal((await scene.configure({ migration_mode: 'full' })).status, 503)
        return (await scene.settings())['migration_mode']
      }
      assert.equal(await write(false), 'disabled')
      assert.equal(await write(true), 'full')
    })

    it('does not let in who has no token when a write takes effect all the same', async () => {
      await scene.start()
      await switchOn({ api: { kind: 'error', calls: 'configure', applied: true } })
      await scene.request('POST', `${ADMIN}/configure`, { body: { migration_mode: 'full' }, token: null })
      assert.equal((await scene.settings())['migration_mode'], 'disabled')
    })
  })

  describe('switched at run time', () => {
    it('is told back in full, replaces those before, and is off when it is not named', async () => {
      await scene.start('', { faults: { refuse: { probability: 0.25 } } })
      const told = async (): Promise<unknown> => (await scene.get(FAULTS)).body
      assert.deepEqual(await told(), { fail: null, api: null, refuse: { probability: 0.25, fromPercentage: 0 } })
      await switchOn({ fail: { probability: 0.5 } })
      assert.deepEqual(await told(), faultsSchema.parse({ fail: { probability: 0.5 } }))
      await switchOn({})
      assert.deepEqual(await told(), NO_FAULTS)
    })

    it('is refused when it makes no sense, and the present ones stay', async () => {
      await scene.start('', { faults: { refuse: { probability: 0.25 } } })
      const before = (await scene.get(FAULTS)).body
      const wrong = [
        '',
        '{',
        '[]',
        { fial: {} },
        { fail: { probability: 2 } },
        { fail: {} },
        { refuse: { probability: 1, fromPercentage: 101 } },
        { api: { kind: 'explode' } },
        { api: { kind: 'error', status: 404 } },
        { api: { kind: 'error', count: 0 } },
      ]
      for (const body of wrong) {
        const { status, text } = await scene.post(FAULTS, body)
        assert.equal(status, 422, JSON.stringify(body))
        assert.match(text, /"detail":"/)
      }
      assert.deepEqual((await scene.get(FAULTS)).body, before)
    })

    it('needs no token, as it is no part of the admin API', async () => {
      await scene.start()
      assert.equal((await scene.request('POST', FAULTS, { body: {}, token: null })).status, 200)
      assert.equal((await scene.request('POST', '/__sandbox__/restart', { token: null })).status, 200)
      assert.equal((await scene.get('/__sandbox__/nope')).status, 404)
    })

    it('restarts the server process, and stays on', async () => {
      await scene.start()
      await scene.connect('ann')
      await switchOn({ refuse: { probability: 1 } })
      await scene.post('/__sandbox__/restart')
      assert.equal((await scene.stats()).router_stats.legacy_connections, 0)
      await scene.configure({ migration_mode: 'full' })
      assert.equal((await scene.connect('ann')).end, 'turned away')
    })
  })
})
