import { writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import WebSocket from 'ws'
import { startSandbox, type Sandbox, type SandboxOptions } from '../../../src/lib/sandbox/sandbox.js'
import { TemporaryFolder } from '../../support/temporary-folder.js'

const TOKEN = 'sandbox-token'
export const ADMIN = '/api/websocket-admin'
export const STATS = '/api/websocket/stats'

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** Undefined when it is no JSON. */
  readonly body: unknown
}

/** What became of one attempt to connect. */
export type End = 'connected' | 'turned away' | 'failed'

export interface Counters {
  readonly legacy_connections: number
  readonly unified_connections: number
  readonly routing_errors: number
  readonly fallback_activations: number
}

interface Statistics {
  readonly router_stats: Counters
  readonly feature_flags: { readonly cached_assignments: number }
  readonly legacy_stats: { readonly total_connections: number } | null
  readonly unified_stats: { readonly total_connections: number } | null
}

/** A sandbox for each test, real requests and real WebSocket clients; all closed at its end. */
export class SandboxScene {
  readonly folder = new TemporaryFolder()
  readonly #sockets = new Set<WebSocket>()
  #sandbox: Sandbox | null = null

  constructor() {
    afterEach(async () => {
      for (const socket of this.#sockets) socket.terminate()
      this.#sockets.clear()
      await this.#sandbox?.close()
      this.#sandbox = null
    })
  }

  get sandbox(): Sandbox {
    if (this.#sandbox === null) throw new RangeError('no sandbox was started')
    return this.#sandbox
  }

  get environmentFile(): string {
    return this.folder.at('server.env')
  }

  /** @param environment what the server's environment file says */
  async start(environment = '', options: SandboxOptions = {}): Promise<Sandbox> {
    await writeFile(this.environmentFile, environment)
    const { environmentFile } = this
    this.#sandbox = await startSandbox({ adminToken: TOKEN, environmentFile, ...options })
    return this.#sandbox
  }

  /** One request over a connection of its own, its path sent as it stands. */
  request(
    method: string,
    path: string,
    { body, token = TOKEN }: { readonly body?: unknown; readonly token?: string | null } = {},
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        this.sandbox.url,
        {
          method,
          path,
          agent: false,
          headers: {
            ...(token !== null && { authorization: `Bearer ${token}` }),
            ...(body !== undefined && { 'content-type': 'application/json' }),
          },
        },
        (response) => {
          let text = ''
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parseJson(text) }),
          )
          response.on('error', reject)
        },
      )
      request.on('error', reject)
      request.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  }

  get(path: string): Promise<Reply> {
    return this.request('GET', path)
  }

  post(path: string, body?: unknown): Promise<Reply> {
    return this.request('POST', path, { body })
  }

  configure(body: object): Promise<Reply> {
    return this.post(`${ADMIN}/configure`, body)
  }

  async stats(): Promise<Statistics> {
    return (await this.get(STATS)).body as Statistics
  }

  /** What one of the endpoints answers, its fields looked at one by one. */
  async read(path: string): Promise<Readonly<Record<string, unknown>>> {
    return (await this.get(path)).body as Readonly<Record<string, unknown>>
  }

  async settings(): Promise<Readonly<Record<string, unknown>>> {
    const { rollout_statistics: settings } = await this.read(`${ADMIN}/status`)
    return settings as Readonly<Record<string, unknown>>
  }

  /** Connects a user; resolves when it is clear what became of it. */
  async connect(userId: string): Promise<{ readonly end: End; readonly socket: WebSocket }> {
    const socket = new WebSocket(this.sandbox.socketUrl(userId))
    this.#sockets.add(socket)
    const closed = new Promise<End>((resolve) => socket.once('close', () => resolve('turned away')))
    const opened = await new Promise<boolean>((resolve) => {
      socket.once('open', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    if (!opened) return { end: 'failed', socket }
    // A system that keeps the connection answers a ping; one that turns the user away closes it first.
    const kept = new Promise<End>((resolve) => socket.once('pong', () => resolve('connected')))
    socket.ping()
    return { end: await Promise.race([kept, closed]), socket }
  }

  /** Ends a connection, and waits until the server knows. */
  async disconnect(socket: WebSocket): Promise<void> {
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.close()
    await closed
  }
}

/** Looks again and again until it holds; the test's own time-out ends it when it never does. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
