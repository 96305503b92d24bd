import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { ENTRY, Shell } from '../support/wsctl.js'

describe('wsctl rehearse', function () {
  this.timeout(60_000)
  let shell: Shell

  beforeEach(async () => {
    shell = await Shell.open()
  })

  afterEach(async () => {
    await shell.close()
  })

  it('ends with commands that can be typed where it was started', async () => {
    const { code, stdout } = await shell.run(['rehearse', '--fault', 'unified-errors'])
    assert.equal(code, 10)
    const commands = [...stdout.matchAll(/^ {2}(?:then|to see a clean one): (\S+) (status|rehearse)$/gm)]
    assert.deepEqual(
      commands.map(([, program = '', argv]) => [resolve(shell.folder, program), argv]),
      [
        [ENTRY, 'rehearse'],
        [ENTRY, 'status'],
      ],
    )
  })
})
