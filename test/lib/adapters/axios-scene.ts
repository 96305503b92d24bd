import { createServer, type IncomingHttpHeaders, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createRawServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { inspect } from 'node:util'
import assert from 'node:assert/strict'
import { AxiosAdminApi, type AdminApiOptions } from '../../../src/lib/adapters/axios-admin-api.js'
import { environmentToken } from '../../../src/lib/adapters/token-source.js'
import { CallError, type FailureKind } from '../../../src/lib/core/error.js'
import type { Configuration } from '../../../src/lib/core/server.js'
import { FakeClock } from '../../support/fakes.js'

export const TOKEN = 'secret-token-that-must-not-show'

export const CONFIGURATION: Configuration = {
  mode: 'gradual',
  percentage: 25,
  rolloutUsers: ['alice', 'bob'],
  forceLegacyUsers: ['mallory'],
  legacyFallback: false,
}

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Listening {
  readonly url: string
  readonly port: number
  readonly received: readonly Received[]
  /** Connections accepted so far. */
  readonly connections: () => number
  /** Resolves once a connection has been accepted and has closed again. */
  readonly disconnected: Promise<void>
}

/** Servers of one test, all closed at its end. */
export class Scene {
  readonly #closers: (() => Promise<void>)[] = []

  /** An HTTP server that records what it is sent. */
  http(answer: (response: ServerResponse, request: Received) => void): Promise<Listening> {
    const received: Received[] = []
    const listener: RequestListener = (request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      request.on('end', () => {
        const { method = '', url = '', headers } = request
        const entry = { method, path: url, headers, body }
        received.push(entry)
        answer(response, entry)
      })
    }
    return this.#listen(createServer(listener), received)
  }

  /** A server that writes what it likes. */
  raw(answer: (socket: Socket) => void): Promise<Listening> {
    return this.#listen(
      createRawServer((socket) => socket.once('data', () => answer(socket))),
      [],
    )
  }

  async close(): Promise<void> {
    await Promise.all(this.#closers.splice(0).map((close) => close()))
  }

  async #listen(server: Server, received: readonly Received[]): Promise<Listening> {
    const sockets = new Set<Socket>()
    let connections = 0
    let announce: () => void = () => undefined
    const disconnected = new Promise<void>((resolve) => (announce = resolve))
    server.on('connection', (socket: Socket) => {
      connections++
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        announce()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    this.#closers.push(async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    })
    return { url: `http://127.0.0.1:${port}`, port, received, connections: () => connections, disconnected }
  }
}

export function adminApi(server: string, options: Partial<AdminApiOptions> = {}): AxiosAdminApi {
  return new AxiosAdminApi({
    server,
    adminPath: '/api/websocket-admin',
    statsPath: '/api/websocket/stats',
    tokens: environmentToken(TOKEN, 'WSCTL_TOKEN'),
    timeoutMs: 5000,
    allowHttp: false,
    clock: new FakeClock(),
    ...options,
  })
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

/** The failure of a call, which must be of this kind and must not hold the token anywhere. */
export async function failureOf(work: Promise<unknown>, kind: FailureKind): Promise<CallError> {
  const error = await work.then(
    () => assert.fail('the call was expected to fail'),
    (reason: unknown) => reason,
  )
  assertWithoutToken(error)
  assert.ok(error instanceof CallError, `a CallError was expected, not ${inspect(error)}`)
  assert.equal(error.failure.kind, kind, error.message)
  return error
}

export function assertWithoutToken(error: unknown): void {
  const everything = [
    inspect(error, { depth: 20, showHidden: true }),
    JSON.stringify(error),
    error instanceof Error ? `${error.message} ${error.stack ?? ''}` : '',
  ].join('\n')
  assert.ok(!everything.includes(TOKEN), `the token shows in ${everything}`)
}
