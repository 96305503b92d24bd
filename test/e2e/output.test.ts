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
  const live = LiveServer.forEachTest()

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

  describe('because nobody reads the pipe that it goes to', () => {
    const UNREAD = /^Warning: not all of the (output|events) could be written to .*: its reader does not read$/gm

    before(function () {
      if (process.platform !== 'linux') this.skip()
    })

    /** Runs a line before a reader that takes nothing, and goes only once the line has come to its end. */
    async function unread(line: string): Promise<string> {
      // As many bytes as a pipe holds, so that nothing more goes in.
      const { stderr } = await bash(
        `mkfifo over; { head -c 65536 /dev/zero; ${line}; echo "exit $?" >&2; echo > over; } | timeout 30 cat over`,
      )
      return stderr
    }

    for (const flags of ['--events -', '--json', '']) {
      it(`ends a rollout ${flags} with its own exit code, and one warning`, async () => {
        const stderr = await unread(`wsctl ${gradual({ max: '5' }).join(' ')} ${flags}`)
        assert.equal(stderr.match(UNREAD)?.length, 1, stderr)
        assert.ok(stderr.endsWith('exit 0\n'), stderr)
      })
    }

    it('ends a rollout whose events go into a named pipe, with its own exit code and one warning', async () => {
      const rollout = `wsctl ${gradual({ max: '5' }).join(' ')} --events pipe`
      const { stderr } = await bash(`mkfifo pipe; timeout -s KILL 30 "$0" ${rollout.slice(6)}; echo "exit $?" >&2`)
      assert.equal(stderr.match(UNREAD)?.length, 1, stderr)
      assert.ok(stderr.endsWith('exit 0\n'), stderr)
    })
  })

  it('goes into a named pipe from its first event on, whenever its reader comes', async () => {
    const rollout = `wsctl ${gradual({ max: '5' }).join(' ')} --events pipe`
    const { stderr } = await bash(`mkfifo pipe; ${rollout} & sleep 1; cat pipe >&2; wait`)
    assert.match(stderr, /"type":"started"/)
    assert.match(stderr, /"type":"finished"/)
  })
})
