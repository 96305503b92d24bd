import assert from 'node:assert/strict'
import { WsctlError } from '../../../src/lib/core/error.js'
import type { Action } from '../../../src/lib/core/event.js'
import { perform } from '../../../src/lib/engine/perform.js'
import { callError } from '../../support/fakes.js'
import { Scene } from '../../support/rollouts.js'

const READ: Action = { kind: 'read-status', delayMs: 0 }
const CONFIGURATION = {
  mode: 'gradual',
  percentage: 5,
  legacyFallback: true,
  rolloutUsers: [],
  forceLegacyUsers: [],
} as const
const CALLS: readonly Action[] = [
  READ,
  { kind: 'configure', delayMs: 0, configuration: CONFIGURATION },
  { kind: 'emergency-rollback', delayMs: 0 },
  { kind: 'clear-cache', delayMs: 0 },
]

describe('an action', () => {
  for (const action of CALLS) {
    it(`that fails is an observation: ${action.kind}`, async () => {
      const scene = new Scene()
      scene.server.fault = () => {
        throw callError('rate-limited', 429)
      }
      const observation = await perform(action, scene.ports)
      assert.ok('failure' in observation)
      assert.deepEqual(observation.failure, { kind: 'rate-limited', status: 429, message: 'the server answered 429' })
    })
  }

  it('that could not even be sent, for want of a token, is an observation as well', async () => {
    const scene = new Scene()
    scene.server.fault = () => {
      throw new WsctlError('token', 'the token command printed nothing', { outcome: 'usage' })
    }
    const observation = await perform(READ, scene.ports)
    assert.ok(observation.kind === 'read-failed')
    assert.deepEqual([observation.failure.kind, observation.failure.status], ['unreachable', null])
    assert.equal(observation.failure.message, 'the token command printed nothing')
  })

  it('that breaks a promise throws, so that no fault of wsctl passes for one of the server', async () => {
    const scene = new Scene()
    scene.server.fault = () => {
      throw new TypeError('status is undefined')
    }
    for (const action of CALLS) await assert.rejects(perform(action, scene.ports), TypeError)
  })

  it('knows when it began and when it was answered', async () => {
    const scene = new Scene()
    scene.server.fault = () => scene.clock.pass(700)
    const observation = await perform(READ, scene.ports)
    assert.ok(observation.kind === 'status-read')
    assert.deepEqual([observation.begunMs, observation.atMs], [0, 700])
    assert.equal(observation.time, '2026-11-24T09:00:00.700Z')
  })
})

describe('the environment file', () => {
  const record: Action = { kind: 'record-environment', delayMs: 0, configuration: CONFIGURATION }

  it('is written, or the observation says why not', async () => {
    const scene = new Scene()
    assert.equal((await perform(record, scene.ports)).kind, 'environment-answered')
    assert.deepEqual(scene.environmentFile.written, [CONFIGURATION])
    scene.environmentFile.failure = new WsctlError('env-file', 'read-only', { outcome: 'usage' })
    const observation = await perform(record, scene.ports)
    assert.ok(observation.kind === 'environment-answered')
    assert.equal(observation.failure, 'read-only')
  })

  it('throws when writing it breaks a promise', async () => {
    const scene = new Scene()
    scene.environmentFile.failure = new TypeError('lines is undefined')
    await assert.rejects(perform(record, scene.ports), TypeError)
  })
})
