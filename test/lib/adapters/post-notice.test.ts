import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { inspect } from 'node:util'
import { PostTarget, type PostOptions } from '../../../src/lib/adapters/post-notice.js'
import { noticeDocument, noticeSchema } from '../../../src/lib/contract/notice.js'
import type { FailedDelivery } from '../../../src/lib/core/delivery.js'
import { testNotice } from '../../../src/lib/render/notice.js'
import { FakeClock } from '../../support/fakes.js'
import { Scene, withProxies } from './axios-scene.js'

const SECRET = 'shared-secret'
/** As a chat gives them out: whoever knows it can post. */
const PATH = '/services/T024BE7LD/B0/XSecretX'
const NOTICE = testNotice('2026-11-24T09:00:00.000Z', { 'network-administrator': 'Zoë, +49 30 1234' })

describe('a message that is posted', () => {
  let scene: Scene

  beforeEach(() => {
    scene = new Scene()
  })

  afterEach(async () => {
    await scene.close()
  })

  function target(url: string, options: Partial<PostOptions> = {}): PostTarget {
    return new PostTarget({
      type: 'webhook',
      url: new URL(PATH, url),
      secret: SECRET,
      timeoutMs: 5000,
      wants: () => true,
      payload: noticeDocument,
      clock: new FakeClock(),
      ...options,
    })
  }

  /** Fails when it was delivered, or when anything of it holds the URL or the secret. */
  async function failureOf(posted: PostTarget, signal = new AbortController().signal): Promise<FailedDelivery> {
    const attempt = await posted.send(NOTICE, signal)
    assert.ok(!attempt.delivered)
    for (const secret of ['XSecretX', SECRET])
      assert.ok(!inspect(attempt, { depth: 9 }).includes(secret), attempt.reason)
    return attempt
  }

  it('is the document, signed over its timestamp and its bytes', async () => {
    const hook = await scene.http((response) => response.writeHead(204).end())
    assert.deepEqual(await target(hook.url).send(NOTICE, new AbortController().signal), { delivered: true })
    const [received] = hook.received
    assert.ok(received)
    assert.equal(received.path, PATH)
    assert.deepEqual(noticeSchema.parse(JSON.parse(received.body)).contacts, NOTICE.contacts)
    const { headers } = received
    assert.equal(headers['content-type'], 'application/json')
    assert.equal(headers['idempotency-key'], NOTICE.key)
    assert.equal(headers['wsctl-event'], 'test')
    assert.equal(headers['wsctl-timestamp'], String(Date.UTC(2026, 10, 24, 9) / 1000))
    const expected = createHmac('sha256', SECRET).update(
      `${String(received.headers['wsctl-timestamp'])}.${received.body}`,
    )
    assert.equal(headers['wsctl-signature'], `sha256=${expected.digest('hex')}`)
  })

  it('carries a signature that openssl agrees with', async function () {
    if (spawnSync('openssl', ['version']).status !== 0) this.skip()
    const hook = await scene.http((response) => response.end('ok'))
    await target(hook.url).send(NOTICE, new AbortController().signal)
    const { headers = {}, body = '' } = hook.received[0] ?? {}
    const input = `${String(headers['wsctl-timestamp'])}.${body}`
    const digest = execFileSync('openssl', ['dgst', '-sha256', '-hmac', SECRET], { input, encoding: 'utf8' })
    assert.equal(headers['wsctl-signature'], `sha256=${digest.trim().split(' ').at(-1) ?? ''}`)
  })

  it('is not signed without a secret', async () => {
    const hook = await scene.http((response) => response.end('ok'))
    await target(hook.url, { type: 'slack', secret: null }).send(NOTICE, new AbortController().signal)
    assert.equal(hook.received[0]?.headers['wsctl-signature'], undefined)
  })

  it('is worth another attempt when the target is out of order, and not when it refuses', async () => {
    for (const [status, worthRetrying] of [
      [500, true],
      [503, true],
      [408, true],
      [400, false],
      [404, false],
      [410, false],
    ] as const) {
      const hook = await scene.http((response) => response.writeHead(status).end('no_service'))
      const failure = await failureOf(target(hook.url))
      assert.equal(failure.worthRetrying, worthRetrying, String(status))
      assert.match(failure.reason, new RegExp(`^it answered ${status} .*: no_service$`))
    }
  })

  it('is tried again when the target says it may be', async () => {
    const hook = await scene.http((response) => response.writeHead(429, { 'Retry-After': '7' }).end())
    const failure = await failureOf(target(hook.url))
    assert.equal(failure.worthRetrying, true)
    assert.equal(failure.retryAfterMs, 7000)
  })

  it('is given up by a target that hangs, in time', async () => {
    const hook = await scene.http(() => undefined)
    const failure = await failureOf(target(hook.url, { timeoutMs: 100 }))
    assert.equal(failure.reason, 'no answer within 0.1 s')
    assert.equal(failure.worthRetrying, true)
  })

  it('is given up when the run asks for it', async () => {
    const stop = new AbortController()
    const hook = await scene.http(() => stop.abort())
    assert.equal((await failureOf(target(hook.url), stop.signal)).reason, 'it had not answered yet')
  })

  it('follows no redirect', async () => {
    const other = await scene.http((response) => response.end('ok'))
    const hook = await scene.http((response) => response.writeHead(307, { Location: other.url }).end())
    const failure = await failureOf(target(hook.url))
    assert.match(failure.reason, /^it answered 307 Temporary Redirect, a redirect, which is not followed$/)
    assert.equal(failure.worthRetrying, false)
    assert.equal(other.received.length, 0)
  })

  it('says in plain words when nobody is there, or who is there is not trusted', async () => {
    const gone = await scene.http(() => undefined)
    await scene.close()
    assert.match((await failureOf(target(gone.url))).reason, /^nothing is listening on 127\.0\.0\.1:\d+$/)
    const stranger = await scene.http(() => undefined, 'self-signed')
    assert.match((await failureOf(target(stranger.url))).reason, /vouches for the certificate/)
  })

  it('does not repeat the URL or the secret when the answer does', async () => {
    const hook = await scene.http((response, { path }) => response.writeHead(400).end(`bad ${path} ${SECRET}`))
    assert.equal((await failureOf(target(hook.url))).reason, 'it answered 400 Bad Request: bad … …')
  })

  it('shows no page, and nothing that could move the cursor', async () => {
    const page = await scene.http((response) => response.writeHead(502).end('<html>oh</html>'))
    assert.equal((await failureOf(target(page.url))).reason, 'it answered 502 Bad Gateway')
    const hostile = await scene.http((response) => response.writeHead(400).end('up\u001B[2Adown'))
    assert.equal((await failureOf(target(hostile.url))).reason, 'it answered 400 Bad Request: up [2Adown')
  })

  it('goes through the proxy of the environment, which is named when it refuses', async () => {
    const proxy = await scene.proxy(1, (socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n').writableEnded)
    await withProxies({ https_proxy: proxy.url }, async () => {
      const failure = await failureOf(target('https://hooks.example.com'))
      assert.match(failure.reason, /^the proxy 127\.0\.0\.1:\d+ refused to connect to hooks\.example\.com:443/)
    })
  })

  it('names its target by type and host alone', () => {
    const posted = target('https://hooks.example.com')
    assert.equal(posted.name, 'webhook (hooks.example.com)')
    assert.doesNotMatch(posted.id, /hooks|Secret/)
    assert.equal(posted.id, target('https://hooks.example.com').id)
    assert.notEqual(posted.id, target('https://hooks.example.org').id)
  })
})
