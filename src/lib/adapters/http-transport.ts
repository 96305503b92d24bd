import { Agent as HttpAgent } from 'node:http'
import type { Readable } from 'node:stream'
import axios, { type AxiosRequestConfig } from 'axios'
import { credentialsOf, proxyFor } from './environment-proxy.js'
import type { ProxyTunnel } from './proxy-tunnel.js'

/** How requests are sent. */
export interface ExchangeLimits {
  /** For the whole of a request, from connecting to the last byte of the answer, ms. */
  readonly timeoutMs: number
  /** Longest answer that is read, bytes after decompression. */
  readonly maxAnswerBytes: number
  /** Trusted to vouch for the server and nobody else is, PEM; the usual authorities when left out. */
  readonly authorities?: string
}

/** What came back, whatever its status; not yet believed. */
export interface Answer {
  readonly status: number
  /** Empty when the header is missing. */
  readonly contentType: string
  readonly location: string | null
  readonly retryAfter: string | null
  readonly date: string | null
  readonly body: AnswerBody
}

type AnswerBody =
  | { readonly complete: true; readonly text: string }
  /** `flaw` continues the sentence "the answer …". */
  | { readonly complete: false; readonly flaw: string }

/** What is sent. */
export interface OutgoingRequest {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** An object is sent as JSON, bytes as they are. */
  readonly body?: object | Buffer
}

/**
 * Why there is no answer. It never has the axios error as its cause: that one holds the request, and the
 * request holds secrets.
 */
export class TransportFailure extends Error {
  /**
   * @param reason `stopped`: by the caller's signal; `no-tunnel`: the proxy did not open the way, and the
   *   server has seen nothing
   * @param code the system's, such as `ECONNREFUSED`
   */
  constructor(
    readonly reason: 'stopped' | 'timed-out' | 'no-tunnel' | 'no-answer',
    readonly code: string,
    readonly proxy: URL | null,
    readonly tunnel: ProxyTunnel | null,
  ) {
    super(`there was no answer (${code})`)
  }
}

/**
 * Sends one request over a fresh connection and reads the answer. Redirects are not followed.
 *
 * @throws TransportFailure when there was no answer in time, or the caller's signal was aborted
 */
export async function transmit(
  request: OutgoingRequest,
  { timeoutMs, maxAnswerBytes, authorities }: ExchangeLimits,
  signal?: AbortSignal,
): Promise<Answer> {
  const proxy = proxyFor(request.url, process.env)
  const deadline = startDeadline(timeoutMs, signal)
  const { tunnel, config } = await routeTo(request.url, proxy, deadline.signal, authorities)
  try {
    const response = await axios.request<Readable>({
      method: request.method,
      url: request.url.href,
      ...(request.body && { data: request.body }),
      headers: { Connection: 'close', 'User-Agent': 'wsctl', ...request.headers },
      ...config,
      maxRedirects: 0,
      responseType: 'stream',
      signal: deadline.signal,
      validateStatus: () => true,
    })
    const { headers } = response
    return {
      status: response.status,
      contentType: textOf(headers['content-type']) ?? '',
      location: textOf(headers['location']),
      retryAfter: textOf(headers['retry-after']),
      date: textOf(headers['date']),
      body: await readBody(response.data, maxAnswerBytes, deadline.signal),
    }
  } catch (error) {
    const reason = signal?.aborted
      ? 'stopped'
      : deadline.signal.aborted
        ? 'timed-out'
        : tunnel?.failure
          ? 'no-tunnel'
          : 'no-answer'
    throw new TransportFailure(reason, codeOf(error), proxy, tunnel)
  } finally {
    deadline.end()
  }
}

/** The system's code, such as `ECONNREFUSED`. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'an unknown error'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

interface Route {
  readonly config: Pick<AxiosRequestConfig, 'proxy' | 'httpAgent' | 'httpsAgent'>
  /** Set when the server is reached through one. */
  readonly tunnel: ProxyTunnel | null
}

/**
 * How the server is reached. A kept-alive connection always reaches the same one of several processes
 * behind an address, and so hides the others (contract of the admin API, fact 5): no connection is ever
 * used twice.
 */
async function routeTo(
  url: URL,
  proxy: URL | null,
  signal: AbortSignal,
  authorities: string | undefined,
): Promise<Route> {
  const trust = authorities === undefined ? {} : { ca: authorities }
  // What speaks TLS is loaded only where it is spoken: it is slow to load.
  if (url.protocol === 'https:') {
    if (proxy !== null) {
      const { ProxyTunnel } = await import('./proxy-tunnel.js')
      const tunnel = new ProxyTunnel(proxy, signal, trust)
      return { config: { proxy: false, httpsAgent: tunnel }, tunnel }
    }
    const { Agent } = await import('node:https')
    return { config: { proxy: false, httpsAgent: new Agent({ keepAlive: false, ...trust }) }, tunnel: null }
  }
  const httpAgent = new HttpAgent({ keepAlive: false })
  if (proxy === null) return { config: { proxy: false, httpAgent }, tunnel: null }
  const { protocol, hostname } = proxy
  const auth = credentialsOf(proxy)
  const port = Number(proxy.port || (protocol === 'https:' ? 443 : 80))
  return { config: { proxy: { protocol, host: hostname, port, ...(auth && { auth }) }, httpAgent }, tunnel: null }
}

/** Fires when the time is up or the caller's signal is aborted. */
function startDeadline(timeoutMs: number, signal: AbortSignal | undefined): { signal: AbortSignal; end: () => void } {
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  const timer = setTimeout(abort, timeoutMs)
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted) abort()
  return {
    signal: controller.signal,
    end() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    },
  }
}

/** Leaving the loop early destroys the stream, and its connection with it. */
async function readBody(stream: Readable, maxBytes: number, signal: AbortSignal): Promise<AnswerBody> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > maxBytes) return { complete: false, flaw: `is longer than ${maxBytes} bytes` }
      chunks.push(chunk)
    }
  } catch (error) {
    if (signal.aborted) throw error
    return { complete: false, flaw: `was cut off after ${bytes} bytes` }
  }
  return { complete: true, text: new TextDecoder().decode(Buffer.concat(chunks)) }
}

function textOf(header: unknown): string | null {
  return typeof header === 'string' ? header : null
}
