import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { CommandTarget, type CommandOptions } from '../../../src/lib/adapters/command-notice.js'
import { noticeSchema } from '../../../src/lib/contract/notice.js'
import type { DeliveryAttempt } from '../../../src/lib/core/delivery.js'
import { composeNotice } from '../../../src/lib/render/notice.js'
import { Story } from '../../support/events.js'
import { until } from '../../support/live-server.js'
import { gradual } from '../../support/rollouts.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

const { event, state } = new Story(gradual()).last
const NOTICE = composeNotice(event, state, { contacts: {}, advice: () => [] }) ?? assert.fail('it is worth a message')

describe('a command that is told', function () {
  const folder = new TemporaryFolder()

  before(function () {
    if (process.platform === 'win32') this.skip()
  })

  function run(command: string, options: Partial<CommandOptions> = {}, signal = new AbortController().signal) {
    const environment = { PATH: process.env['PATH'] }
    const target = new CommandTarget({
      command,
      folder: folder.at(),
      timeoutMs: 10_000,
      wants: () => true,
      environment,
      ...options,
    })
    return target.send(NOTICE, signal)
  }

  function reasonOf(attempt: DeliveryAttempt): string {
    assert.ok(!attempt.delivered)
    return attempt.reason
  }

  async function isAlive(pidFile: string): Promise<boolean> {
    const pid = Number(await readFile(folder.at(pidFile), 'utf8'))
    const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    return text !== '' && !text.includes(') Z ')
  }

  it('gets the document on its input, and what matters most in variables', async () => {
    const attempt = await run('cat > input.json; env > variables')
    assert.deepEqual(attempt, { delivered: true })
    const document = noticeSchema.parse(JSON.parse(await readFile(folder.at('input.json'), 'utf8')))
    assert.equal(document.rolloutId, 'test-run')
    const variables = await readFile(folder.at('variables'), 'utf8')
    for (const line of [
      'WSCTL_EVENT=started',
      'WSCTL_ROLLOUT_ID=test-run',
      'WSCTL_COMMAND=deploy gradual',
      'WSCTL_SERVER=http://127.0.0.1:8000',
      'WSCTL_PERCENTAGE=0',
    ]) {
      assert.ok(variables.split('\n').includes(line), `${line} is not in ${variables}`)
    }
  })

  it('need not read its input', async () => {
    assert.deepEqual(await run('exit 0'), { delivered: true })
  })

  it('fails with the last line of its complaint, and is tried again', async () => {
    const attempt = await run('echo first >&2; echo "no route" >&2; exit 3')
    assert.deepEqual(attempt, { delivered: false, reason: 'it exited with 3: no route', worthRetrying: true })
  })

  it('is not tried again when there is no such command', async () => {
    const attempt = await run('no-such-command-anywhere')
    assert.ok(!attempt.delivered && !attempt.worthRetrying)
    assert.match(attempt.reason, /^it exited with 127/)
  })

  it('fails in words when its folder is gone', async () => {
    assert.match(reasonOf(await run('true', { folder: folder.at('gone') })), /ENOENT/)
  })

  it('is ended when it hangs, with all that it started, even when it ignores the request', async function () {
    if (process.platform !== 'linux') this.skip()
    const stubborn = `trap '' TERM; sleep 300 & echo $! > child; echo $$ > shell; wait; wait`
    assert.equal(reasonOf(await run(stubborn, { timeoutMs: 300 })), 'it did not end within 0.3 s')
    await until(async () => !(await isAlive('shell')) && !(await isAlive('child')))
  })

  it('is ended at once when the run cannot wait for it any longer', async function () {
    if (process.platform !== 'linux') this.skip()
    const stop = new AbortController()
    const running = run(`trap '' TERM; echo $$ > shell; while :; do sleep 0.05; done`, {}, stop.signal)
    await until(async () => (await readFile(folder.at('shell'), 'utf8').catch(() => '')) !== '')
    stop.abort()
    assert.equal(reasonOf(await running), 'it had not ended yet')
    await until(async () => !(await isAlive('shell')))
  })

  it('is not waited for because of something that it left running', async () => {
    await writeFile(folder.at('page.sh'), 'sleep 60 &\necho $! > child\n')
    assert.deepEqual(await run('sh page.sh'), { delivered: true })
    process.kill(Number(await readFile(folder.at('child'), 'utf8')), 'SIGKILL')
  })

  it('is named by its program alone, because the rest may hold a secret', () => {
    const name = (command: string) =>
      new CommandTarget({ command, folder: '/', timeoutMs: 1, wants: () => true, environment: {} }).name
    assert.equal(name('curl -H "Authorization: Bearer x"'), 'command (curl)')
    assert.equal(name('TOKEN=abc ./page.sh'), 'command (./page.sh)')
  })
})
