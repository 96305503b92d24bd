import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { connect as connectSocket } from 'node:net'
import { refusalOf } from '../../support/refusal.js'
import { startSandbox } from '../../../src/lib/sandbox/sandbox.js'
import { ADMIN, eventually, SandboxScene, STATS, type Counters } from './sandbox-scene.js'

const BUCKETS = { user1: 6, user2: 24, user3: 95, alice: 99, bob: 0 }
const FULL = 'WEBSOCKET_MIGRATION_MODE=full'
const ALL_SET = {
  migration_mode: 'gradual',
  rollout_percentage: 25,
  rollout_user_list: ['alice', 'carol'],
  force_legacy_users: ['mallory'],
  legacy_fallback: false,
}

const counts = (legacy: number, unified: number, errors: number, fallbacks: number): Counters => ({
  legacy_connections: legacy,
  unified_connections: unified,
  routing_errors: errors,
  fallback_activations: fallbacks,
})

describe('the sandbox keeps to the facts of the contract:', () => {
  const scene = new SandboxScene()

  async function counters(): Promise<Counters> {
    return (await scene.stats()).router_stats
  }

  async function systemOf(userId: string): Promise<unknown> {
    return (await scene.read(`${ADMIN}/user/${encodeURIComponent(userId)}`))['system']
  }

  async function systemsOf(ids: readonly string[]): Promise<Record<string, unknown>> {
    const entries: [string, unknown][] = []
    for (const id of ids) entries.push([id, await systemOf(id)])
    return Object.fromEntries(entries)
  }

  it('1: a write replaces everything, and what it leaves out gets its default', async () => {
    await scene.start()
    await scene.configure(ALL_SET)
    const reply = await scene.configure({ migration_mode: 'testing' })
    assert.equal(reply.status, 200)
    const settings = await scene.settings()
    assert.deepEqual(
      ['migration_mode', 'rollout_percentage', 'explicit_rollout_users', 'forced_legacy_users', 'fallback_enabled'].map(
        (key) => settings[key],
      ),
      ['testing', 0, 0, 0, true],
    )
  })

  it('1: no answer tells who is on the lists', async () => {
    await scene.start()
    const replies = [
      await scene.configure({ ...ALL_SET, rollout_user_list: ['secret-1'], force_legacy_users: ['secret-2'] }),
      await scene.get(STATS),
      await scene.get(`${ADMIN}/status`),
      await scene.get(`${ADMIN}/health`),
    ]
    assert.ok(replies.every(({ status, text }) => status === 200 && !text.includes('secret-')))
  })

  it('2: an emergency rollback of a server whose unified system was never used answers 500, and has worked', async () => {
    await scene.start(FULL)
    assert.equal((await scene.post(`${ADMIN}/emergency-rollback`)).status, 500)
    assert.equal((await scene.settings())['migration_mode'], 'disabled')
    await scene.configure({ migration_mode: 'full' })
    await scene.connect('bob')
    const { status, body } = await scene.post(`${ADMIN}/emergency-rollback`)
    assert.equal(status, 200)
    assert.equal((body as { rollback_info: Record<string, unknown> }).rollback_info['unified_connections_before'], 1)
  })

  it('3: an emergency rollback leaves percentage, lists and the enabled flags as they were', async () => {
    await scene.start('WEBSOCKET_UNIFIED_ENABLED=true\nWEBSOCKET_GRADUAL_ROLLOUT_ENABLED=true')
    await scene.configure(ALL_SET)
    const before = await scene.settings()
    await scene.post(`${ADMIN}/emergency-rollback`)
    assert.deepEqual(await scene.settings(), { ...before, migration_mode: 'disabled' })
    await scene.configure({ ...ALL_SET, migration_mode: 'gradual' })
    assert.equal((await scene.settings())['rollout_percentage'], 25)
  })

  it('4: each attempt ends as exactly one of legacy, unified, an error that legacy took, an error alone', async () => {
    await scene.start()
    assert.equal((await scene.connect('ann')).end, 'connected')
    assert.deepEqual(await counters(), counts(1, 0, 0, 0))

    await scene.configure({ migration_mode: 'full' })
    assert.equal((await scene.connect('ann')).end, 'connected')
    assert.deepEqual(await counters(), counts(1, 1, 0, 0))

    scene.sandbox.setFaults({ fail: { probability: 1 } })
    assert.equal((await scene.connect('ann')).end, 'connected')
    assert.deepEqual(await counters(), counts(2, 1, 1, 1))

    await scene.configure({ migration_mode: 'full', legacy_fallback: false })
    assert.equal((await scene.connect('ann')).end, 'failed')
    assert.deepEqual(await counters(), counts(2, 1, 2, 1))
  })

  it('4: the counters add up to the attempts, whatever mixture of them there is', async () => {
    await scene.start('WEBSOCKET_MIGRATION_MODE=gradual\nWEBSOCKET_ROLLOUT_PERCENTAGE=60')
    const attempts = 60
    for (const [index, withFallback] of [true, false].entries()) {
      scene.sandbox.setFaults({ fail: { probability: 0.5, withFallback } })
      for (let count = 0; count < attempts / 2; count++) await scene.connect(`user${index * 100 + count}`)
    }
    const { legacy_connections: legacy, unified_connections: unified, ...rest } = await counters()
    const { routing_errors: errors, fallback_activations: fallbacks } = rest
    assert.equal(legacy + unified + (errors - fallbacks), attempts)
    assert.ok(legacy > 0 && unified > 0 && fallbacks > 0 && errors > fallbacks, 'each of them came about')
  })

  it('4: established connections are counted for good, open ones come and go', async () => {
    await scene.start(FULL)
    const bob = await scene.connect('bob')
    await scene.connect('carol')
    assert.equal((await scene.stats()).unified_stats?.total_connections, 2)
    await scene.disconnect(bob.socket)
    await eventually(async () => (await scene.stats()).unified_stats?.total_connections === 1)
    assert.deepEqual(await counters(), counts(0, 2, 0, 0))
  })

  it('4: a system that was never used is null, the other is not', async () => {
    await scene.start(FULL)
    const nulls = async (): Promise<readonly boolean[]> => {
      const { legacy_stats: legacy, unified_stats: unified } = await scene.stats()
      return [legacy === null, unified === null]
    }
    assert.deepEqual(await nulls(), [true, true])
    const { socket } = await scene.connect('bob')
    assert.deepEqual(await nulls(), [true, false])
    await scene.disconnect(socket)
    assert.deepEqual(await nulls(), [true, false])
    await scene.configure({ migration_mode: 'disabled' })
    await scene.connect('bob')
    assert.deepEqual(await nulls(), [false, false])
  })

  it('4: a user has several legacy connections and one unified connection', async () => {
    await scene.start()
    await scene.connect('bob')
    await scene.connect('bob')
    assert.equal((await scene.stats()).legacy_stats?.total_connections, 2)
    await scene.configure({ migration_mode: 'full' })
    const first = await scene.connect('bob')
    const replaced = new Promise((resolve) => first.socket.once('close', resolve))
    await scene.connect('bob')
    await replaced
    assert.equal((await scene.stats()).unified_stats?.total_connections, 1)
    assert.equal((await counters()).unified_connections, 2)
  })

  it('5: a restart puts counters to 0 and settings back to the environment file, and drops everybody', async () => {
    await scene.start('WEBSOCKET_MIGRATION_MODE=testing\nWEBSOCKET_ROLLOUT_USER_LIST=ann,ben\n')
    await scene.configure(ALL_SET)
    const { socket } = await scene.connect('alice')
    const dropped = new Promise((resolve) => socket.once('close', resolve))
    await scene.sandbox.restart()
    await dropped
    const { router_stats: counted, legacy_stats: legacy, unified_stats: unified } = await scene.stats()
    assert.deepEqual([counted, legacy, unified], [counts(0, 0, 0, 0), null, null])
    const settings = await scene.settings()
    assert.deepEqual([settings['migration_mode'], settings['explicit_rollout_users']], ['testing', 2])
  })

  it('5: the environment file is read at the start only', async () => {
    await scene.start()
    await writeFile(scene.environmentFile, FULL)
    assert.equal((await scene.settings())['migration_mode'], 'disabled')
    await scene.sandbox.restart()
    assert.equal((await scene.settings())['migration_mode'], 'full')
  })

  it('6: a change moves nobody who is connected, only who connects again', async () => {
    await scene.start()
    const { socket } = await scene.connect('bob')
    await scene.configure({ migration_mode: 'full' })
    assert.equal((await scene.stats()).unified_stats, null)
    await scene.disconnect(socket)
    await scene.connect('bob')
    assert.equal((await scene.stats()).unified_stats?.total_connections, 1)
    await scene.post(`${ADMIN}/emergency-rollback`)
    assert.equal((await scene.stats()).unified_stats?.total_connections, 1)
  })

  it('7: the hash decides, to the percentage at which each user moves', async () => {
    await scene.start()
    for (const [id, bucket] of Object.entries(BUCKETS)) {
      await scene.configure({ migration_mode: 'gradual', rollout_percentage: bucket })
      assert.equal(await systemOf(id), 'legacy', `${id} below`)
      await scene.configure({ migration_mode: 'gradual', rollout_percentage: bucket + 1 })
      assert.equal(await systemOf(id), 'unified', `${id} from ${bucket + 1} % on`)
    }
  })

  it('7: the modes decide who is asked at all, and force-legacy beats the rollout list', async () => {
    await scene.start()
    const lists = { rollout_user_list: ['alice', 'mallory'], force_legacy_users: ['mallory', 'bob'] }
    const ids = ['alice', 'mallory', 'bob', 'user1', 'user3']
    const systems = async (migration_mode: string): Promise<readonly unknown[]> => {
      await scene.configure({ migration_mode, rollout_percentage: 10, ...lists })
      const found = await systemsOf(ids)
      for (const id of ids) await scene.connect(id)
      return ids.map((id) => found[id])
    }
    assert.deepEqual(await systems('disabled'), ['legacy', 'legacy', 'legacy', 'legacy', 'legacy'])
    assert.deepEqual(await systems('testing'), ['unified', 'legacy', 'legacy', 'legacy', 'legacy'])
    assert.deepEqual(await systems('gradual'), ['unified', 'legacy', 'legacy', 'unified', 'legacy'])
    assert.deepEqual(await systems('full'), ['unified', 'legacy', 'legacy', 'unified', 'unified'])
    assert.deepEqual(await counters(), counts(14, 6, 0, 0), 'connections went where the answers said')
  })

  it('7: asking caches an assignment; configure and clear-cache forget it', async () => {
    await scene.start()
    const cached = async (): Promise<number> => (await scene.stats()).feature_flags.cached_assignments
    await scene.configure({ migration_mode: 'gradual', rollout_percentage: 50 })
    await systemsOf(['user1', 'user2', 'user1'])
    assert.equal(await cached(), 2)
    await scene.connect('user3')
    assert.equal(await cached(), 3)
    await scene.post(`${ADMIN}/clear-cache?user_id=user1`)
    assert.equal(await cached(), 2)
    await scene.post(`${ADMIN}/clear-cache`)
    assert.equal(await cached(), 0)
    await systemOf('user1')
    await scene.configure({ migration_mode: 'gradual', rollout_percentage: 50 })
    assert.equal(await cached(), 0)
  })

  it('7: users who are migrated by hand stay so until the cache is cleared', async () => {
    await scene.start()
    await scene.configure({ migration_mode: 'gradual', rollout_percentage: 10 })
    await scene.post(`${ADMIN}/migrate-users`, { user_ids: ['alice'], to_unified: true })
    await scene.post(`${ADMIN}/migrate-users`, { user_ids: ['bob'], to_unified: false })
    assert.deepEqual(await systemsOf(['alice', 'bob']), { alice: 'unified', bob: 'legacy' })
    await scene.connect('alice')
    assert.deepEqual(await counters(), counts(0, 1, 0, 0))
    await scene.post(`${ADMIN}/clear-cache`)
    assert.deepEqual(await systemsOf(['alice', 'bob']), { alice: 'legacy', bob: 'unified' })
  })

  it('7: in mode disabled nobody is unified, whoever was migrated by hand', async () => {
    await scene.start()
    await scene.post(`${ADMIN}/migrate-users`, { user_ids: ['alice'], to_unified: true })
    assert.equal(await systemOf('alice'), 'legacy')
  })

  it('8: a refused connection moves no counter', async () => {
    await scene.start(FULL, { faults: { refuse: { probability: 1 } } })
    for (const id of ['ann', 'bob', 'carol']) assert.equal((await scene.connect(id)).end, 'turned away')
    assert.deepEqual(await counters(), counts(0, 0, 0, 0))
    assert.equal((await scene.read(`${ADMIN}/health`))['health_status'], 'healthy')
  })

  it('9: tokens are checked for signature, life and account', async () => {
    const sandbox = await scene.start()
    const status = async (token: string | null): Promise<number> =>
      (await scene.request('GET', `${ADMIN}/status`, { token })).status
    assert.equal(await status(sandbox.mintToken()), 200)
    assert.equal(await status(sandbox.mintToken({ lifeMs: -1 })), 401)
    assert.equal(await status(sandbox.mintToken({ account: 'user' })), 403)
    assert.equal(await status(sandbox.mintToken({ account: 'deleted' })), 404)
    assert.equal(await status(null), 403)
    const [header, payload, signature = ''] = sandbox.mintToken().split('.')
    const admin = Buffer.from('{"sub":"admin","exp":9999999999}').toString('base64url')
    for (const token of [
      `${header}.${admin}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${header}.${payload}.${'é'.repeat(signature.length)}`,
      'a.b.c',
      '..',
      'null',
    ]) {
      assert.equal(await status(token), 401, token)
    }
    assert.equal(await status(sandbox.mintToken()), 200)
  })

  it('9: a deleted user is told the same as whoever takes a wrong path', async () => {
    const sandbox = await scene.start()
    const token = sandbox.mintToken({ account: 'deleted' })
    const deleted = await scene.request('GET', `${ADMIN}/status`, { token })
    const wrong = await scene.get(`${ADMIN}/statuss`)
    const withoutTime = (body: unknown): object => ({ ...(body as object), timestamp: null })
    assert.deepEqual(
      JSON.stringify(withoutTime(wrong.body)).replaceAll('statuss', 'status'),
      JSON.stringify(withoutTime(deleted.body)),
    )
  })

  it('9: authentication comes before the body is looked at, and refuses without a trace', async () => {
    const sandbox = await scene.start()
    for (const [token, expected] of [
      [null, 403],
      ['nonsense', 401],
      [sandbox.mintToken({ account: 'user' }), 403],
    ] as const) {
      for (const body of ['{bad', { migration_mode: 'canary' }, { migration_mode: 'full' }]) {
        assert.equal((await scene.request('POST', `${ADMIN}/configure`, { body, token })).status, expected)
      }
      assert.equal((await scene.request('POST', `${ADMIN}/emergency-rollback`, { token })).status, expected)
    }
    assert.equal((await scene.settings())['migration_mode'], 'disabled')
  })

  it('9: the counters need no token', async () => {
    await scene.start()
    assert.equal((await scene.request('GET', STATS, { token: null })).status, 200)
  })

  it('10: errors come in both shapes', async () => {
    await scene.start()
    const unknownMode = await scene.configure({ migration_mode: 'canary' })
    assert.deepEqual(Object.keys(unknownMode.body as object), ['detail'])
    const missing = await scene.configure({ rollout_percentage: 5 })
    assert.equal(missing.status, 422)
    const { message, error_code: code } = missing.body as Record<string, unknown>
    assert.deepEqual([message, code], ["The field 'body -> migration_mode': Field required", 'VALIDATION_ERROR'])
  })

  it('10: a body that is refused changes nothing', async () => {
    await scene.start()
    await scene.configure(ALL_SET)
    const before = await scene.settings()
    const bodies = [
      '',
      'null',
      '[]',
      '{"migration_mode":',
      { ...ALL_SET, migration_mode: 7 },
      { ...ALL_SET, rollout_percentage: -1 },
      { ...ALL_SET, rollout_percentage: 5.5 },
      { ...ALL_SET, rollout_user_list: 'ann' },
      { ...ALL_SET, force_legacy_users: [1] },
      { ...ALL_SET, legacy_fallback: 'perhaps' },
    ]
    for (const body of bodies) assert.equal((await scene.configure(body as object)).status, 422, JSON.stringify(body))
    assert.equal((await scene.configure({ ...ALL_SET, migration_mode: 'canary' })).status, 400)
    assert.deepEqual(await scene.settings(), before)
  })

  it('11: health judges by all errors since the start, and stays degraded until a restart', async () => {
    await scene.start(FULL, { faults: { fail: { probability: 1, withFallback: false } } })
    const health = async (): Promise<unknown> => (await scene.read(`${ADMIN}/health`))['health_status']
    for (let count = 0; count < 10; count++) await scene.connect('ann')
    assert.equal(await health(), 'healthy')
    await scene.connect('ann')
    assert.equal(await health(), 'degraded')
    scene.sandbox.setFaults({})
    for (let count = 0; count < 30; count++) await scene.connect('ann')
    assert.equal(await health(), 'degraded')
    await scene.sandbox.restart()
    assert.equal(await health(), 'healthy')
  })

  it('11: more than five fallbacks degrade it too, and its total is of all connections ever', async () => {
    await scene.start(FULL, { faults: { fail: { probability: 1 } } })
    for (let count = 0; count < 5; count++) await scene.disconnect((await scene.connect('ann')).socket)
    assert.equal((await scene.read(`${ADMIN}/health`))['health_status'], 'healthy')
    await scene.connect('ann')
    const { health_status: status, connection_summary: summary } = await scene.read(`${ADMIN}/health`)
    assert.equal(status, 'degraded')
    assert.equal((summary as Record<string, unknown>)['total_connections'], 6)
  })

  it('12: the time of status is a constant', async () => {
    await scene.start()
    assert.equal((await scene.read(`${ADMIN}/status`))['timestamp'], '2024-01-01T00:00:00Z')
  })

  it('12: modes are taken in any case and stored in lower case, from a body and from the environment file', async () => {
    await scene.start('WEBSOCKET_MIGRATION_MODE=Testing')
    assert.equal((await scene.settings())['migration_mode'], 'testing')
    await scene.configure({ migration_mode: 'GrAdUaL' })
    assert.equal((await scene.settings())['migration_mode'], 'gradual')
  })

  it('12: ids are percent-encoded in a path, and one with a slash cannot be asked for', async () => {
    await scene.start()
    const ids = ['a b', 'ü', '100%', 'a?b', 'a#b', 'a+b', "o'neil", '日本', 'a%2Fb', '..x']
    await scene.configure({ migration_mode: 'testing', rollout_user_list: ids })
    for (const id of ids) {
      const answer = await scene.read(`${ADMIN}/user/${encodeURIComponent(id)}`)
      assert.deepEqual([answer['user_id'], answer['in_explicit_list']], [id, true])
    }
    for (const path of ['a/b', 'a%2Fb', '']) assert.equal((await scene.get(`${ADMIN}/user/${path}`)).status, 404)
  })

  it('12: lists are stored comma-separated and trimmed, duplicates kept', async () => {
    await scene.start()
    await scene.configure({ migration_mode: 'testing', rollout_user_list: [' ann ', 'ben,cat', 'ann', '', ' '] })
    assert.equal((await scene.settings())['explicit_rollout_users'], 4)
    assert.deepEqual(await systemsOf(['ann', 'ben', 'cat']), { ann: 'unified', ben: 'unified', cat: 'unified' })
  })

  it('13: more requests a minute than it takes are refused, with how long to wait', async () => {
    await scene.start('', { rateLimitPerMinute: 3 })
    for (let count = 0; count < 3; count++) assert.equal((await scene.get(STATS)).status, 200)
    const { status, headers, body } = await scene.configure({ migration_mode: 'full' })
    assert.equal(status, 429)
    const seconds = Number(headers['retry-after'])
    assert.ok(seconds >= 1 && seconds <= 60)
    assert.deepEqual(Object.keys(body as object), ['detail'])
    assert.equal((await scene.get('/__sandbox__/faults')).status, 200, 'faults can be switched all the same')
  })

  it('it is mounted where it is told', async () => {
    const paths = {
      adminPath: '/api/admin/websocket-admin/',
      statsPath: '/api/websocket/ws/stats',
      socketPath: '/live',
    }
    const sandbox = await scene.start(FULL, paths)
    assert.equal((await scene.get('/api/admin/websocket-admin/status')).status, 200)
    assert.equal((await scene.get('/api/websocket/ws/stats')).status, 200)
    for (const path of [`${ADMIN}/status`, STATS]) assert.equal((await scene.get(path)).status, 404)
    assert.match(sandbox.socketUrl('a b'), /\/live\?user=a%20b$/)
    assert.equal((await scene.connect('a b')).end, 'connected')
  })

  it('it offers each path with its own method alone', async () => {
    await scene.start()
    assert.equal((await scene.request('POST', `${ADMIN}/status`)).status, 404)
    assert.equal((await scene.request('GET', `${ADMIN}/emergency-rollback`)).status, 404)
    assert.equal((await scene.request('POST', STATS)).status, 404)
  })

  it('a mode in the environment file that there is not makes every status fail, and nothing else', async () => {
    await scene.start('WEBSOCKET_MIGRATION_MODE=canary')
    for (let count = 0; count < 2; count++) assert.equal((await scene.get(`${ADMIN}/status`)).status, 500)
    assert.equal((await scene.connect('ann')).end, 'connected')
    assert.deepEqual(await counters(), counts(1, 0, 0, 0))
  })

  it('it survives whatever is sent to it', async () => {
    await scene.start(FULL)
    const port = Number(new URL(scene.sandbox.url).port)
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n'
    const requests = [
      'GET // HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET http://elsewhere/api HTTP/1.1\r\nHost: x\r\n\r\n',
      'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET /%zz%00 HTTP/1.1\r\nHost: x\r\n\r\n',
      `GET // HTTP/1.1\r\nHost: x\r\n${upgrade}\r\n`,
      `GET /ws HTTP/1.1\r\nHost: x\r\n${upgrade}\r\n`,
      `GET /ws?user=ann HTTP/1.1\r\nHost: x\r\n${upgrade}\r\n`,
      'nonsense\r\n\r\n',
      'POST /api/websocket-admin/configure HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"migr',
    ]
    for (const request of requests) {
      const socket = connectSocket(port, '127.0.0.1', () => {
        socket.write(request)
        setImmediate(() => socket.end())
      })
      await new Promise((resolve) =>
        socket
          .on('error', () => undefined)
          .on('data', () => undefined)
          .on('close', resolve),
      )
    }
    assert.equal((await scene.get(`${ADMIN}/status`)).status, 200)
    assert.deepEqual(await counters(), counts(0, 0, 0, 0))
  })

  it('it says why it cannot start', async () => {
    const sandbox = await scene.start()
    const taken = await refusalOf(() => startSandbox({ port: Number(new URL(sandbox.url).port) }))
    assert.match(taken.message, /cannot listen on 127\.0\.0\.1:\d+/)
    assert.equal(taken.exitCode, 2)
    const missing = await refusalOf(() => startSandbox({ environmentFile: scene.folder.at('gone') }))
    assert.match(missing.message, /gone cannot be read/)
  })
})
