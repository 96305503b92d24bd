import { readFile } from 'node:fs/promises'
import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { parse } from 'dotenv'
import { WebSocketServer, type WebSocket } from 'ws'
import { WsctlError } from '../core/error.js'
import { findRoute } from './admin-routes.js'
import { detail, notFound, ok, type SandboxAnswer } from './answers.js'
import { faultsSchema, NO_FAULTS, type Faults, type FaultsInput } from './faults.js'
import { send, takeFault } from './faulty-api.js'
import type { Variables } from './feature-flags.js'
import { seededRandom, type Random } from './random.js'
import { RateLimit } from './rate-limit.js'
import { ServerProcess } from './server-process.js'
import { SimulatedUsers, type Pace } from './simulated-users.js'
import { Tokens, type MintOptions } from './tokens.js'

export interface SandboxOptions {
  /** 0: any that is free. */
  readonly port?: number
  readonly adminPath?: string
  readonly statsPath?: string
  /** Where users connect. */
  readonly socketPath?: string
  /** How many simulated users there are. */
  readonly users?: number
  readonly pace?: Pace
  /** Path of the server's environment file, read at the start and at each restart. */
  readonly environmentFile?: string | null
  readonly faults?: FaultsInput
  /** A token that is taken as an admin's as it stands. */
  readonly adminToken?: string | null
  /** Requests a minute; null: no limit. */
  readonly rateLimitPerMinute?: number | null
  /** Of everything that is left to chance. */
  readonly seed?: number
}

const HOST = '127.0.0.1'
const DEFAULT_PACE: Pace = { stayMs: 15_000, awayMs: 2500 }
const CONTROL_PREFIX = '/__sandbox__'

/**
 * Starts a server with the whole admin API and a real WebSocket endpoint, for rehearsals and tests. It
 * listens on loopback alone.
 *
 * @throws WsctlError (usage) when the port is taken or the environment file cannot be read
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const environmentFile = options.environmentFile ?? null
  const sandbox = new Sandbox(options, await readVariables(environmentFile))
  await sandbox.listen(options.port ?? 0)
  return sandbox
}

export class Sandbox {
  private readonly http: Server
  private readonly sockets = new WebSocketServer({ noServer: true })
  private readonly tokens: Tokens
  private readonly rateLimit: RateLimit
  private readonly random: Random
  private readonly adminPath: string
  private readonly statsPath: string
  private readonly socketPath: string
  private faults: Faults
  private server: ServerProcess
  private users: SimulatedUsers | null = null
  private boundPort = 0

  constructor(
    private readonly options: SandboxOptions,
    variables: Variables,
  ) {
    this.adminPath = (options.adminPath ?? '/api/websocket-admin').replace(/\/+$/, '')
    this.statsPath = options.statsPath ?? '/api/websocket/stats'
    this.socketPath = options.socketPath ?? '/ws'
    this.tokens = new Tokens(options.adminToken ?? null)
    this.rateLimit = new RateLimit(options.rateLimitPerMinute ?? null)
    this.random = seededRandom(options.seed ?? 1)
    this.faults = faultsSchema.parse(options.faults ?? NO_FAULTS)
    this.server = this.boot(variables)
    this.http = createServer((request, response) => void this.answer(request, response))
    this.http.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head))
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.http.once('error', (error) => reject(cannotListen(port, error)))
      this.http.listen(port, HOST, () => resolve())
    })
    this.boundPort = (this.http.address() as AddressInfo).port
    this.users = new SimulatedUsers(
      `ws://${HOST}:${this.boundPort}${this.socketPath}`,
      this.options.pace ?? DEFAULT_PACE,
      this.random,
    )
    this.users.start(this.options.users ?? 0)
  }

  get url(): string {
    return `http://${HOST}:${this.boundPort}`
  }

  /** Where a user connects. */
  socketUrl(userId: string): string {
    return `ws://${HOST}:${this.boundPort}${this.socketPath}?user=${encodeURIComponent(userId)}`
  }

  /** Simulated users that are connected now. */
  get connectedUsers(): number {
    return this.users?.connected ?? 0
  }

  mintToken(options: MintOptions = {}): string {
    return this.tokens.mint(options)
  }

  /** Replaces all faults; what is not named is switched off. */
  setFaults(faults: FaultsInput): void {
    this.faults = faultsSchema.parse(faults)
  }

  /** A new process: counters at 0, settings from the environment file, every connection dropped. */
  async restart(): Promise<void> {
    this.server = this.boot(await readVariables(this.options.environmentFile ?? null))
    this.dropAll()
  }

  async close(): Promise<void> {
    this.users?.stop()
    this.dropAll()
    this.http.closeAllConnections()
    await new Promise<void>((resolve) => this.http.close(() => resolve()))
  }

  private boot(variables: Variables): ServerProcess {
    return new ServerProcess(variables, () => this.faults, this.random)
  }

  private dropAll(): void {
    for (const socket of this.sockets.clients) socket.terminate()
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = this.locate(request)
    const body = await readBody(request)
    // The client left in the middle of its request.
    if (body === null) return
    if (url === null) {
      send(response, notFound({ method: request.method ?? 'GET', path: request.url ?? '' }), null)
      return
    }
    if (url.pathname.startsWith(CONTROL_PREFIX)) {
      send(response, await this.control(request, url, body), null)
      return
    }
    const call = url.pathname.split('/').at(-1) ?? ''
    const { fault, left } = takeFault(this.faults, call)
    this.faults = left
    const takesEffect = fault === null || fault.applied || request.method === 'GET' || fault.kind === 'truncated'
    send(response, takesEffect ? this.dispatch(request, url, body) : ok({}), fault)
  }

  private dispatch(request: IncomingMessage, url: URL, body: string): SandboxAnswer {
    const line = { method: request.method ?? 'GET', path: decodePath(url.pathname) }
    const waitSeconds = this.rateLimit.take()
    if (waitSeconds !== null) return detail(429, 'Rate limit exceeded', { 'retry-after': String(waitSeconds) })
    if (url.pathname === this.statsPath && line.method === 'GET') return ok(this.server.describe())
    const route = line.path.startsWith(`${this.adminPath}/`)
      ? findRoute(line.method, line.path.slice(this.adminPath.length))
      : null
    if (route === null) return notFound(line)
    return this.refusal(request, line) ?? route(this.server, { ...line, query: url.searchParams, body })
  }

  /** Authentication comes before anything else (contract of the admin API, fact 9). */
  private refusal(
    request: IncomingMessage,
    line: { readonly method: string; readonly path: string },
  ): SandboxAnswer | null {
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (token === undefined) return detail(403, 'Not authenticated')
    switch (this.tokens.check(token)) {
      case null:
        return detail(401, 'Invalid token', { 'www-authenticate': 'Bearer' })
      case 'user':
        return detail(403, 'Superuser privileges required')
      case 'deleted':
        return notFound(line)
      case 'admin':
        return null
    }
  }

  /** What a rehearsal can do to the sandbox itself; it has no part in the admin API. */
  private async control(request: IncomingMessage, url: URL, body: string): Promise<SandboxAnswer> {
    const path = url.pathname.slice(CONTROL_PREFIX.length)
    if (request.method === 'POST' && path === '/restart') {
      await this.restart()
      return ok({ restarted: true })
    }
    if (path !== '/faults') return notFound({ method: request.method ?? 'GET', path: url.pathname })
    if (request.method === 'POST') {
      const parsed = faultsSchema.safeParse(parseJson(body))
      if (!parsed.success) {
        return detail(
          422,
          parsed.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; '),
        )
      }
      this.faults = parsed.data
    }
    return ok(this.faults)
  }

  /** Null for what is no path, such as the whole URL that a proxy is asked for. */
  private locate({ url = '/' }: IncomingMessage): URL | null {
    return URL.canParse(this.url + url) ? new URL(this.url + url) : null
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = this.locate(request)
    const userId = url?.searchParams.get('user') ?? null
    socket.on('error', () => undefined)
    const reject = (status: number): void => {
      const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`
      // A client that keeps its side open must not keep the sandbox from closing.
      socket.end(head, () => socket.destroy())
    }
    if (url?.pathname !== this.socketPath || userId === null) return reject(404)
    const accept = (established: (socket: WebSocket) => void): void => {
      this.sockets.handleUpgrade(request, socket, head, (client) => {
        client.on('error', () => undefined)
        established(client)
      })
    }
    this.server.router.route({ userId, accept, reject })
  }
}

async function readVariables(path: string | null): Promise<Variables> {
  if (path === null) return {}
  try {
    return parse(await readFile(path))
  } catch (error) {
    throw new WsctlError('environment-file', `the environment file ${path} cannot be read: ${reasonOf(error)}`, {
      outcome: 'usage',
      suggestions: ['name a file that can be read: --env-file FILE'],
      cause: error,
    })
  }
}

function cannotListen(port: number, error: Error): WsctlError {
  return new WsctlError('port', `the sandbox cannot listen on ${HOST}:${port}: ${error.message}`, {
    outcome: 'usage',
    suggestions: ['name another port, or 0 for any that is free: --port 0'],
    cause: error,
  })
}

/** Null when it never came whole. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  } catch {
    return null
  }
  return Buffer.concat(chunks).toString('utf8')
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
