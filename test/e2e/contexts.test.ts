import assert from 'node:assert/strict'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { resultSchema } from '../../src/lib/contract/result.js'
import type { ScheduleDocument } from '../../src/lib/contract/schedule.js'
import { companionOf, gradual, LiveServer, until } from '../support/live-server.js'
import type { Ending } from '../support/wsctl.js'

describe('contexts', function () {
  this.timeout(60_000)
  const live = LiveServer.forEachTest()
  let file: string

  beforeEach(() => {
    file = join(live.shell.folder, 'config', 'contexts.yaml')
  })

  /** Without the server and the token that other tests have in the environment. */
  function wsctl(argv: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ending> {
    return start(argv, environment).ended
  }

  function start(argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const config = join(live.shell.folder, 'config')
    return live.shell.start(argv, { WSCTL_CONFIG_DIR: config, CHAT_TOKEN: 'test-token', ...environment })
  }

  async function add(name: string, ...more: readonly string[]): Promise<void> {
    const argv = ['context', 'add', name, '--server', live.sandbox.url, '--token-env', 'CHAT_TOKEN', ...more]
    const { code, stderr } = await wsctl(argv)
    assert.equal(code, 0, stderr)
  }

  async function percentage(): Promise<string> {
    const { stdout } = await live.wsctl('status', '--json')
    const { rollout } = JSON.parse(stdout) as {
      readonly rollout: { readonly mode: string; readonly percentage: number }
    }
    return `${rollout.mode} ${rollout.percentage}`
  }

  it('are added, used, shown, listed and removed', async () => {
    await add('staging', '--use', '--max-error-rate', '2')
    await wsctl(['context', 'add', 'production', '--server', 'https://chat.example.com', '--protected'])
    assert.equal((await wsctl(['context', 'current'])).stdout, 'staging\n')
    assert.match((await wsctl(['context', 'list'])).stdout, /^\* +staging .*\n +production +https:.* +protected$/m)
    assert.match((await wsctl(['context', 'show'])).stdout, /^thresholds: max-error-rate +2$/m)
    assert.equal((await wsctl(['context', 'use', 'production'])).code, 0)
    assert.equal((await wsctl(['context', 'remove', 'production'])).code, 0)
    assert.match((await wsctl(['context', 'current'])).stderr, /no context is the current one/)
  })

  it('give their limits to the plan that is shown, as to the rollout itself', async () => {
    await add('staging', '--use', '--min-attempts', '77')
    await add('calm', '--min-attempts', '33')
    const minAttempts = async (...more: readonly string[]): Promise<number | undefined> => {
      const { code, stdout, stderr } = await wsctl(['plan', '--json', ...more])
      assert.equal(code, 0, stderr)
      return (JSON.parse(stdout) as ScheduleDocument).thresholds.minAttempts
    }
    assert.equal(await minAttempts(), 77)
    assert.equal(await minAttempts('--context', 'calm'), 33)
    assert.equal(await minAttempts('--min-attempts', '5'), 5)
    assert.equal(await minAttempts('--no-context'), 20)
  })

  it('of the same name are not replaced unawares, and protection is never lost with them', async () => {
    await add('live', '--protected')
    const again = ['context', 'add', 'live', '--server', 'https://other.example.com']
    const { code, stderr } = await wsctl(again)
    assert.equal(code, 2)
    assert.match(stderr, /there is a context live already/)
    assert.equal((await wsctl([...again, '--replace'])).code, 0)
    assert.match((await wsctl(['context', 'show', 'live'])).stdout, /other\.example\.com[^]*protected +yes/)
    assert.equal((await wsctl([...again, '--replace', '--no-protected'])).code, 0)
    assert.match((await wsctl(['context', 'show', 'live'])).stdout, /protected +no/)
  })

  it('bring the way to the server along', async () => {
    await add('live', '--use')
    const { code, stdout } = await wsctl(['status', '--json'])
    assert.equal(code, 0)
    assert.equal((JSON.parse(stdout) as { readonly server: string }).server, live.sandbox.url)
    assert.equal((await wsctl(['status', '--context', 'live'])).code, 0)
    assert.equal((await wsctl(['status'], { WSCTL_CONTEXT: 'live' })).code, 0)
  })

  it('bring thresholds along, which flags beat', async () => {
    await add('live', '--use', '--max-error-rate', '2', '--poll-interval', '300ms')
    const run = async (...flags: readonly string[]): Promise<unknown> => {
      const { stdout } = await wsctl(['monitor', '--duration', '1s', '--json', ...flags])
      return (JSON.parse(stdout) as { readonly thresholds: { readonly maxErrorRate: number } }).thresholds.maxErrorRate
    }
    assert.equal(await run(), 2)
    assert.equal(await run('--max-error-rate', '7'), 7)
  })

  it('never come from a folder that .env names: they can hold commands', async () => {
    await writeFile(join(live.shell.folder, '.env'), `WSCTL_CONFIG_DIR=${live.shell.folder}\n`)
    await writeFile(join(live.shell.folder, 'contexts.yaml'), 'contexts: [', { mode: 0o600 })
    const { code, stdout } = await live.shell.run(['context', 'list'])
    assert.deepEqual([code, stdout], [0, 'There are no contexts. To add one: wsctl context add NAME --server URL\n'])
  })

  describe('that protect their server', () => {
    beforeEach(() => add('live', '--protected', '--use'))

    it('need --yes in a pipeline for every changing command, and nothing is changed without', async () => {
      const environmentFile = join(live.shell.folder, 'server.env')
      await writeFile(environmentFile, 'WEBSOCKET_MIGRATION_MODE=disabled\n')
      await live.wsctl('configure', '--mode', 'gradual', '--percentage', '5', '--yes')
      for (const argv of [
        gradual(),
        ['deploy', 'full'],
        ['rollback', 'gradual'],
        ['configure', '--mode', 'gradual', '--percentage', '5'],
        ['env', 'set', '--mode', 'full', '--env-file', environmentFile],
      ]) {
        const { code, stderr } = await wsctl(argv)
        assert.equal(code, 2, `${argv.join(' ')}: ${stderr}`)
        assert.match(stderr, /which the context live protects.*Nothing was changed\n.*if it is meant: wsctl .* --yes/)
      }
      assert.equal(await percentage(), 'gradual 5')
      assert.equal(await readFile(environmentFile, 'utf8'), 'WEBSOCKET_MIGRATION_MODE=disabled\n')
    })

    it('need it too when the server is named by flag or variable', async () => {
      const argv = ['configure', '--mode', 'gradual', '--percentage', '5']
      const token = { WSCTL_TOKEN: 'test-token' }
      const endings = await Promise.all([
        wsctl([...argv, '--no-context', '--server', `${live.sandbox.url}/`], token),
        wsctl([...argv, '--no-context'], { ...token, WSCTL_SERVER: live.sandbox.url }),
      ])
      for (const { code, stderr } of endings) {
        assert.equal(code, 2)
        assert.match(stderr, /which the context live protects/)
      }
      assert.equal(await percentage(), 'disabled 0')
    })

    it('let a change pass that is meant, and tell a whole document when not', async () => {
      const argv = ['configure', '--mode', 'gradual', '--percentage', '5', '--json']
      const refused = resultSchema.parse(JSON.parse((await wsctl(argv)).stdout))
      assert.deepEqual([refused.exitCode, refused.outcome], [2, 'usage'])
      assert.equal((await wsctl([...argv, '--yes'])).code, 0)
      assert.equal(await percentage(), 'gradual 5')
    })

    it('never ask before an emergency rollback, nor before a look', async () => {
      await wsctl(['configure', '--mode', 'gradual', '--percentage', '5', '--yes'])
      assert.equal((await wsctl(['status'])).code, 0)
      assert.equal((await wsctl(['monitor', '--duration', '1s', '--poll-interval', '300ms'])).code, 0)
      assert.equal((await wsctl(['rollback', 'emergency'])).code, 0)
      assert.equal(await percentage(), 'disabled 0')
    })

    it('let the companion of a dead run roll back, though the file has been broken meanwhile', async () => {
      const run = start([...gradual({ duration: '30s' }), '--yes', '--on-crash', 'rollback'])
      await until(async () => (await percentage()) === 'gradual 5' && run.stderr().includes('5 %'))
      assert.ok(await companionOf(run))
      await writeFile(file, 'contexts: [')
      run.child.kill('SIGKILL')
      await until(async () => (await percentage()).startsWith('disabled'))
    })
  })

  describe('that cannot be read', () => {
    beforeEach(async () => {
      await add('live', '--use')
      await writeFile(file, 'schema: wsctl/contexts@1\ncontexts:\n  live: {servr: x}\n')
    })

    it('stop every command with one message that names the place', async () => {
      const { code, stderr, stdout } = await wsctl(['status'])
      assert.deepEqual([code, stdout], [2, ''])
      assert.match(stderr, /contexts\.yaml:3:\d+: contexts\.live\.servr: there is no such key/)
    })

    it('do not stop an emergency rollback whose server is named', async () => {
      await live.wsctl('configure', '--mode', 'gradual', '--percentage', '5')
      const { code, stderr } = await wsctl(['rollback', 'emergency', '--server', live.sandbox.url], {
        WSCTL_TOKEN: 'test-token',
      })
      assert.equal(code, 0)
      assert.match(stderr, /Warning: .*contexts\.yaml:3/)
      assert.equal(await percentage(), 'disabled 0')
    })

    it('stop one whose server is not: it would go to the default one, and all would seem well', async () => {
      const { code, stderr } = await wsctl(['rollback', 'emergency'], { WSCTL_TOKEN: 'test-token' })
      assert.equal(code, 2)
      assert.match(stderr, /not known which server is meant.*\n.*wsctl rollback emergency --server URL/)
    })

    it('are told by doctor, which goes on', async () => {
      const { code, stdout } = await wsctl(['doctor', '--json'])
      assert.equal(code, 1)
      const { findings } = JSON.parse(stdout) as {
        readonly findings: readonly { readonly check: string; readonly verdict: string; readonly reason: string }[]
      }
      const settings = findings.find(({ check }) => check === 'settings')
      assert.equal(settings?.verdict, 'fail')
      assert.match(settings.reason, /contexts\.yaml:3/)
    })
  })

  it('that everybody can write are not trusted', async () => {
    await add('live', '--use')
    await chmod(file, 0o666)
    const { code, stderr } = await wsctl(['status'])
    assert.equal(code, 2)
    assert.match(stderr, /nothing in it is trusted/)
    assert.match((await wsctl(['status', '--no-context', '--server', live.sandbox.url])).stderr, /token/)
  })
})
