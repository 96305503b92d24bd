import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, createServer as createRawServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
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

/** Listens with the shortest queue, tells its port, and then does nothing for ever. */
const BLACK_HOLE = `
  const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('node:fs').writeSync(1, String(server.address().port))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })
`

/** Servers of one test, all closed at its end. */
export class Scene {
  readonly #closers: (() => Promise<void>)[] = []

  /**
   * An HTTP server that records what it is sent.
   *
   * @param name of its certificate; plain HTTP when left out
   */
  http(answer: (response: ServerResponse, request: Received) => void, name?: string): Promise<Listening> {
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
    if (name === undefined) return this.#listen(createServer(listener), received)
    const identity = { cert: certificate(name), key: certificate('server-key') }
    return this.#listen(createTlsServer(identity, listener), received, 'https')
  }

  /**
   * A proxy that opens tunnels, all of them to one port of this machine whatever their names.
   *
   * @param refuse takes a tunnel that is not to be opened, and says so
   */
  proxy(port: number, refuse: (socket: Socket) => boolean = () => false): Promise<Listening> {
    const received: Received[] = []
    const server = createServer()
    server.on('connect', ({ method = '', url = '', headers }: IncomingMessage, socket: Socket) => {
      received.push({ method, path: url, headers, body: '' })
      // Its end is only noticed while it is read.
      socket.resume().once('end', () => socket.end())
      if (refuse(socket)) return
      const far = connect(port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'))
      far.on('error', () => socket.destroy())
      far.on('close', () => socket.resume())
      far.pipe(socket).pipe(far)
    })
    return this.#listen(server, received)
  }

  /** A server that writes what it likes. */
  raw(answer: (socket: Socket) => void): Promise<Listening> {
    return this.#listen(
      createRawServer((socket) => socket.once('data', () => answer(socket))),
      [],
    )
  }

  /** The port of a process that listens and takes no connection, with its queue full. */
  async blackHole(): Promise<number> {
    const child = spawn(process.execPath, ['-e', BLACK_HOLE], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [output] = (await once(child.stdout, 'data')) as [Buffer]
    const port = Number(output.toString())
    const fillers = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => undefined))
    this.#closers.push(async () => {
      const stuck = fillers.filter((socket) => socket.connecting)
      for (const socket of fillers) socket.destroy()
      child.kill('SIGKILL')
      await once(child, 'exit')
      assert.ok(stuck.length > 0, 'connections were taken after all')
    })
    return port
  }

  async close(): Promise<void> {
    await Promise.all(this.#closers.splice(0).map((close) => close()))
  }

  async #listen(server: Server, received: readonly Received[], scheme = 'http'): Promise<Listening> {
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
    return { url: `${scheme}://127.0.0.1:${port}`, port, received, connections: () => connections, disconnected }
  }
}

/** One of the certificates and keys that `make.sh` beside them made, PEM. */
export function certificate(name: string): string {
  return readFileSync(certificatePath(name), 'utf8')
}

export function certificatePath(name: string): string {
  return fileURLToPath(new URL(`../../support/certificates/${name}.pem`, import.meta.url))
}

const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'].flatMap((name) => [
  name,
  name.toUpperCase(),
])

/** Does something with these proxy settings and no others. */
export async function withProxies(
  settings: Readonly<Record<string, string>>,
  work: () => Promise<unknown>,
): Promise<void> {
  const before = PROXY_VARIABLES.map((name) => [name, process.env[name]] as const)
  for (const name of PROXY_VARIABLES) Reflect.deleteProperty(process.env, name)
  Object.assign(process.env, settings)
  try {
    await work()
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name)
      else process.env[name] = value
    }
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
