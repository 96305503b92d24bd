import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { typedPages } from '../support/doc-lines.js'
import { ENTRY, Shell } from '../support/wsctl.js'

describe('wsctl rehearse', function () {
  this.timeout(180_000)
  let shell: Shell

  beforeEach(async () => {
    shell = await Shell.open()
  })

  afterEach(async () => {
    await shell.close()
  })

  /** With more to look at than its exit code. */
  const RUN_BELOW = 'wsctl rehearse --fault unified-errors'

  it('ends as the documentation says, whichever rehearsal it shows', async () => {
    const lines = [...(await typedPages()).values()].flat().filter((line) => /^wsctl rehearse\b/.test(line))
    assert.ok(lines.includes(RUN_BELOW) && lines.length >= 4, lines.join('\n'))
    for (const line of lines.filter((each) => each !== RUN_BELOW)) {
      const { code, stderr } = await shell.run(line.split(' ').slice(1))
      assert.equal(code, line.includes('--fault') ? 10 : 0, `${line}\n${stderr}`)
    }
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
