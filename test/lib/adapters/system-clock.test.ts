import assert from 'node:assert/strict'
import { systemClock } from '../../../src/lib/adapters/system-clock.js'

/** What wins a race: the sleep, or a few turns of the event loop without it. */
async function stillAsleep(sleep: Promise<void>): Promise<boolean> {
  const pause = new Promise<'pause'>((resolve) => setTimeout(resolve, 30, 'pause'))
  return (await Promise.race([sleep, pause])) === 'pause'
}

describe("the system's clock", () => {
  it('never runs backwards, and sleeps at least as long as asked', async () => {
    const before = systemClock.monotonicMs()
    await systemClock.sleep(20)
    // A timer may ring up to a millisecond early.
    assert.ok(systemClock.monotonicMs() - before >= 19)
  })

  it('tells the time of the wall clock', () => {
    assert.ok(Math.abs(systemClock.wallTime().getTime() - Date.now()) < 1000)
  })

  it('wakes as soon as it is told to, without an error', async () => {
    const controller = new AbortController()
    const sleep = systemClock.sleep(3_600_000, controller.signal)
    assert.ok(await stillAsleep(sleep))
    controller.abort()
    await sleep
  })

  it('does not sleep at all when it was told to wake before', async () => {
    await systemClock.sleep(3_600_000, AbortSignal.abort())
  })

  it('does not wake at once from a sleep longer than a timer can count', async () => {
    const controller = new AbortController()
    const sleep = systemClock.sleep(30 * 24 * 3_600_000, controller.signal)
    assert.ok(await stillAsleep(sleep))
    controller.abort()
    await sleep
  })

  it('leaves no listener behind, however often it sleeps within one run', async () => {
    const controller = new AbortController()
    const warnings: Error[] = []
    const note = (warning: Error): void => void warnings.push(warning)
    process.on('warning', note)
    for (let count = 0; count < 50; count++) await systemClock.sleep(1, controller.signal)
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', note)
    assert.deepEqual(warnings, [])
  })
})
