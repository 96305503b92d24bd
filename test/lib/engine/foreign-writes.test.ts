import assert from 'node:assert/strict'
import { endOf } from '../../support/fakes.js'
import { gradual, Scene } from '../../support/rollouts.js'

/** Somebody else sets these percentages with mode disabled, one for each reading, from half a minute on. */
async function afterWrites(percentages: readonly number[]): Promise<{ code: string; reason: string; seen: number }> {
  const scene = new Scene()
  const left = [...percentages]
  const readStatus = scene.server.readStatus.bind(scene.server)
  scene.server.readStatus = async () => {
    if (scene.clock.monotonicMs() > 30_000) {
      const percentage = left.shift() ?? percentages.at(-1) ?? 0
      scene.server.settings = { ...scene.server.settings, mode: 'disabled', percentage }
    }
    return readStatus()
  }
  const state = await scene.run(gradual())
  assert.deepEqual(scene.server.raised, [5])
  return { ...endOf(state), seen: scene.types.filter((type) => type === 'doubted').length }
}

describe("a colleague's command that writes more than once while it is read", () => {
  it('is somebody who changed the server, not several processes', async () => {
    const { code, reason } = await afterWrites([5, 5, 0])
    assert.equal(code, 'foreign-change')
    assert.match(reason, /it now says disabled 0 %/)
  })

  it('is read until it has come to rest', async () => {
    const { code, seen } = await afterWrites([30, 20, 20, 10, 0])
    assert.equal(code, 'foreign-change')
    assert.equal(seen, 4 + 6)
  })

  it('is not what is seen when a value goes and comes back', async () => {
    const { code } = await afterWrites([5, 5, 0, 5, 5, 0])
    assert.equal(code, 'several-processes')
  })
})
