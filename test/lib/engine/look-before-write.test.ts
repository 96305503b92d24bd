import assert from 'node:assert/strict'
import { callError, endOf } from '../../support/fakes.js'
import { gradual, MINUTE, Scene } from '../../support/rollouts.js'

/** Does something right before the given call reaches the server for the nth time. */
function before(scene: Scene, call: string, nth: number, act: () => void): void {
  let calls = 0
  scene.server.fault = (name) => {
    if (name === call) calls += 1
    if (name === call && calls === nth) act()
  }
}

const ROLLED_BACK = { mode: 'disabled' } as const

describe('looking before writing', () => {
  it('does not raise over a rollback that came between the last check and the write', async () => {
    const scene = new Scene()
    scene.clock.at(5 * MINUTE + 1, () => {
      scene.server.settings = { ...scene.server.settings, ...ROLLED_BACK }
    })
    // The step has passed; the environment file takes its time to follow.
    scene.environmentFile.write = async () => scene.clock.sleep(1000)
    const state = await scene.run(gradual({}, { environmentFile: scene.environmentFile.path }))
    assert.equal(endOf(state).code, 'foreign-change')
    assert.deepEqual(scene.server.raised, [5])
    assert.match(endOf(state).reason, /mode from gradual to disabled; it now says disabled 5 %/)
  })

  it('does not write again over a rollback that came before the first reading back', async () => {
    const scene = new Scene()
    const configure = scene.server.configure.bind(scene.server)
    scene.server.configure = async (configuration) => {
      await configure(configuration)
      if (configuration.percentage === 20) await scene.server.emergencyRollback()
    }
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'refused')
    assert.deepEqual(scene.server.raised, [5, 20])
    assert.equal(scene.server.settings.mode, 'disabled')
  })

  it('does not raise at all when the server was changed since the plan was made', async () => {
    const scene = new Scene(undefined, { mode: 'gradual', percentage: 60 })
    const state = await scene.run(gradual())
    assert.equal(endOf(state).code, 'foreign-change')
    assert.deepEqual(scene.server.writes, [])
  })

  it('does not overwrite lists that somebody changed', async () => {
    const scene = new Scene()
    scene.clock.at(MINUTE, () => {
      scene.server.settings = { ...scene.server.settings, forcedLegacyUsers: 1 }
    })
    const state = await scene.run(gradual())
    assert.equal(endOf(state).code, 'foreign-change')
    assert.match(endOf(state).reason, /force-legacy list from 0 to 1 user;/)
    assert.deepEqual(scene.server.raised, [5])
  })

  it('writes once more when a write was lost, and only then', async () => {
    const scene = new Scene()
    before(scene, 'configure', 2, () => {
      throw callError('timeout')
    })
    const state = await scene.run(gradual())
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.server.raised, [5, 20, 35, 50])
  })

  it('sets the step again when the server restarted before it was written', async () => {
    const scene = new Scene()
    scene.environmentFile.write = async () => scene.clock.sleep(1000)
    scene.clock.at(5 * MINUTE + 500, () => scene.server.restart({ mode: 'gradual', percentage: 5 }))
    const state = await scene.run(gradual({}, { environmentFile: scene.environmentFile.path }))
    assert.equal(endOf(state).outcome, 'completed')
    assert.deepEqual(scene.server.raised, [5, 20, 35, 50])
  })

  it('never writes while the server cannot be read, and rolls back in the end', async () => {
    const scene = new Scene()
    scene.clock.at(5 * MINUTE, () => {
      scene.server.fault = (call) => {
        if (call === 'readStatus') throw callError('unreachable')
      }
    })
    const state = await scene.run(gradual())
    assert.deepEqual(scene.server.raised, [5])
    assert.equal(endOf(state).outcome, 'rollback-unverified')
    assert.equal(scene.server.settings.mode, 'disabled')
  })

  it('leaves the server alone for as long as it asks', async () => {
    const scene = new Scene()
    const callsMs: number[] = []
    scene.clock.at(MINUTE, () => {
      scene.server.fault = () => {
        callsMs.push(scene.clock.monotonicMs())
        if (callsMs.length === 1) throw callError('rate-limited', 429, { retryAfterMs: 20_000 })
      }
    })
    assert.equal(endOf(await scene.run(gradual())).outcome, 'completed')
    const [refusedMs = 0, nextMs = 0] = callsMs
    assert.equal(nextMs - refusedMs, 20_000)
  })
})
