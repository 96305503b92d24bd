import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface RoundRobin {
  /** The one address behind which all targets answer. */
  readonly url: string
  /** Connections accepted so far. */
  readonly connections: () => number
  close(): Promise<void>
}

/**
 * A TCP proxy that gives each new connection to the next of its targets: several server processes behind one
 * address, as a load balancer or a server with several workers has them.
 *
 * @param targets base URLs
 */
export async function startRoundRobin(targets: readonly string[]): Promise<RoundRobin> {
  const sockets = new Set<Socket>()
  let connections = 0
  const keep = (socket: Socket, other: () => Socket): void => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      sockets.delete(socket)
      other().destroy()
    })
  }
  const server = createServer((client) => {
    const { hostname, port } = new URL(targets[connections++ % targets.length] ?? '')
    const target = connect(Number(port), hostname)
    keep(client, () => target)
    keep(target, () => client)
    client.pipe(target).pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
