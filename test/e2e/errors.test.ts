import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { errorDocumentSchema } from '../../src/lib/contract/error.js'
import { resultSchema } from '../../src/lib/contract/result.js'
import { startSandbox, type Sandbox } from '../../src/lib/sandbox/sandbox.js'
import { Shell, type Ending } from '../support/wsctl.js'

const TOKEN = 'secret-token-that-must-not-show'

describe('wsctl that is used wrongly, or meets a server that is', function () {
  this.timeout(60_000)
  let shell: Shell
  let server: Server
  let sandbox: Sandbox
  /** What the server was asked for, such as `GET /path`. */
  let asked: string[]
  let url: string

  beforeEach(async () => {
    shell = await Shell.open()
    asked = []
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"rollout_statistics":{}}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    sandbox = await startSandbox({ adminToken: TOKEN })
  })

  afterEach(async () => {
    await sandbox.close()
    await new Promise((resolve) => server.close(resolve))
    await shell.close()
  })

  /** Runs wsctl against the server that keeps account; what holds for every failure is checked here. */
  async function wsctl(argv: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ending> {
    const ending = await shell.run(argv, { WSCTL_SERVER: url, WSCTL_TOKEN: TOKEN, ...environment })
    const everything = ending.stdout + ending.stderr
    assert.doesNotMatch(everything, /^\s+at .+:\d+/m, 'no stack')
    assert.ok(!everything.includes(TOKEN), 'no token')
    assert.doesNotMatch(everything, /\p{Cc}(?<![\n\t])/u, 'no control characters in a pipe')
    return ending
  }

  /** The one document on stdout; fails when there is more or less. */
  function documentOf({ stdout, code }: Ending, schema: typeof errorDocumentSchema | typeof resultSchema) {
    const document = schema.parse(JSON.parse(stdout))
    assert.equal(document.exitCode, code)
    assert.ok(document.error)
    return document
  }

  describe('says what is wrong, exits 2 and sends nothing:', () => {
    afterEach(() => assert.deepEqual(asked, []))

    it('a flag that there is not', async () => {
      const { code, stderr, stdout } = await wsctl(['status', '--bogus'])
      assert.deepEqual([code, stdout], [2, ''])
      assert.equal(stderr, 'Error: Nonexistent flag: --bogus\n  - see: wsctl status --help\n')
    })

    it('a flag that was mistyped, with the nearest one', async () => {
      const { code, stderr } = await wsctl(['deploy', 'gradual', '--max-erorr-rate', '5'])
      assert.equal(code, 2)
      assert.match(stderr, /^Error: Nonexistent flag: --max-erorr-rate\n {2}- did you mean: --max-error-rate\n/)
    })

    it('a second word that there is not, with the nearest one', async () => {
      const { code, stderr } = await wsctl(['context', 'lst'])
      assert.equal(code, 2)
      assert.match(stderr, /did you mean: wsctl context list/)
    })

    it('a flag that is missing, as text', async () => {
      const { code, stderr, stdout } = await wsctl(['deploy', 'testing'])
      assert.deepEqual([code, stdout], [2, ''])
      assert.equal(stderr, 'Error: Missing required flag test-users\n  - see: wsctl deploy testing --help\n')
    })

    it('a flag that is missing, as exactly one document', async () => {
      const document = documentOf(await wsctl(['deploy', 'testing', '--json']), resultSchema)
      assert.deepEqual([document.command, document.outcome], ['deploy testing', 'usage'])
      assert.equal(document.error?.message, 'Missing required flag test-users')
    })

    it('a value that cannot be, with the key, the value and the legal range', async () => {
      const { code, stderr } = await wsctl(['deploy', 'gradual', '--max-error-rate', '101', '--poll-interval', '10'])
      assert.equal(code, 2)
      assert.match(stderr, /--max-error-rate 101: expected a number from 0 to 100 \(per cent\)/)
      assert.match(stderr, /--poll-interval 10: expected a duration/)
    })

    it('two places for the token', async () => {
      const ending = await wsctl(['health', '--token-file', 'x', '--token-command', 'y', '--json'])
      assert.match(documentOf(ending, errorDocumentSchema).error?.message ?? '', /both given/)
    })

    it('a user on both lists', async () => {
      for (const command of [['configure'], ['deploy', 'gradual']]) {
        const { code, stderr } = await wsctl([...command, '--rollout-users', 'ann,ben', '--force-legacy-users', 'ben'])
        assert.equal(code, 2)
        assert.match(stderr, /on both lists: ben/)
      }
    })

    it('a file for events that cannot be written', async () => {
      const { code, stderr } = await wsctl(['deploy', 'gradual', '--events', join(shell.folder, 'gone', 'events')])
      assert.equal(code, 2)
      assert.match(stderr, /--events .*: the file cannot be written/)
    })

    it('a .env in the working folder that cannot be read, also as exactly one document', async () => {
      await mkdir(join(shell.folder, '.env'))
      const document = documentOf(await wsctl(['status', '--json']), errorDocumentSchema)
      assert.match(document.error?.message ?? '', /\.env cannot be read/)
    })

    it('a command that there is not, with the nearest one', async () => {
      const { code, stderr } = await wsctl(['deploy', 'gradul'])
      assert.equal(code, 2)
      assert.match(stderr, /wsctl has no command deploy gradul\n {2}- did you mean: wsctl deploy gradual\n/)
      const document = documentOf(await wsctl(['stauts', '--json']), errorDocumentSchema)
      assert.match(document.error?.suggestions[0] ?? '', /did you mean: wsctl status$/)
    })
  })

  describe('says what it met, and exits 14:', () => {
    it('a host that there is not', async () => {
      const { code, stderr } = await wsctl(['stats', '--server', 'http://no-such-host.invalid:8000'])
      assert.equal(code, 14)
      assert.match(stderr, /the name no-such-host\.invalid cannot be resolved/)
    })

    it('a token that is refused', async () => {
      const ending = await wsctl(['status', '--json'], { WSCTL_SERVER: sandbox.url, WSCTL_TOKEN: 'another-token' })
      const document = documentOf(ending, errorDocumentSchema)
      assert.deepEqual([document.exitCode, document.error?.code], [14, 'unauthorized'])
      assert.ok(!(ending.stdout + ending.stderr).includes('another-token'))
    })

    it('a page of HTML', async () => {
      sandbox.setFaults({ api: { kind: 'html' } })
      const { code, stderr } = await wsctl(['health'], { WSCTL_SERVER: sandbox.url })
      assert.equal(code, 14)
      assert.match(stderr, /an HTML page .*, where JSON was expected/)
    })

    it('an answer that lacks fields: nothing is written on the strength of it', async () => {
      const document = documentOf(await wsctl(['deploy', 'gradual', '--json']), resultSchema)
      assert.deepEqual([document.exitCode, document.error?.code], [14, 'invalid-answer'])
      assert.match(document.error?.message ?? '', /rollout_statistics\.\w+: /)
      assert.ok(asked.length > 0 && asked.every((request) => request.startsWith('GET ')), asked.join())
    })

    it('a server that does not answer in time', async () => {
      sandbox.setFaults({ api: { kind: 'hang' } })
      const ending = await wsctl(['status', '--timeout', '300ms', '--json'], { WSCTL_SERVER: sandbox.url })
      const document = documentOf(ending, errorDocumentSchema)
      assert.deepEqual([document.exitCode, document.error?.code], [14, 'timeout'])
      assert.match(document.error?.message ?? '', /within 300 ms/)
    })
  })

  it('shows what to do first when nothing is typed', async () => {
    const { code, stdout, stderr } = await wsctl([])
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, /FIRST STEPS\n[^]*\$ wsctl rehearse\n[^]*\$ wsctl status --server/)
    assert.deepEqual(asked, [])
  })

  it('takes its settings from .env in the working folder', async () => {
    await writeFile(join(shell.folder, '.env'), `WSCTL_SERVER=${sandbox.url}\nADMIN_TOKEN=${TOKEN}\n`)
    const { code, stdout } = await shell.run(['status', '--json'])
    assert.equal(code, 0)
    assert.equal((JSON.parse(stdout) as { server: string }).server, sandbox.url)
  })

  it('has colours where they are asked for, in results and in errors', async () => {
    const run = (argv: readonly string[], environment: Readonly<Record<string, string>>): Promise<Ending> =>
      shell.run(argv, { WSCTL_SERVER: sandbox.url, WSCTL_TOKEN: TOKEN, ...environment })
    const [forced, refused, error] = await Promise.all([
      run(['health'], { FORCE_COLOR: '1' }),
      run(['health', '--no-color'], { FORCE_COLOR: '1' }),
      run(['health', '--timeout', 'x'], { FORCE_COLOR: '1' }),
    ])
    assert.match(forced.stdout, /\u001B\[/)
    assert.doesNotMatch(refused.stdout, /\u001B\[/)
    assert.match(error.stderr, /\u001B\[.*Error:/)
  })
})
