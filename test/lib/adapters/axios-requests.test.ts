import assert from 'node:assert/strict'
import { noToken } from '../../../src/lib/adapters/token-source.js'
import { WsctlError } from '../../../src/lib/core/error.js'
import {
  adminApi,
  assertWithoutToken,
  CONFIGURATION,
  failureOf,
  json,
  Scene,
  TOKEN,
  withProxies,
} from './axios-scene.js'

const STORED = {
  success: true,
  configuration: {
    migration_mode: 'gradual',
    rollout_percentage: 25,
    rollout_users_count: 2,
    force_legacy_users_count: 1,
    legacy_fallback: false,
  },
}

describe('a request to the admin API', () => {
  const scene = new Scene()
  afterEach(() => scene.close())

  it('goes out over a connection of its own, which is closed afterwards', async () => {
    const server = await scene.http((response) => json(response, 500, { detail: 'no' }))
    const api = adminApi(server.url)
    await failureOf(api.readStatus(), 'server-error')
    await server.disconnected
    await failureOf(api.readStatus(), 'server-error')
    assert.equal(server.connections(), 2)
    assert.deepEqual(
      server.received.map(({ headers }) => headers.connection),
      ['close', 'close'],
    )
  })

  it('carries the token to the admin API and to nothing else', async () => {
    const server = await scene.http((response) => json(response, 404, {}))
    const api = adminApi(server.url)
    await failureOf(api.readStatus(), 'not-found')
    await failureOf(api.stats(), 'not-found')
    assert.deepEqual(
      server.received.map(({ path, headers }) => [path, headers.authorization]),
      [
        ['/api/websocket-admin/status', `Bearer ${TOKEN}`],
        ['/api/websocket/stats', undefined],
      ],
    )
  })

  it('carries no Authorization header without a token, and says where to give one', async () => {
    const server = await scene.http((response) => json(response, 403, { detail: 'Not authenticated' }))
    const error = await failureOf(adminApi(server.url, { tokens: noToken() }).readStatus(), 'forbidden')
    assert.equal(server.received[0]?.headers.authorization, undefined)
    assert.match(error.suggestions.join('\n'), /no token was given: .*WSCTL_TOKEN.*--token-file.*--token-command/)
  })

  it('uses the paths that are set, below the path of the server', async () => {
    const server = await scene.http((response) => json(response, 404, {}))
    const api = adminApi(`${server.url}/prefix/`, {
      adminPath: '/api/admin/websocket-admin/',
      statsPath: '//other.invalid/x',
    })
    await failureOf(api.health(), 'not-found')
    await failureOf(api.stats(), 'not-found')
    assert.deepEqual(
      server.received.map(({ path }) => path),
      ['/prefix/api/admin/websocket-admin/health', '/prefix//other.invalid/x'],
    )
  })

  it('names all five settings when it configures, empty lists as well', async () => {
    const server = await scene.http((response) => json(response, 200, STORED))
    await adminApi(server.url).configure(CONFIGURATION)
    const empty = { ...CONFIGURATION, rolloutUsers: [], forceLegacyUsers: [] }
    await failureOf(adminApi(server.url).configure(empty), 'invalid-answer')
    const body = { migration_mode: 'gradual', rollout_percentage: 25, legacy_fallback: false }
    assert.deepEqual(
      server.received.map((request): unknown => JSON.parse(request.body)),
      [
        { ...body, rollout_user_list: ['alice', 'bob'], force_legacy_users: ['mallory'] },
        { ...body, rollout_user_list: [], force_legacy_users: [] },
      ],
    )
    assert.equal(`${server.received[0]?.method} ${server.received[0]?.path}`, 'POST /api/websocket-admin/configure')
  })

  it('posts an emergency rollback without a body', async () => {
    const server = await scene.http((response) =>
      json(response, 200, { success: true, rollback_info: { migration_mode_set_to: 'disabled' } }),
    )
    await adminApi(server.url).emergencyRollback()
    assert.deepEqual(
      server.received.map(({ method, path, body }) => [method, path, body]),
      [['POST', '/api/websocket-admin/emergency-rollback', '']],
    )
  })

  for (const status of [404, 405]) {
    it(`takes ${status} on clear-cache for "not offered"`, async () => {
      const server = await scene.http((response) => json(response, status, { detail: 'no' }))
      assert.equal(await adminApi(server.url).clearCache(), false)
    })
  }

  it('does not take another failure of clear-cache for "not offered"', async () => {
    const server = await scene.http((response) => json(response, 500, { detail: 'no' }))
    await failureOf(adminApi(server.url).clearCache(), 'server-error')
  })

  it('encodes the id of a user, and so that a shell may see it', async () => {
    const server = await scene.http((response) => json(response, 404, {}))
    await failureOf(adminApi(server.url).user("ü 50% ?#&+'"), 'not-found')
    assert.deepEqual(
      server.received.map(({ path }) => path),
      ['/api/websocket-admin/user/%C3%BC%2050%25%20%3F%23%26%2B%27'],
    )
  })

  for (const id of ['x/y', '', '.', '..', '\ud800']) {
    it(`does not ask for the user ${JSON.stringify(id)}, who cannot stand in a path`, async () => {
      const server = await scene.http((response) => json(response, 200, {}))
      await assert.rejects(adminApi(server.url).user(id), { code: 'usage', message: /cannot be asked for/ })
      assert.equal(server.connections(), 0)
    })
  }

  const noAddresses = ['localhost:8000', 'ftp://localhost', 'nonsense', '', 'http://localhost?x', 'http://localhost#x']
  for (const server of noAddresses) {
    it(`refuses the address ${JSON.stringify(server)}`, () => {
      assert.throws(() => adminApi(server), { code: 'usage', exitCode: 2 })
    })
  }

  it('refuses credentials in the address without repeating them', () => {
    assert.throws(
      () => adminApi('http://ann:hunter2@localhost:8000'),
      (error: unknown) => error instanceof WsctlError && error.code === 'usage' && !error.message.includes('hunter2'),
    )
  })

  for (const adminPath of ['api/x', 'http://other.invalid/api', '/api?x', '']) {
    it(`refuses the admin path ${JSON.stringify(adminPath)}`, () => {
      assert.throws(() => adminApi('http://localhost', { adminPath }), { code: 'usage', message: /--admin-path/ })
    })
  }
})

/** To the system this address is the machine itself, to wsctl it is no loopback address. */
function elsewhere(port: number): string {
  return `http://0.0.0.0:${port}`
}

describe('plain http to another machine', () => {
  const scene = new Scene()
  afterEach(() => scene.close())

  it('is refused before the token is sent, naming --allow-http', async () => {
    const server = await scene.http((response) => json(response, 500, {}))
    const api = adminApi(elsewhere(server.port))
    await assert.rejects(api.readStatus(), (error: unknown) => {
      assertWithoutToken(error)
      assert.ok(error instanceof WsctlError)
      assert.equal(error.code, 'usage')
      assert.match(error.suggestions.join('\n'), /--allow-http/)
      return true
    })
    assert.equal(server.connections(), 0)
  })

  it('is used with --allow-http', async () => {
    const server = await scene.http((response) => json(response, 500, {}))
    const api = adminApi(elsewhere(server.port), { allowHttp: true })
    await withProxies({}, () => failureOf(api.readStatus(), 'server-error'))
    assert.equal(server.received.length, 1)
  })

  it('is used for calls that send no token', async () => {
    const server = await scene.http((response) => json(response, 500, {}))
    await withProxies({}, () => failureOf(adminApi(elsewhere(server.port)).stats(), 'server-error'))
    const withoutToken = adminApi(elsewhere(server.port), { tokens: noToken() })
    await withProxies({}, () => failureOf(withoutToken.health(), 'server-error'))
    assert.equal(server.received.length, 2)
  })
})
