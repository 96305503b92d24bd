import { request as httpRequest, STATUS_CODES } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import { credentialsOf } from './environment-proxy.js'

/**
 * Reaches an https server through a proxy, for one request: the proxy opens a tunnel and sees nothing of
 * what passes. A proxy that refuses is a failure of its own. Were its answer taken for the server's, as
 * agents for tunnels commonly do, a 403 of the proxy would look like a refused token, and a page of it like
 * an answer.
 */
export class ProxyTunnel extends HttpsAgent {
  /** Why there is no tunnel, in words that continue "the proxy HOST …"; null while nothing went wrong. */
  failure: string | null = null

  /**
   * @param signal ends the attempt, also while the proxy is silent
   * @param trust who may vouch for the server, not for the proxy
   */
  constructor(
    readonly proxy: URL,
    private readonly signal: AbortSignal,
    trust: { readonly ca?: string },
  ) {
    super({ keepAlive: false, ...trust })
  }

  override createConnection(
    options: RequestOptions,
    callback: (error: Error | null, stream?: Duplex) => void,
  ): undefined {
    const { proxy, signal } = this
    const host = String(options.host)
    const target = `${host.includes(':') ? `[${host}]` : host}:${options.port ?? 443}`
    const connect = proxy.protocol === 'https:' ? httpsRequest : httpRequest
    const request = connect({
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      ...(proxy.port !== '' && { port: proxy.port }),
      method: 'CONNECT',
      path: target,
      headers: { Host: target, ...authorization(proxy) },
      agent: false,
      signal,
    })
    const fail = (failure: string): void => {
      this.failure = failure
      callback(new Error(failure))
    }
    request.once('error', (error) => fail(`cannot be used (${'code' in error ? String(error.code) : error.name})`))
    request.once('connect', ({ statusCode = 0 }, socket) => {
      if (statusCode >= 200 && statusCode < 300) {
        const stream = super.createConnection({ ...options, socket } as RequestOptions)
        if (stream) callback(null, stream)
        return
      }
      socket.destroy()
      fail(`refused to connect to ${target}: ${statusCode} ${STATUS_CODES[statusCode] ?? ''}`.trimEnd())
    })
    request.end()
  }
}

function authorization(proxy: URL): { readonly 'Proxy-Authorization'?: string } {
  const credentials = credentialsOf(proxy)
  if (credentials === null) return {}
  const text = `${credentials.username}:${credentials.password}`
  return { 'Proxy-Authorization': `Basic ${Buffer.from(text).toString('base64')}` }
}
