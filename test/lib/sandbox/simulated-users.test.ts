import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import type { SandboxOptions } from '../../../src/lib/sandbox/sandbox.js'
import { eventually, SandboxScene, type Counters } from './sandbox-scene.js'

const USERS = 8
const RESTLESS: SandboxOptions = { users: USERS, pace: { stayMs: 20, awayMs: 10 } }
describe('the simulated users', () => {
  const scene = new SandboxScene()

  const counters = async (): Promise<Counters> => (await scene.stats()).router_stats
  const open = async (): Promise<readonly (number | undefined)[]> => {
    const { legacy_stats: legacy, unified_stats: unified } = await scene.stats()
    return [legacy?.total_connections, unified?.total_connections]
  }

  it('really connect, drop and come back, and never more of them than there are', async () => {
    await scene.start('', RESTLESS)
    const seen = new Set<number>()
    await eventually(async () => {
      const [now = 0] = await open()
      assert.ok(now <= USERS && scene.sandbox.connectedUsers <= USERS)
      seen.add(now)
      return (await counters()).legacy_connections > 10 * USERS && seen.size > 2
    })
  })

  it('go to the unified system when they next connect', async () => {
    await scene.start('', RESTLESS)
    await eventually(async () => (await counters()).legacy_connections > USERS)
    await scene.configure({ migration_mode: 'full' })
    await eventually(async () => (await open())[0] === 0)
    const { legacy_connections: before } = await counters()
    await eventually(async () => (await counters()).unified_connections > 3 * USERS)
    assert.equal((await counters()).legacy_connections, before)
  })

  it('stay for as long as they are told, however long that is', async () => {
    const warnings: Error[] = []
    const note = (warning: Error): void => void warnings.push(warning)
    process.on('warning', note)
    await scene.start('', { users: USERS, pace: { stayMs: 2 ** 33, awayMs: 0 } })
    // Their first arrival is spread over a whole round, which is longer than this test.
    await new Promise((resolve) => setTimeout(resolve, 30))
    process.off('warning', note)
    assert.deepEqual(await counters(), {
      legacy_connections: 0,
      unified_connections: 0,
      routing_errors: 0,
      fallback_activations: 0,
    })
    assert.deepEqual(warnings, [])
  })

  it('come back to a server that restarted', async () => {
    await scene.start('', RESTLESS)
    await eventually(async () => (await counters()).legacy_connections > USERS)
    await writeFile(scene.environmentFile, 'WEBSOCKET_MIGRATION_MODE=full')
    await scene.sandbox.restart()
    await eventually(async () => (await counters()).unified_connections > USERS)
    assert.equal((await counters()).legacy_connections, 0)
  })

  it('try again when they are turned away or fail', async () => {
    await scene.start('WEBSOCKET_MIGRATION_MODE=full', { ...RESTLESS, faults: { refuse: { probability: 1 } } })
    await eventually(() => scene.sandbox.connectedUsers > 0)
    scene.sandbox.setFaults({ fail: { probability: 1, withFallback: false } })
    await eventually(async () => (await counters()).routing_errors > 2 * USERS)
    scene.sandbox.setFaults({})
    await eventually(async () => (await counters()).unified_connections > USERS)
  })

  it('leave with the sandbox', async () => {
    const sandbox = await scene.start('', RESTLESS)
    await eventually(() => sandbox.connectedUsers > 2)
    await sandbox.close()
    await eventually(() => sandbox.connectedUsers === 0)
  })
})
