import { createServer, type Server, type ServerResponse } from 'node:http'
import { isIPv6, type AddressInfo } from 'node:net'
import { usageError, type WsctlError } from '../core/error.js'
import type { RunMetrics } from './run-metrics.js'

/** Where to listen. */
export interface ListenAddress {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
}

/** Nobody who reads metrics needs more at a time. */
const MOST_CONNECTIONS = 50
const HEADERS_WITHIN_MS = 5000

const LOOPBACK = '127.0.0.1'

/**
 * `HOST:PORT`, `[IPV6]:PORT`, `:PORT` or `PORT`. Without a host only this machine can read: what a run
 * does is nobody else's business unless somebody says so.
 *
 * @throws WsctlError (usage)
 */
export function parseListenAddress(text: string): ListenAddress {
  const [, bracketed, name, port = ''] = /^(?:(?:\[([^\]]*)\]|([^:[\]\s]*)):)?(\d{1,5})$/.exec(text.trim()) ?? []
  const host = bracketed ?? (name === undefined || name === '' ? LOOPBACK : name)
  const isAddress = port !== '' && Number(port) <= 65_535 && (bracketed === undefined || isIPv6(bracketed))
  if (isAddress) return { host, port: Number(port) }
  throw complaint(text, 'is no address to listen at')
}

/**
 * Serves metrics at `/metrics` and nothing else. It never keeps the process alive.
 *
 * @throws WsctlError (usage) when nobody can listen there
 */
export async function serveMetrics(
  metrics: RunMetrics,
  { host, port }: ListenAddress,
): Promise<{ readonly url: string; readonly close: () => void }> {
  const server = createServer({ headersTimeout: HEADERS_WITHIN_MS }, (request, response) => {
    const { method = '', url = '' } = request
    if (url.split('?')[0] !== '/metrics') return refuse(response, 404, 'The metrics are at /metrics.')
    if (method !== 'GET' && method !== 'HEAD') return refuse(response, 405, 'The metrics can only be read.')
    void answer(metrics, response)
  })
  server.maxConnections = MOST_CONNECTIONS
  server.on('connection', (socket) => socket.unref())
  await listen(server, { host, port })
  server.unref()
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${taken}/metrics`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function answer(metrics: RunMetrics, response: ServerResponse): Promise<void> {
  try {
    const text = await metrics.text()
    response.writeHead(200, { 'Content-Type': metrics.contentType }).end(text)
  } catch {
    refuse(response, 500, 'The metrics cannot be told.')
  }
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', Allow: 'GET, HEAD' }).end(`${text}\n`)
}

async function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
  } catch (error) {
    throw complaint(`${host}:${port}`, reasonOf(error))
  }
  // What goes wrong later is the reader's business: it gets no answer.
  server.on('error', () => undefined)
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
  switch (code) {
    case 'EADDRINUSE':
      return 'is taken: another process listens there'
    case 'EADDRNOTAVAIL':
      return 'is no address of this machine'
    case 'EACCES':
      return 'may not be listened at by this account'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'has a name that cannot be resolved'
    default:
      return `cannot be listened at (${code})`
  }
}

function complaint(text: string, what: string): WsctlError {
  return usageError(
    `--metrics-listen: ${text} ${what}`,
    'give HOST:PORT, such as 127.0.0.1:9464; with port 0 any that is free',
  )
}
