import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { crowdedStats } from '../../support/samples.js'
import { adminApi, CONFIGURATION, failureOf, json, Scene, TOKEN } from './axios-scene.js'

const HTML = '<!DOCTYPE html><html><body>Bad Gateway</body></html>'

function text(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type }).end(body)
}

describe('an answer that is none of the server', () => {
  const scene = new Scene()
  afterEach(() => scene.close())

  it('is invalid when it is an HTML page, and a proxy is suspected', async () => {
    const server = await scene.http((response) => text(response, 200, 'text/html; charset=utf-8', HTML))
    const error = await failureOf(adminApi(server.url).readStatus(), 'invalid-answer')
    assert.equal(
      error.message,
      'GET /api/websocket-admin/status answered 200 OK with an HTML page (text/html; charset=utf-8), ' +
        'where JSON was expected',
    )
    assert.match(error.suggestions.join('\n'), /proxy/)
  })

  it('is a server error when a proxy says 502 in HTML', async () => {
    const server = await scene.http((response) => text(response, 502, 'text/html', HTML))
    const error = await failureOf(adminApi(server.url).readStatus(), 'server-error')
    assert.match(error.message, /502 Bad Gateway with an HTML page/)
    assert.match(error.suggestions.join('\n'), /is the server behind it running/)
  })

  it('is invalid when it is empty, not JSON, or breaks off', async () => {
    for (const body of ['', 'all is well', '{"rollout_statistics": {"migration_mode": "grad']) {
      const server = await scene.http((response) => text(response, 200, 'application/json', body))
      await failureOf(adminApi(server.url).readStatus(), 'invalid-answer')
    }
  })

  it('is invalid when a number is missing, and the number is named', async () => {
    const flags = {
      migration_mode: 'gradual',
      unified_enabled: true,
      gradual_rollout_enabled: true,
      rollout_percentage: 20,
      explicit_rollout_users: 0,
      forced_legacy_users: 0,
      fallback_enabled: true,
      cached_assignments: 0,
    }
    const router = { legacy_connections: 1, unified_connections: 1, fallback_activations: 0 }
    const statistics = { router_stats: router, feature_flags: flags, legacy_stats: null, unified_stats: null }
    const server = await scene.http((response) =>
      json(response, 200, { rollout_statistics: flags, connection_statistics: statistics }),
    )
    const error = await failureOf(adminApi(server.url).readStatus(), 'invalid-answer')
    const expected = 'connection_statistics.router_stats.routing_errors: expected number, received undefined'
    assert.ok(error.message.endsWith(`: ${expected}`), error.message)
  })

  it('is invalid when it is JSON of another kind', async () => {
    const server = await scene.http((response) => json(response, 200, []))
    const error = await failureOf(adminApi(server.url).stats(), 'invalid-answer')
    assert.match(error.message, /the whole answer: expected object, received array/)
    assert.match(error.suggestions.join('\n'), /--stats-path/)
  })

  it('is invalid when it does not fit the limit, also when it was compressed', async () => {
    const body = JSON.stringify({ padding: 'x'.repeat(100_000) })
    const plain = await scene.http((response) => text(response, 200, 'application/json', body))
    const packed = await scene.http((response) =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(gzipSync(body)),
    )
    for (const server of [plain, packed]) {
      const error = await failureOf(adminApi(server.url, { maxAnswerBytes: 50_000 }).readStatus(), 'invalid-answer')
      assert.match(error.message, /longer than 50000 bytes/)
      await server.disconnected
    }
  })

  it('is believed when it is long because many users are connected', async () => {
    const server = await scene.http((response) => json(response, 200, crowdedStats(20_000)))
    const { unified_stats: read } = await adminApi(server.url).stats()
    assert.equal(read?.total_connections, 20_000)
  })

  it('is invalid when the connection breaks within it', async () => {
    const server = await scene.raw((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"a":'))
    const error = await failureOf(adminApi(server.url).readStatus(), 'invalid-answer')
    assert.match(error.message, /cut off after 5 bytes/)
  })

  it('is invalid when it is not HTTP', async () => {
    const server = await scene.raw((socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'))
    const error = await failureOf(adminApi(server.url).readStatus(), 'invalid-answer')
    assert.match(error.message, /does not speak HTTP/)
    assert.equal(error.failure.status, null)
  })

  it('is invalid when it is a redirect, which is not followed', async () => {
    const other = await scene.http((response) => json(response, 200, {}))
    for (const status of [301, 302, 307, 308]) {
      const location = `${other.url}/login/${TOKEN}?next=${TOKEN}`
      const server = await scene.http((response) => json(response, status, {}, { location }))
      const error = await failureOf(adminApi(server.url).readStatus(), 'invalid-answer')
      assert.ok(error.message.includes(`a redirect to ${other.url}/login/[token]:`), error.message)
      assert.match(error.suggestions.join('\n'), /--server[^]*--admin-path/)
    }
    assert.equal(other.connections(), 0)
  })

  it('is invalid when it is a redirect to the same server, which is not followed either', async () => {
    const server = await scene.http((response) => json(response, 307, {}, { location: '/elsewhere' }))
    const error = await failureOf(adminApi(server.url).configure(CONFIGURATION), 'invalid-answer')
    assert.ok(error.message.includes(`a redirect to ${server.url}/elsewhere:`), error.message)
    assert.equal(server.received.length, 1)
  })
})

describe('a refusal of the server', () => {
  const scene = new Scene()
  afterEach(() => scene.close())

  it('is quoted on one line, shortened, without control characters and without the token', async () => {
    const detail = `bad\r\n\u001b[31mtoken\u202e ${TOKEN} ${'x'.repeat(500)}`
    const bodies = [{ detail }, { message: detail, error_code: 'E', details: {}, suggestions: [] }]
    for (const body of bodies) {
      const server = await scene.http((response) => json(response, 401, body))
      const error = await failureOf(adminApi(server.url).readStatus(), 'unauthorized')
      assert.match(error.message, /401 Unauthorized: bad \[31mtoken \[token\] x+…$/)
      assert.ok(error.message.length < 300)
    }
  })

  it('says for how long to wait, in seconds or until a date', async () => {
    const headers = ['7', 'Tue, 24 Nov 2026 09:00:30 GMT', 'Tue, 24 Nov 2026 08:00:00 GMT', 'soon']
    const waits: (number | undefined)[] = []
    for (const header of headers) {
      const server = await scene.http((response) => json(response, 429, {}, { 'retry-after': header }))
      const { failure } = await failureOf(adminApi(server.url).readStatus(), 'rate-limited')
      waits.push(failure.retryAfterMs)
    }
    assert.deepEqual(waits, [7000, 30_000, 0, undefined])
  })

  it('says how to look at a rollback that answered 500', async () => {
    const server = await scene.http((response) => json(response, 500, { detail: 'Failed' }))
    const error = await failureOf(adminApi(server.url).emergencyRollback(), 'server-error')
    assert.match(error.suggestions.join('\n'), /may have worked all the same: wsctl status/)
  })

  it('keeps its status when its body breaks off', async () => {
    const server = await scene.raw((socket) => socket.end('HTTP/1.1 503 No\r\ncontent-length: 100\r\n\r\n{"deta'))
    const { failure } = await failureOf(adminApi(server.url).readStatus(), 'server-error')
    assert.equal(failure.status, 503)
  })
})

describe('a server that does not answer', () => {
  const scene = new Scene()
  afterEach(() => scene.close())

  it('is unreachable when nothing listens, and the address to check is named', async () => {
    const server = await scene.http(() => undefined)
    await scene.close()
    for (const host of ['127.0.0.1', 'localhost']) {
      const error = await failureOf(adminApi(`http://${host}:${server.port}`).readStatus(), 'unreachable')
      assert.ok(error.message.endsWith(`nothing is listening on ${host}:${server.port}`), error.message)
      assert.equal(error.exitCode, 14)
      assert.match(error.suggestions.join('\n'), /--server URL[^]*curl -i 'http/)
      assert.ok(error.cause instanceof Error && 'code' in error.cause)
      assert.equal(error.cause.code, 'ECONNREFUSED')
    }
  })

  it('is unreachable when it hangs up before a word', async () => {
    const server = await scene.raw((socket) => socket.destroy())
    const error = await failureOf(adminApi(server.url).readStatus(), 'unreachable')
    assert.match(error.message, /127\.0\.0\.1:\d+ closed the connection/)
  })

  it('is unreachable over TLS when it speaks plain HTTP', async () => {
    const server = await scene.http((response) => json(response, 200, {}))
    const error = await failureOf(adminApi(`https://127.0.0.1:${server.port}`).readStatus(), 'unreachable')
    assert.match(error.message, /does not speak TLS/)
  })

  it('times out while it does not take the connection', async function () {
    // A queue of waiting connections that is full is a black hole on Linux alone.
    if (process.platform !== 'linux') this.skip()
    const port = await scene.blackHole()
    const error = await failureOf(adminApi(`http://127.0.0.1:${port}`, { timeoutMs: 200 }).readStatus(), 'timeout')
    assert.match(error.message, /within 200 ms$/)
    assert.match(error.suggestions.join('\n'), /--timeout 30s/)
  })

  it('times out while TLS is being agreed upon', async () => {
    const server = await scene.raw(() => undefined)
    const api = adminApi(`https://127.0.0.1:${server.port}`, { timeoutMs: 100 })
    await failureOf(api.readStatus(), 'timeout')
    await server.disconnected
  })

  it('times out while its headers are awaited', async () => {
    const server = await scene.http(() => undefined)
    const error = await failureOf(adminApi(server.url, { timeoutMs: 50 }).readStatus(), 'timeout')
    assert.match(error.message, /within 50 ms$/)
    await server.disconnected
  })

  it('times out while its body trickles', async () => {
    const server = await scene.raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n')
      const drip = setInterval(() => socket.write(' '), 5)
      socket.on('close', () => clearInterval(drip))
    })
    await failureOf(adminApi(server.url, { timeoutMs: 100 }).readStatus(), 'timeout')
    await server.disconnected
  })

  it('is given up when the caller says so, before, while headers and while a body are awaited', async () => {
    const silent = await scene.http(() => caller.abort())
    const trickling = await scene.raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n{', () => caller.abort())
    })
    let caller = new AbortController()
    await failureOf(adminApi(silent.url).readStatus(caller.signal), 'unreachable')
    await failureOf(adminApi(silent.url).readStatus(caller.signal), 'unreachable')
    assert.equal(silent.connections(), 1, 'what is given up beforehand is not sent')
    caller = new AbortController()
    const error = await failureOf(adminApi(trickling.url).readStatus(caller.signal), 'unreachable')
    assert.match(error.message, /was given up/)
    await trickling.disconnected
  })
})
