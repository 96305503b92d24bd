import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { proxyFor } from '../../../src/lib/adapters/environment-proxy.js'
import type { CallError, FailureKind } from '../../../src/lib/core/error.js'
import { adminApi, certificate, failureOf, json, Scene, TOKEN, withProxies, type Listening } from './axios-scene.js'

const authorities = certificate('authority')

describe('a proxy of the environment', () => {
  const scene = new Scene()
  afterEach(() => scene.close())

  /** A server far away, which only a proxy can reach by its name. */
  function farServer(): Promise<Listening> {
    return scene.http((response) => json(response, 404, {}), 'server')
  }

  const api = (server: Listening, timeoutMs = 5000) =>
    adminApi(`https://wsctl.test:${server.port}`, { authorities, timeoutMs })

  it('is used to reach another machine', async () => {
    const proxy = await scene.http((response) => json(response, 500, {}))
    const plain = adminApi('http://wsctl.invalid:8000', { allowHttp: true })
    await withProxies({ http_proxy: proxy.url }, () => failureOf(plain.readStatus(), 'server-error'))
    assert.deepEqual(
      proxy.received.map(({ path }) => path),
      ['http://wsctl.invalid:8000/api/websocket-admin/status'],
    )
  })

  it('never sees what goes to this very machine', async () => {
    const proxy = await scene.http((response) => json(response, 500, {}))
    const server = await scene.http((response) => json(response, 404, {}))
    for (const host of ['127.0.0.1', 'localhost', '127.1']) {
      const near = adminApi(`http://${host}:${server.port}`)
      await withProxies({ http_proxy: proxy.url }, () => failureOf(near.readStatus(), 'not-found'))
    }
    assert.equal(proxy.connections(), 0)
    assert.equal(server.received.length, 3)
  })

  it('only opens a tunnel to a server that speaks TLS, a new one for each request', async () => {
    const server = await farServer()
    const proxy = await scene.proxy(server.port)
    await withProxies({ HTTPS_PROXY: proxy.url }, async () => {
      await failureOf(api(server).readStatus(), 'not-found')
      await proxy.disconnected
      await failureOf(api(server).readStatus(), 'not-found')
    })
    assert.deepEqual(
      proxy.received.map(({ method, path, headers }) => [method, path, headers.authorization]),
      Array(2).fill(['CONNECT', `wsctl.test:${server.port}`, undefined]),
    )
    assert.deepEqual(
      server.received.map(({ headers }) => headers.authorization),
      Array(2).fill(`Bearer ${TOKEN}`),
    )
    assert.equal(proxy.connections(), 2)
  })

  it('does not vouch for the server behind it', async () => {
    const server = await farServer()
    const proxy = await scene.proxy(server.port)
    const unknowing = adminApi(`https://wsctl.test:${server.port}`)
    await withProxies({ https_proxy: proxy.url }, async () => {
      const error = await failureOf(unknowing.readStatus(), 'unreachable')
      assert.match(error.message, /nobody trusted here vouches for the certificate of wsctl\.test/)
    })
    assert.equal(server.received.length, 0)
  })

  it('is given its user and password as they are meant, and no message shows them', async () => {
    const server = await farServer()
    const tunnel = await scene.proxy(server.port, (socket) => hangUp(socket, '407 No'))
    const forward = await scene.http((response) => json(response, 500, {}))
    const withUser = ({ port }: Listening): string => `http://us%40er:p%3Ass@127.0.0.1:${port}`
    await withProxies({ https_proxy: withUser(tunnel), http_proxy: withUser(forward) }, async () => {
      const error = await failureOf(api(server).readStatus(), 'unreachable')
      assert.doesNotMatch(`${error.message} ${error.suggestions.join()}`, /us%40er|us@er|p%3Ass|p:ss/)
      const plain = adminApi('http://wsctl.test', { allowHttp: true })
      await failureOf(plain.readStatus(), 'server-error')
    })
    for (const { received } of [tunnel, forward]) {
      const [, encoded = ''] = received[0]?.headers['proxy-authorization']?.split(' ') ?? []
      assert.equal(Buffer.from(encoded, 'base64').toString(), 'us@er:p:ss')
    }
  })

  it('is not taken for the server when it refuses, whatever it says', async () => {
    const page = 'content-type: application/json\r\n\r\n{"success":true}'
    for (const status of ['401 Unauthorized', '403 Forbidden', '404 Not Found', '302 Found', '503 No']) {
      const server = await farServer()
      const proxy = await scene.proxy(server.port, (socket) => hangUp(socket, `${status}\r\n${page}`))
      const error = await failsThrough(proxy, server, 'unreachable')
      assert.ok(
        error.message.includes(`the proxy 127.0.0.1:${proxy.port} refused to connect to wsctl.test:${server.port}: `),
        error.message,
      )
      assert.equal(error.failure.status, null, 'a run counts it as no answer, not as a refused token')
      assert.match(error.suggestions.join('\n'), /NO_PROXY=wsctl\.test/)
      assert.equal(server.connections(), 0)
    }
  })

  it('does not keep a call waiting when it is silent', async () => {
    const server = await farServer()
    const proxy = await scene.proxy(server.port, () => true)
    const error = await failsThrough(proxy, server, 'timeout', 100)
    assert.match(error.message, /through the proxy 127\.0\.0\.1:\d+ within 100 ms/)
    await proxy.disconnected
  })

  it('is named when it hangs up or is not there', async () => {
    const server = await farServer()
    const proxy = await scene.proxy(server.port, (socket) => Boolean(socket.destroy()))
    assert.match(
      (await failsThrough(proxy, server, 'unreachable')).message,
      /the proxy .* cannot be used \(ECONNRESET\)/,
    )
    await scene.close()
    for (const address of [`https://wsctl.test`, 'http://wsctl.test']) {
      await withProxies({ all_proxy: proxy.url }, async () => {
        const far = adminApi(address, { allowHttp: true })
        const { message } = await failureOf(far.readStatus(), 'unreachable')
        assert.ok(message.includes(`the proxy 127.0.0.1:${proxy.port}`), message)
      })
    }
  })

  function hangUp(socket: Socket, response: string): true {
    socket.end(`HTTP/1.1 ${response}\r\n\r\n`)
    return true
  }

  async function failsThrough(
    proxy: Listening,
    server: Listening,
    kind: FailureKind,
    timeoutMs?: number,
  ): Promise<CallError> {
    let error: CallError | undefined
    await withProxies({ https_proxy: proxy.url }, async () => {
      error = await failureOf(api(server, timeoutMs).readStatus(), kind)
    })
    assert.ok(error)
    return error
  }
})

describe('the proxy for an address', () => {
  const find = (url: string, environment: Record<string, string>) => proxyFor(new URL(url), environment)?.href ?? null

  it('is named by the scheme of the server, or for all, in lower or upper case', () => {
    const environment = { http_proxy: 'http://a', HTTPS_PROXY: 'http://b', https_proxy: '' }
    assert.equal(find('http://far.test', environment), 'http://a/')
    assert.equal(find('https://far.test', environment), 'http://b/')
    assert.equal(find('https://far.test', { ALL_PROXY: 'https://c:3128' }), 'https://c:3128/')
    assert.equal(find('https://far.test', { https_proxy: 'd:3128' }), 'http://d:3128/', 'without a scheme: http')
    assert.equal(find('https://far.test', { http_proxy: 'http://a' }), null)
  })

  const exemptions = [
    ['far.test', 'far.test', true],
    ['far.test', 'FAR.test, other', true],
    ['chat.far.test', 'far.test', true],
    ['chat.far.test', '.far.test', true],
    ['chat.far.test', 'other *.far.test', true],
    ['notfar.test', 'far.test', false],
    ['far.test', 'chat.far.test', false],
    ['far.test', '*', true],
    ['far.test', 'far.test:443', true],
    ['far.test', 'far.test:8443', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '10.0.0.0/8', true],
    ['11.1.2.3', '10.0.0.0/8', false],
    ['10.1.2.3', '10.0.0.0/99', false],
    ['1.10.1.2', '10.1.2', false],
    ['[fd00::1]', 'fd00::1', true],
    ['[fd00::1]', '[fd00::1]:443', true],
    ['[fd00::1]', 'fd00::/8', true],
    ['[fd00::1]', '10.0.0.0/8', false],
    ['far.test', '', false],
  ] as const
  for (const [host, list, exempt] of exemptions) {
    it(`is ${exempt ? 'none' : 'used'} for ${host} when NO_PROXY is "${list}"`, () => {
      const found = find(`https://${host}`, { https_proxy: 'http://p', NO_PROXY: list })
      assert.equal(found, exempt ? null : 'http://p/')
    })
  }

  for (const value of ['socks5://user:hunter2@p', 'http://user:hunter2@[']) {
    it(`is a usage error when it is ${value.split('user')[0]}…, without showing it`, () => {
      assert.throws(
        () => find('https://far.test', { all_proxy: value }),
        (error: Error) => error.message.includes('ALL_PROXY') && !error.message.includes('hunter2'),
      )
    })
  }
})
