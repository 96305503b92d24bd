import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { environmentToken, type TokenSource } from '../../../src/lib/adapters/token-source.js'
import { usageError } from '../../../src/lib/core/error.js'
import { adminApi, failureOf, json, Scene, TOKEN, type Received } from './axios-scene.js'

const HEALTHY = {
  health_status: 'healthy',
  issues: [],
  connection_summary: { total_connections: 0, legacy_connections: 0, unified_connections: 0 },
  error_summary: { routing_errors: 0, fallback_activations: 0 },
}

/** Takes one token and no other. */
function accepting(token: string): (response: ServerResponse, request: Received) => void {
  return (response, { headers }) => {
    if (headers.authorization === `Bearer ${token}`) json(response, 200, HEALTHY)
    else json(response, 401, { detail: 'Invalid token' })
  }
}

/** Gives what `token` and `renew` say, which may throw. */
function source(token: () => string | null, renew: () => string | null): TokenSource {
  return { renewable: true, token: async () => token(), renew: async () => renew(), describe: () => 'a test' }
}

describe('a token that the server refuses', () => {
  const scene = new Scene()
  afterEach(() => scene.close())

  it('is renewed, and the request sent once more', async () => {
    const server = await scene.http(accepting('fresh'))
    const api = adminApi(server.url, {
      tokens: source(
        () => TOKEN,
        () => 'fresh',
      ),
    })
    assert.equal((await api.health()).health_status, 'healthy')
    assert.deepEqual(
      server.received.map(({ headers }) => headers.authorization),
      [`Bearer ${TOKEN}`, 'Bearer fresh'],
    )
  })

  it('is renewed once only', async () => {
    const server = await scene.http(accepting('another'))
    const api = adminApi(server.url, {
      tokens: source(
        () => 'stale',
        () => TOKEN,
      ),
    })
    const error = await failureOf(api.health(), 'unauthorized')
    assert.equal(server.received.length, 2)
    assert.match(error.suggestions.join('\n'), /WSCTL_TOKEN.*--token-file.*--token-command/)
  })

  it('is not sent again when there is no other', async () => {
    const server = await scene.http(accepting('another'))
    await failureOf(
      adminApi(server.url, {
        tokens: source(
          () => TOKEN,
          () => TOKEN,
        ),
      }).health(),
      'unauthorized',
    )
    await failureOf(adminApi(server.url, { tokens: environmentToken(TOKEN, 'WSCTL_TOKEN') }).health(), 'unauthorized')
    assert.equal(server.received.length, 2)
  })

  it('is reported with the reason for which it cannot be renewed', async () => {
    const server = await scene.http(accepting('another'))
    const fails = (): never => {
      throw usageError('the token file is gone', 'bring it back')
    }
    const error = await failureOf(adminApi(server.url, { tokens: source(() => TOKEN, fails) }).health(), 'unauthorized')
    assert.match(error.message, /401 Unauthorized, and the token cannot be renewed: the token file is gone/)
    assert.deepEqual(error.suggestions, ['bring it back'])
    assert.equal(error.failure.status, 401)
  })

  it('is said to have expired when it has', async () => {
    const server = await scene.http(accepting('another'))
    const payload = Buffer.from(JSON.stringify({ exp: Date.UTC(2026, 10, 24, 8, 30) / 1000 })).toString('base64url')
    const tokens = environmentToken(`e30.${payload}.x`, 'WSCTL_TOKEN')
    const error = await failureOf(adminApi(server.url, { tokens }).health(), 'unauthorized')
    assert.equal(error.suggestions[0], 'the token expired at 2026-11-24T08:30:00.000Z')
  })
})

describe('a source that gives no token', () => {
  const scene = new Scene()
  afterEach(() => scene.close())

  it('is a usage error as long as it never gave one, and nothing is sent', async () => {
    const server = await scene.http(accepting(TOKEN))
    const fails = (): never => {
      throw usageError('the token file is empty')
    }
    const api = adminApi(server.url, { tokens: source(fails, fails) })
    await assert.rejects(api.health(), { code: 'usage', exitCode: 2 })
    assert.equal(server.connections(), 0)
  })

  it('is a failed call once a run has begun', async () => {
    const server = await scene.http(accepting(TOKEN))
    const given = [TOKEN]
    const runsDry = (): string => {
      const token = given.shift()
      if (token === undefined) throw usageError('the token file is empty')
      return token
    }
    const api = adminApi(server.url, { tokens: source(runsDry, runsDry) })
    await api.health()
    const error = await failureOf(api.health(), 'unreachable')
    assert.match(error.message, /was not sent, for want of a token: the token file is empty/)
    assert.equal(server.connections(), 1)
  })

  it('is not waited for when the caller gives up', async () => {
    const server = await scene.http(accepting(TOKEN))
    const caller = new AbortController()
    const tokens: TokenSource = {
      ...source(
        () => null,
        () => null,
      ),
      token() {
        caller.abort()
        return new Promise<never>(() => undefined)
      },
    }
    await failureOf(adminApi(server.url, { tokens }).health(caller.signal), 'unreachable')
    assert.equal(server.connections(), 0)
  })
})
