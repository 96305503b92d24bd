import { constants, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { Writable } from 'node:stream'

const RETRY_MS = 100

/**
 * Writes to a named pipe without ever blocking: opened as a file, one that nobody reads would hold a thread that
 * even the end of the process waits for. What is written before there is a reader is kept for it.
 */
export class Fifo extends Writable {
  private socket: Socket | null = null

  constructor(private readonly path: string) {
    super()
  }

  override _construct(done: (error?: Error | null) => void): void {
    if (this.destroyed) return done()
    try {
      const fd = openSync(this.path, constants.O_WRONLY | constants.O_NONBLOCK)
      this.socket = new Socket({ fd, readable: false, writable: true }).on('error', (error) => this.destroy(error))
      done()
    } catch (error) {
      // Nobody reads it yet.
      if (error instanceof Error && 'code' in error && error.code === 'ENXIO') {
        setTimeout(() => this._construct(done), RETRY_MS)
      } else done(error instanceof Error ? error : new Error(String(error)))
    }
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.socket?.write(chunk, done)
  }

  override _final(done: () => void): void {
    this.socket?.end(done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.socket?.destroy()
    done(error)
  }
}
