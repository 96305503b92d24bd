import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** A line to a server that can be cut, such that nobody is told: what is sent on it disappears. */
export class CutLine {
  readonly #open = new Set<Socket>()
  #isCut = false

  private constructor(
    private readonly server: Server,
    targetPort: number,
  ) {
    server.on('connection', (client) => this.#take(client, targetPort))
  }

  static async to(targetPort: number): Promise<CutLine> {
    const server = createServer({ pauseOnConnect: true })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new CutLine(server, targetPort)
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  cut(): void {
    this.#isCut = true
    for (const socket of this.#open) socket.pause()
  }

  /** Old connections are gone, as after a router forgot them; new ones go through. */
  mend(): void {
    this.#isCut = false
    for (const socket of this.#open) socket.destroy()
  }

  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy()
    this.server.close()
    await once(this.server, 'close')
  }

  #take(client: Socket, targetPort: number): void {
    this.#keep(client)
    if (this.#isCut) return
    const target = connect(targetPort, '127.0.0.1')
    this.#keep(target)
    client.on('close', () => target.destroy())
    target.on('close', () => client.destroy())
    this.#pass(client, target)
    this.#pass(target, client)
    client.resume()
  }

  #pass(from: Socket, to: Socket): void {
    from.on('data', (chunk) => {
      if (!this.#isCut) to.write(chunk)
    })
  }

  #keep(socket: Socket): void {
    this.#open.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => this.#open.delete(socket))
  }
}
