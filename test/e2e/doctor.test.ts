import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { doctorDocumentSchema, type DoctorDocument } from '../../src/lib/contract/doctor.js'
import { LiveServer } from '../support/live-server.js'

const JWT_EXPIRED = `e30.${Buffer.from('{"exp":1000}').toString('base64url')}.x`

describe('doctor', function () {
  this.timeout(30_000)
  const live = LiveServer.forEachTest()

  async function doctor(
    argv: readonly string[] = [],
    environment: Readonly<Record<string, string>> = live.environment,
  ): Promise<DoctorDocument> {
    const { code, stdout } = await live.shell.run(['doctor', '--json', ...argv], environment)
    const document = doctorDocumentSchema.parse(JSON.parse(stdout))
    assert.equal(document.exitCode, code)
    return document
  }

  function from(document: DoctorDocument, setting: string): string {
    const found = document.settings.find((line) => line.setting === setting)
    return `${found?.value} from ${found?.from} ${found?.name}`
  }

  it('exits 0 when nothing would stop a rollout, and changes nothing', async () => {
    const document = await doctor()
    assert.equal(document.outcome, 'completed')
    assert.ok((document.server?.latencyMs ?? 0) > 0)
    assert.ok(Math.abs(document.server?.aheadMs ?? 9999) < 1500)
    assert.equal(await live.settings(), 'disabled 0')
  })

  it('tells where each setting came from: flag, variable, .env, context, default', async () => {
    const config = join(live.shell.folder, 'config')
    const environment = { WSCTL_CONFIG_DIR: config, CHAT_TOKEN: 'test-token', WSCTL_STATS_PATH: '/api/websocket/stats' }
    const add = ['context', 'add', 'live', '--server', live.sandbox.url, '--token-env', 'CHAT_TOKEN', '--use']
    await live.shell.run(add, environment)
    await writeFile(join(live.shell.folder, '.env'), 'WSCTL_ADMIN_PATH=/api/websocket-admin\n')
    const document = await doctor(['--timeout', '7s'], environment)
    assert.equal(from(document, 'server'), `${live.sandbox.url} from context live`)
    assert.equal(from(document, 'request time-out'), '7s from flag --timeout')
    assert.equal(from(document, 'stats path'), '/api/websocket/stats from variable WSCTL_STATS_PATH')
    assert.equal(from(document, 'admin path'), '/api/websocket-admin from dotenv WSCTL_ADMIN_PATH')
    assert.equal(from(document, 'trusted authorities'), 'null from default null')
    assert.equal(from(document, 'token'), 'the variable CHAT_TOKEN from context live')
    assert.deepEqual(document.contexts, {
      path: join(config, 'contexts.yaml'),
      exists: true,
      mode: '0600',
      used: 'live',
    })
  })

  it('never shows the token, whether as text or as a document', async () => {
    for (const argv of [['doctor'], ['doctor', '--json']]) {
      const { stdout, stderr } = await live.shell.run(argv, live.environment)
      assert.ok(!(stdout + stderr).includes('test-token'))
    }
  })

  it('exits 1 for a token that has expired, and says since when it is of no use', async () => {
    const document = await doctor([], { ...live.environment, WSCTL_TOKEN: JWT_EXPIRED })
    assert.equal(document.exitCode, 1)
    assert.equal(document.token?.expiresAt, '1970-01-01T00:16:40.000Z')
    const failed = document.findings.filter(({ verdict }) => verdict === 'fail').map(({ check }) => check)
    assert.deepEqual(failed, ['token', 'sign-in'])
  })

  it('exits 1 for a server that does not answer, and tells all the rest', async () => {
    const document = await doctor(['--server', 'http://127.0.0.1:9'])
    assert.equal(document.exitCode, 1)
    assert.equal(document.server, null)
    assert.equal(document.settings.length, 10)
  })

  it('tells of settings that cannot be, and goes on', async () => {
    const document = await doctor(['--timeout', 'soon'])
    assert.equal(document.exitCode, 1)
    assert.match(document.findings.find(({ check }) => check === 'settings')?.reason ?? '', /--timeout soon/)
  })
})
