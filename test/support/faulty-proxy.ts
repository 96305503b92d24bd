import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** What can become of one connection between wsctl and the server. */
export const NETWORK_FAULTS = {
  refused: 'the connection is reset before anything is sent on',
  'black hole': 'what is sent disappears, and nothing comes back',
  'answer lost': 'the server acts, and the connection breaks before the answer',
  late: 'the server acts, and answers after the time-out',
  truncated: 'the server acts, and half of the answer arrives',
  '503': 'a proxy answers 503 with HTML',
  'HTML 200': 'a proxy answers 200 with HTML',
  '401': 'the token is refused',
} as const
export type NetworkFault = keyof typeof NETWORK_FAULTS

const CANNED: Partial<Record<NetworkFault, string>> = {
  '503': canned('503 Service Unavailable', 'text/html', '<html><body>503 Service Unavailable</body></html>'),
  'HTML 200': canned('200 OK', 'text/html', '<html><body>Welcome</body></html>'),
  '401': canned('401 Unauthorized', 'application/json', '{"detail":"Invalid token"}'),
}

function canned(status: string, type: string, body: string): string {
  return `HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
}

/** A TCP proxy before a server: for each connection it is asked which fault strikes it, if any. */
export class FaultyProxy {
  private readonly server: Server
  private readonly open = new Set<Socket>()

  private constructor(
    private readonly targetPort: number,
    private readonly lateMs: number,
    private readonly faultOf: () => NetworkFault | null,
  ) {
    this.server = createServer((client) => this.take(client))
  }

  /** @param lateMs how much later than in time an answer comes, ms */
  static async start(
    targetPort: number,
    options: { readonly lateMs: number; readonly faultOf: () => NetworkFault | null },
  ): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(targetPort, options.lateMs, options.faultOf)
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    for (const socket of this.open) socket.destroy()
    await new Promise<void>((resolve) => this.server.close(() => resolve()))
  }

  private take(client: Socket): void {
    this.keep(client)
    const fault = this.faultOf()
    if (fault === 'refused') {
      client.resetAndDestroy()
      return
    }
    client.on('data', () => undefined)
    if (fault === 'black hole') return
    const answer = fault === null ? undefined : CANNED[fault]
    if (answer !== undefined) {
      client.once('data', () => client.end(answer))
      return
    }
    const server = connect(this.targetPort, '127.0.0.1')
    this.keep(server)
    client.pipe(server)
    const answers: Buffer[] = []
    server.on('data', (chunk: Buffer) => answers.push(chunk))
    server.on('end', () => this.passOn(Buffer.concat(answers), client, fault))
  }

  private passOn(answer: Buffer, client: Socket, fault: NetworkFault | null): void {
    switch (fault) {
      case 'answer lost':
        client.resetAndDestroy()
        return
      case 'late':
        setTimeout(() => client.end(answer), this.lateMs)
        return
      case 'truncated':
        client.end(answer.subarray(0, Math.floor(answer.length * 0.7)))
        return
      default:
        client.end(answer)
    }
  }

  private keep(socket: Socket): void {
    this.open.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => this.open.delete(socket))
  }
}
