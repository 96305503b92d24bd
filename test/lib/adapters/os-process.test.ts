import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { findProcess } from '../../../src/lib/adapters/os-process.js'

describe('a process of the system', () => {
  it('is found while it lives, always with the same start, and not afterwards', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] })
    const pid = child.pid ?? 0
    const found = await findProcess(pid)
    assert.notEqual(found, null)
    assert.deepEqual(await findProcess(pid), found)
    child.stdin.end()
    await once(child, 'exit')
    assert.equal(await findProcess(pid), null)
  })

  it('is dead as soon as it ended, even if its parent never noticed', async function () {
    if (process.platform !== 'linux') this.skip()
    const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const pid = Number(String(line))
    while ((await findProcess(pid)) !== null) await new Promise((resolve) => setTimeout(resolve, 10))
    assert.doesNotThrow(() => process.kill(pid, 0), 'the system still has its number')
    parent.kill()
  })
})
