import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { gradual, LiveServer } from '../support/live-server.js'
import { ENTRY, type Ending } from '../support/wsctl.js'

const LOST = 'Error: not all of the output could be written to stdout: ENOSPC: no space left on device, write\n'

describe('output of wsctl that reaches nobody', function () {
  this.timeout(60_000)
  let live: LiveServer

  beforeEach(async () => {
    live = await LiveServer.open()
  })

  afterEach(async () => {
    await live.close()
  })

  /** Runs a line of bash in which `wsctl` is the built program. */
  async function bash(line: string): Promise<Pick<Ending, 'code' | 'stderr'>> {
    const shell = spawn('bash', ['-c', `wsctl() { "$0" "$@"; }; ${line}`, ENTRY], {
      cwd: live.shell.folder,
      env: { ...live.shell.environment, ...live.environment },
    })
    const ended = once(shell, 'close')
    const stderr = await text(shell.stderr)
    await ended
    return { code: shell.exitCode, stderr }
  }

  describe('because a disk is full', () => {
    before(function () {
      if (process.platform !== 'linux') this.skip()
    })

    for (const argv of ['status', 'status --json', 'status --watch', '--help']) {
      it(`makes wsctl ${argv} exit 1, and say so in one line`, async () => {
        assert.deepEqual(await bash(`wsctl ${argv} > /dev/full`), { code: 1, stderr: LOST })
      })
    }

    it('leaves a failure its exit code', async () => {
      const { code, stderr } = await bash('wsctl status --bogus --json > /dev/full')
      assert.equal(code, 2)
      assert.ok(stderr.endsWith(LOST))
    })

    it('does not stop a rollout', async () => {
      const { stderr } = await bash(`wsctl ${gradual({ max: '5' }).join(' ')} --events - > /dev/full`)
      assert.ok(stderr.endsWith(LOST))
      const folder = join(live.shell.folder, 'state', 'runs')
      const [journal = ''] = await readdir(folder)
      assert.match(await readFile(join(folder, journal), 'utf8'), /"type":"finished","outcome":"completed"/)
      assert.equal(await live.settings(), 'gradual 5')
    })
  })

  for (const argv of ['status', 'status --json', 'status --watch --interval 200ms']) {
    it(`because its reader left is no failure of wsctl ${argv}`, async () => {
      const { stderr } = await bash(`{ wsctl ${argv}; echo "exit $?" >&2; } | head -n 1`)
      assert.equal(stderr, 'exit 0\n')
    })
  }
})
